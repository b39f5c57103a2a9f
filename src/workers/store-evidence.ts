/**
 * Stores what the providers said, and what follows from it. What is told only once must not be lost with a connection: a database that is away for a moment is
 * tried again, for some eight seconds; a repeat stores nothing twice. After that the rows are found as sent and unrecorded, and become unknown.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type AddressFailure, failAddresses } from "../db/address-failures.ts";
import type { Database, Tx } from "../db/database.ts";
import { lockPatients, raisePlanRevision } from "../db/plans.ts";
import { type Evidence, recordEvidence } from "../db/sends.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import { transact } from "../db/transact.ts";
import type { PatientId, TouchpointId } from "../domain/ids.ts";
import { faultPoint } from "../fault-point.ts";
import type { Log } from "../log.ts";

type Deps = {
  readonly db: Database;
  readonly log: Log;
  readonly replan: (patientIds: readonly PatientId[]) => Promise<void>;
};

/** Whom each message was for, and the blind index of the address that it was written to. */
type Context = { readonly receivers: ReadonlyMap<TouchpointId, { readonly patientId: PatientId; readonly addressIndex: Buffer }> };

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
  const refusals = evidence.filter(isRefusal);
  const others = evidence.filter((each) => !isRefusal(each));
  faultPoint("before-record");
  if (others.length > 0) await recordEvidence(db, others);
  if (refusals.length > 0) await replan(await transact(db, (tx) => recordRefusals(tx, refusals, context)));
  faultPoint("after-record");
}

function isRefusal({ touchpointState }: Evidence): boolean {
  return touchpointState === "failed";
}

/**
 * A dead address, a carrier's opt-out and an address that fails are facts, and stored with what told them: the fallback is the next plan. They are so even where
 * the answer came too late to decide about its touchpoint, which has been sent again, or is held, by then.
 */
async function recordRefusals(tx: Tx, refusals: readonly Evidence[], { receivers }: Context): Promise<PatientId[]> {
  const patients = refusals.flatMap(({ id }) => receivers.get(id)?.patientId ?? []);
  // Patients before touchpoints, as every plan locks them.
  await lockPatients(tx, patients);
  const { touchpoints, deliveries } = await recordEvidence(tx, refusals);
  await closeSettledTasks(tx, patients);
  const [decided, answered] = [new Set(touchpoints), new Set(deliveries)];
  const news = refusals.filter(({ id, deliveryId }) => decided.has(id) || answered.has(deliveryId));
  const failures = news.flatMap(({ id, reason }) => toFailure(id, { reason, addressIndex: receivers.get(id)?.addressIndex ?? null }));
  const affected = [...new Set([...patients, ...(await failAddresses(tx, failures))])];
  await raisePlanRevision(tx, affected);
  return affected;
}

/** What a refusal says of the address; one of our words says nothing of it. */
function toFailure(
  touchpointId: TouchpointId,
  { reason, addressIndex }: { reason: string | null; addressIndex: Buffer | null },
): AddressFailure[] {
  if (reason === "content-refused") return [];
  return [{ touchpointId, addressIndex, why: reason === "bad-address" || reason === "opted-out" ? reason : "unreachable" }];
}
