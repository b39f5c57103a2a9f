/**
 * Has staff paged for alerts that have just been committed.
 *
 * Trigger: an answer, a text or a silence whose transaction raised alerts. Re-checks: nothing; whoever pages looks at the row. Effect: a job for each alert; where
 * the queue does not take it, this process pages by itself. A repeat pages nobody twice, because a step is claimed once. When the process dies before it gets
 * here, the sweep of every worker finds the alert as due within seconds.
 */
import type { PageStaff } from "../domain/alert.ts";
import type { AlertId } from "../domain/ids.ts";
import { faultPoint } from "../fault-point.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { pageStaff as pages } from "../queues/page-staff.ts";

export type PageDeps = { readonly queues: Pick<Queues, "queue">; readonly pageStaff: PageStaff; readonly log: Log };

/**
 * Resolves once the queue has them, or has refused or kept silent for a second and paging by hand has begun; never rejects, and never waits for a provider.
 * `pageStaff` of the composition root is waited for when the process ends.
 */
export async function pageAfterCommit({ queues, pageStaff, log }: PageDeps, ids: readonly AlertId[]): Promise<void> {
  if (ids.length === 0) return;
  faultPoint("before-page");
  try {
    await queues.queue(pages).add(ids.map((alertId) => ({ data: { alertId }, delayMs: 0 })));
  } catch (error) {
    log.warn("hint.lost", { queue: pages.name, count: ids.length, kind: error instanceof Error ? error.name : "unknown" });
    for (const id of ids) pageStaff(id).catch((failure: unknown) => log.error("page.failed", { kind: "direct", error: failure }));
  }
}
