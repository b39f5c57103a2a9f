/** Turns due touchpoints into hints: one job for up to 50 ids of one channel and one sender with the same moment. Called after commit, never inside a transaction. */
import { type ClinicTime, toQueueDelay } from "../clock.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import type { Instant } from "../domain/calendar.ts";
import type { SenderId, TouchpointId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import type { Job, Queues } from "../queues/backend.ts";
import { type SendHint, sendEmail, sendSms, TOUCHPOINTS_PER_HINT } from "../queues/send-hints.ts";

export type DueTouchpoint = {
  readonly id: TouchpointId;
  readonly channel: "email" | "sms";
  readonly senderId: SenderId;
  readonly tryAt: Instant;
};

/** Adds the hints; a queue that is away makes it throw, and the sweep hints the rows again within seconds. Returns the number of jobs. */
export async function hintTouchpoints(queues: Pick<Queues, "queue">, due: readonly DueTouchpoint[], time: ClinicTime): Promise<number> {
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

function toJobs(due: readonly DueTouchpoint[], time: ClinicTime): Job<SendHint>[] {
  const groups = Map.groupBy(due, ({ senderId, tryAt }) => `${senderId}/${Math.max(tryAt, time.now)}`);
  return [...groups.values()].flatMap((group) => {
    const delayMs = toQueueDelay(group[0]?.tryAt ?? time.now, time);
    const ids = group.map(({ id }) => id);
    return Array.from({ length: Math.ceil(ids.length / TOUCHPOINTS_PER_HINT) }, (_, index) => ({
      data: { touchpointIds: ids.slice(index * TOUCHPOINTS_PER_HINT, (index + 1) * TOUCHPOINTS_PER_HINT) },
      delayMs,
    }));
  });
}
