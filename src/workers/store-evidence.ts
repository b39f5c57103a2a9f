/**
 * Stores what the providers said, and what follows from it. What is told only once must not be lost with a connection: a database that is away for a moment is
 * tried again, for some eight seconds; a repeat stores nothing twice. After that the rows are found as sent and unrecorded, and become unknown.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Database, Tx } from "../db/database.ts";
import { lockPatients, raisePlanRevision } from "../db/plans.ts";
import { type Evidence, markAddresses, recordEvidence } from "../db/sends.ts";
import { transact } from "../db/transact.ts";
import type { PatientId, TouchpointId } from "../domain/ids.ts";
import type { Log } from "../log.ts";

type Deps = {
  readonly db: Database;
  readonly log: Log;
  readonly replan: (patientIds: readonly PatientId[]) => Promise<void>;
};

type Context = { readonly patientOf: ReadonlyMap<TouchpointId, PatientId> };

const TRIES = 6;
const FIRST_WAIT_MS = 250;

export async function storeEvidence(deps: Deps, evidence: readonly Evidence[], context: Context): Promise<void> {
  if (evidence.length === 0) return;
  for (let attempt = 1; ; attempt++)
    try {
      return await store(deps, evidence, context);
    } catch (error) {
      deps.log.error("record.failed", { attempt, count: evidence.length, error });
      if (attempt >= TRIES) throw error;
      await wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
    }
}

async function store({ db, replan }: Deps, evidence: readonly Evidence[], context: Context): Promise<void> {
  const refusals = evidence.filter(isAboutAddress);
  const others = evidence.filter((each) => !isAboutAddress(each));
  if (others.length > 0) await recordEvidence(db, others);
  if (refusals.length > 0) await replan(await transact(db, (tx) => recordRefusals(tx, refusals, context)));
}

function isAboutAddress({ reason }: Evidence): boolean {
  return reason === "bad-address" || reason === "opted-out";
}

/** A dead address and a carrier's opt-out are facts, and stored with what told them: the fallback is the next plan. */
async function recordRefusals(tx: Tx, refusals: readonly Evidence[], { patientOf }: Context): Promise<PatientId[]> {
  // Patients before touchpoints, as every plan locks them.
  await lockPatients(
    tx,
    refusals.flatMap(({ id }) => patientOf.get(id) ?? []),
  );
  await recordEvidence(tx, refusals);
  const affected = new Set<PatientId>();
  for (const [reason, why] of [
    ["bad-address", "dead"],
    ["opted-out", "opted-out"],
  ] as const) {
    const ids = refusals.filter((each) => each.reason === reason).map(({ id }) => id);
    if (ids.length > 0) for (const patientId of await markAddresses(tx, ids, why)) affected.add(patientId);
  }
  await raisePlanRevision(tx, [...affected]);
  return [...affected];
}
