/**
 * Stores what the providers said, and what follows from it. What is told only once must not be lost with a connection: a database that is away is tried again for
 * a minute and a half, until just before the sweep takes the rows for lost; what it refuses for a reason of its own, for some eight seconds. A repeat stores nothing
 * twice. After that the rows are found as sent and unrecorded, and become unknown.
 */
import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs } from "../clock.ts";
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

/** Of a statement that the database understood and refused. */
const TRIES = 6;
/** Of a database that is away: less than the two minutes after which a row in hand counts as lost, the call to the provider included. */
const AWAY_MS = 90_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

export async function storeEvidence(deps: Deps, evidence: readonly Evidence[], context: Context): Promise<void> {
  if (evidence.length === 0) return;
  const began = monotonicMs();
  for (let attempt = 1; ; attempt++)
    try {
      return await store(deps, evidence, context);
    } catch (error) {
      deps.log.error("record.failed", { attempt, count: evidence.length, error });
      if (isRefused(error) ? attempt >= TRIES : monotonicMs() - began > AWAY_MS) throw error;
      // A process that is told to stop does not live on for this.
      await wait(Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS), undefined, { ref: false });
    }
}

/** SQLSTATE classes of what is wrong with the statement or its values: waiting does not help. Everything else is the server's or the line's. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(?:2[1-3]|42|P0)/.test(String(error.code));
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
