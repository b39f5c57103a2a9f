/**
 * Changes facts of patients and what follows from them, in one transaction.
 *
 * Trigger: staff, through a producer of their own verb. Re-checks: that the patient's plan is at the revision the person saw, and whatever the producer asks,
 * under the patient's lock. Effect: the fact, its event, and the plan that follows: rows that the fact forbids are silenced before anybody else can claim them.
 * With `dryRun` everything happens and is taken back, so that what is shown is what would be done. A repeat that finds nothing to change stores nothing.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database, Tx } from "../db/database.ts";
import { appendEvents, type AuditEvent } from "../db/events.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { lockPatients, raisePlanRevision, takeBackHints } from "../db/plans.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";
import type { Fault } from "../domain/fault.ts";
import type { PatientId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { hintAfterCommit } from "./hint-touchpoints.ts";
import { planPatients, type PlanResult } from "./plan-patient.ts";
import type { TouchpointChange } from "./touchpoint-change.ts";

export type ChangeDeps = {
  readonly db: Database;
  readonly queues: Pick<Queues, "queue">;
  readonly tokens: LinkTokens;
  readonly vault: Vault;
  readonly log: Log;
};

export type ChangeOptions = {
  /** Who asks: `staff:<name>` or the program's own name. */
  readonly actor: string;
  /** Shows what would change and stores nothing. */
  readonly dryRun: boolean;
  /** The `plan_revision` that the person saw; another one is refused. Null: whatever it is. */
  readonly ifRevision: number | null;
};

/** What a producer's own part did to the rows. */
export type Written<Value> =
  | { readonly kind: "written"; readonly value: Value; readonly events: readonly AuditEvent[]; readonly warnings: readonly string[] }
  | { readonly kind: "same" }
  | Refused;

export type Refused = { readonly kind: "refused"; readonly faults: readonly Fault[] };

export type Changed<Value> =
  | {
      readonly kind: "changed";
      readonly value: Value;
      readonly warnings: readonly string[];
      /** Of the first of the patients, after the change. */
      readonly revision: number;
      readonly touchpoints: readonly TouchpointChange[];
      /** True when nothing was stored: a dry run. */
      readonly dryRun: boolean;
    }
  | { readonly kind: "same" }
  | Refused;

export type Moment = { readonly now: Instant };

/** Writes the fact with `write` under the locks of these patients, and plans them. Patients that do not exist are not locked: `write` finds that out. */
export async function changeFacts<Value>(
  deps: ChangeDeps,
  { patientIds, write }: { patientIds: readonly PatientId[]; write: (tx: Tx, moment: Moment) => Promise<Written<Value>> },
  options: ChangeOptions,
): Promise<Changed<Value>> {
  try {
    const done = await transact(deps.db, (tx) => change(tx, { patientIds, write, tokens: deps.tokens }, options));
    if (!("plan" in done)) return done;
    await hintAfterCommit(deps, done.plan.due);
    return done.changed;
  } catch (error) {
    if (error instanceof DryRun) return error.shown as Changed<Value>;
    throw error;
  }
}

/** Carries what was found out of a transaction that is taken back: by a dry run, or by a refusal. */
class DryRun extends Error {
  readonly shown: unknown;
  constructor(shown: unknown) {
    super("A dry run stores nothing");
    this.name = "DryRun";
    this.shown = shown;
  }
}

type Work<Value> = {
  patientIds: readonly PatientId[];
  write: (tx: Tx, moment: Moment) => Promise<Written<Value>>;
  tokens: LinkTokens;
};

async function change<Value>(
  tx: Tx,
  { patientIds, write, tokens }: Work<Value>,
  { dryRun, ifRevision }: ChangeOptions,
): Promise<{ changed: Changed<Value>; plan: PlanResult } | Exclude<Changed<Value>, { kind: "changed" }>> {
  const first = (await lockPatients(tx, patientIds)).find(({ id }) => id === patientIds[0]);
  if (ifRevision !== null && first && first.revision !== ifRevision) return stale(ifRevision, first.revision);
  await takeBackHints(tx, patientIds);
  const { now } = await readClinicTime(tx);
  const written = await write(tx, { now });
  // Thrown, so that whatever it wrote before it found out is taken back with it.
  if (written.kind !== "written") throw new DryRun(written);
  await raisePlanRevision(tx, patientIds);
  await appendEvents(tx, written.events);
  const plan = await planPatients(tx, patientIds, tokens);
  const [after] = await lockPatients(tx, patientIds.slice(0, 1));
  const { value, warnings } = written;
  const changed: Changed<Value> = {
    kind: "changed",
    value,
    warnings,
    revision: after?.revision ?? 0,
    touchpoints: plan.changes(),
    dryRun,
  };
  if (dryRun) throw new DryRun(changed);
  return { changed, plan };
}

function stale(seen: number, stored: number): Refused {
  return {
    kind: "refused",
    faults: [
      {
        path: "revision",
        value: String(seen),
        expected: `${stored}: the plan has changed since it was looked at; look at it again (afterglow series show)`,
      },
    ],
  };
}

/** A refusal with one fault. */
export function refuse(path: string, value: string | undefined, expected: string): Refused {
  return { kind: "refused", faults: [{ path, expected, ...(value === undefined ? {} : { value }) }] };
}
