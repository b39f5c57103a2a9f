/**
 * Raises an alert where silence itself is the sign: a watched patient who has not answered the check on the day after, and a session at home whose end nobody has
 * reported.
 *
 * Trigger: every minute in every worker process. Re-checks: everything, from the rows; a source raises each kind once, whoever comes first. Effect: the alerts,
 * and staff paged. A repeat raises nothing more.
 */
import type { Database } from "../db/database.ts";
import { findUnansweredChecks, findUnreportedEnds } from "../db/silences.ts";
import { transact } from "../db/transact.ts";
import { type PageDeps, pageAfterCommit } from "./page-after-commit.ts";
import { raiseAlerts } from "./raise-alerts.ts";

/** Returns how many are new. */
export async function raiseSilenceAlerts(deps: PageDeps & { readonly db: Database }): Promise<number> {
  const causes = [...(await findUnansweredChecks(deps.db)), ...(await findUnreportedEnds(deps.db))];
  if (causes.length === 0) return 0;
  const raised = await transact(deps.db, (tx) => raiseAlerts(tx, causes, { actor: "afterglow" }));
  await pageAfterCommit(deps, raised);
  return raised.length;
}
