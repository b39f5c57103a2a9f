/**
 * Stops sending, of everything or of a part of it, and lets it go on.
 *
 * Trigger: staff (`switch off`, `switch on`). Re-checks: whether that very switch is off already, in the insert itself. Effect: from the commit on nothing that
 * it covers is claimed or hinted; what is in the hands of a provider is not called back, and work for staff goes on. What ends meanwhile is expired and seen;
 * what is still of use when the switch is on again goes then. A repeat changes nothing.
 */
import type { Database, Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { countCovered, type Coverage, putOff, putOn, type Stopped } from "../db/switches.ts";
import { transactOrRehearse } from "../db/transact-or-rehearse.ts";
import type { SwitchId } from "../domain/ids.ts";
import type { ChangeOptions } from "./change-facts.ts";

type Options = Pick<ChangeOptions, "actor" | "dryRun">;

export type Switched =
  | { readonly kind: "switched"; readonly id: SwitchId; readonly covered: Stopped; readonly dryRun: boolean }
  | { readonly kind: "same" };

export async function switchOff(
  { db }: { db: Database },
  { reason, ...coverage }: Coverage & { readonly reason: string },
  { actor, dryRun }: Options,
): Promise<Switched> {
  return transactOrRehearse(db, { dryRun }, async (tx) => {
    const id = await putOff(tx, coverage, { reason, actor });
    return id ? tell(tx, { id, coverage, kind: "sending.switched-off" }, { actor, dryRun }) : { kind: "same" };
  });
}

export async function switchOn({ db }: { db: Database }, coverage: Coverage, { actor, dryRun }: Options): Promise<Switched> {
  return transactOrRehearse(db, { dryRun }, async (tx) => {
    const id = await putOn(tx, coverage);
    return id ? tell(tx, { id, coverage, kind: "sending.switched-on" }, { actor, dryRun }) : { kind: "same" };
  });
}

async function tell(
  tx: Tx,
  { id, coverage, kind }: { id: SwitchId; coverage: Coverage; kind: string },
  { actor, dryRun }: Options,
): Promise<Switched> {
  const { scope, clinicId, subject } = coverage;
  await appendEvents(tx, [{ kind, clinicId, subjectId: id, actor, data: { scope, subject } }]);
  return { kind: "switched", id, covered: await countCovered(tx, coverage), dryRun };
}
