/**
 * Lets the sweep hint again what is due.
 *
 * Trigger: operations (`queue requeue`, the page Queues). Re-checks: that a row may be claimed at this moment, by the same view as the claim. Effect: its hint is
 * forgotten and the next sweep, within a second, gives another; with `backedOff` also what rests after a failed attempt is tried now. Nothing can go out twice of
 * it: a hint is a wake-up, and the row is claimed once. A repeat does the same again.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { endBackOff, forgetDueHints, type Requeued } from "../db/requeue.ts";
import { transactOrRehearse } from "../db/transact-or-rehearse.ts";
import type { ChangeOptions } from "./change-facts.ts";
import { QUEUES_ID } from "./steer-queue.ts";

export type RequeueRequest = {
  /** Null: every channel. */
  readonly channel: "email" | "sms" | null;
  readonly backedOff: boolean;
};

export type RequeueResult = {
  readonly due: readonly Requeued[];
  /** What rested after a failed attempt; empty unless it was asked for. */
  readonly rested: readonly Requeued[];
  readonly dryRun: boolean;
};

export async function requeueDue(
  { db }: { db: Database },
  { channel, backedOff }: RequeueRequest,
  { actor, dryRun }: Pick<ChangeOptions, "actor" | "dryRun">,
): Promise<RequeueResult> {
  return transactOrRehearse(db, { dryRun }, async (tx) => {
    const { now } = await readClinicTime(tx);
    const due = await forgetDueHints(tx, { channel, now });
    const rested = backedOff ? await endBackOff(tx, { channel, now }) : [];
    const data = { channel, due: sum(due), rested: sum(rested) };
    await appendEvents(tx, [{ kind: "queue.requeued", clinicId: null, subjectId: QUEUES_ID, actor, data }]);
    return { due, rested, dryRun };
  });
}

function sum(rows: readonly Requeued[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}
