/**
 * Asks the workers to plan patients whose facts have changed. Called after commit; when the queue does not take it, the sweep finds the patients by their
 * revision. `everyMs` spreads the jobs, in milliseconds of machine time, so that one clinic's many patients leave room for the others'.
 */
import type { PatientId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { PATIENTS_PER_JOB, planSeries } from "../queues/plan-series.ts";

export async function requestPlans(
  { queues, log }: { queues: Pick<Queues, "queue">; log: Log },
  patientIds: readonly PatientId[],
  { everyMs = 0 }: { everyMs?: number } = {},
): Promise<void> {
  const jobs = Array.from({ length: Math.ceil(patientIds.length / PATIENTS_PER_JOB) }, (_, index) => ({
    data: { patientIds: patientIds.slice(index * PATIENTS_PER_JOB, (index + 1) * PATIENTS_PER_JOB) },
    delayMs: index * everyMs,
  }));
  try {
    await queues.queue(planSeries).add(jobs);
  } catch (error) {
    log.warn("hint.lost", { queue: planSeries.name, count: patientIds.length, kind: error instanceof Error ? error.name : "unknown" });
  }
}
