/** Turns due touchpoints into hints: one job for up to 200 ids of one channel and one sender with the same moment. Called after commit, never inside a transaction. */
import { type ClinicTime, toQueueDelay } from "../clock.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { type Instant, instant } from "../domain/calendar.ts";
import type { SenderId, TouchpointId } from "../domain/ids.ts";
import { faultPoint } from "../fault-point.ts";
import type { Log } from "../log.ts";
import type { Job, Queues } from "../queues/backend.ts";
import { type SendHint, sendEmail, sendSms, toHints } from "../queues/send-hints.ts";

export type DueTouchpoint = {
  readonly id: TouchpointId;
  readonly channel: "email" | "sms";
  readonly senderId: SenderId;
  readonly tryAt: Instant;
};

/** Adds the hints; a queue that is away makes it throw, and the sweep hints the rows again within seconds. Returns the number of jobs. */
export async function hintTouchpoints(queues: Pick<Queues, "queue">, due: readonly DueTouchpoint[], time: ClinicTime): Promise<number> {
  faultPoint("before-hint");
  const [emails, texts] = [due.filter(({ channel }) => channel === "email"), due.filter(({ channel }) => channel === "sms")].map((each) =>
    toJobs(each, time),
  );
  await Promise.all([queues.queue(sendEmail).add(emails ?? []), queues.queue(sendSms).add(texts ?? [])]);
  return (emails?.length ?? 0) + (texts?.length ?? 0);
}

type HintDeps = { readonly db: Database; readonly queues: Pick<Queues, "queue">; readonly log: Log };

/** Hints what a producer made due. A queue that is away costs a second and a line in the log, because the sweep hints it too. */
export async function hintAfterCommit({ db, queues, log }: HintDeps, due: readonly DueTouchpoint[]): Promise<void> {
  if (due.length === 0) return;
  try {
    await hintTouchpoints(queues, due, await readClinicTime(db));
  } catch (error) {
    log.warn("hint.lost", { count: due.length, kind: error instanceof Error ? error.name : "unknown" });
  }
}

/** Moments so close together share a hint, which wakes at the last of them: a job of its own for each costs more than the milliseconds that it waits. */
const TOGETHER_MS = 12;

/** Wakes so long before the moment: what the queue needs to notice that a delay is over, and the worker to load and write. The worker waits for the moment before it claims. */
const EARLY_MS = 15;

/** The first hint of every sender before the second of any: a clinic with a long backlog must not stand in front of the others. */
function toJobs(due: readonly DueTouchpoint[], time: ClinicTime): Job<SendHint>[] {
  const groups = Map.groupBy(due, ({ senderId, tryAt }) => `${senderId}/${Math.ceil(Math.max(tryAt - time.now, 0) / TOGETHER_MS)}`);
  const jobs = [...groups.values()].flatMap((group) => {
    const last = instant(Math.max(...group.map(({ tryAt }) => tryAt)));
    const delayMs = Math.max(0, toQueueDelay(last, time) - EARLY_MS);
    return toHints(group.map(({ id }) => id)).map((data, turn) => ({ turn, job: { data, delayMs } }));
  });
  return jobs.toSorted((a, b) => a.turn - b.turn).map(({ job }) => job);
}
