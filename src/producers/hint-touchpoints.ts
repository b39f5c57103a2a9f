/** Turns due touchpoints into hints: one job for up to 50 ids of one channel and one sender with the same moment. Called after commit, never inside a transaction. */
import { type ClinicTime, toQueueDelay } from "../clock.ts";
import type { Instant } from "../domain/calendar.ts";
import type { SenderId, TouchpointId } from "../domain/ids.ts";
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
