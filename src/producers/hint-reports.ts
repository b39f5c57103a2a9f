/** Asks the workers to fold reports that were stored. Called after they were; when the queue does not take it, they are found as unfolded within seconds. */
import type { ProviderEventId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { recordDelivery, REPORTS_PER_JOB } from "../queues/record-delivery.ts";

/** Resolves once the queue has them or has refused; never rejects. */
export async function hintReports(
  { queues, log }: { queues: Pick<Queues, "queue">; log: Log },
  ids: readonly ProviderEventId[],
): Promise<void> {
  const jobs = Array.from({ length: Math.ceil(ids.length / REPORTS_PER_JOB) }, (_, index) => ({
    data: { eventIds: ids.slice(index * REPORTS_PER_JOB, (index + 1) * REPORTS_PER_JOB) },
    delayMs: 0,
  }));
  try {
    await queues.queue(recordDelivery).add(jobs);
  } catch (error) {
    log.warn("hint.lost", { queue: recordDelivery.name, count: ids.length, kind: error instanceof Error ? error.name : "unknown" });
  }
}
