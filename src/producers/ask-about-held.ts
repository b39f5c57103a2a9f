/**
 * Asks whoever has an alert what becomes of the messages that it keeps back and that a visit needs.
 *
 * Trigger: every half minute in every worker process, and after an alert is raised by staff. Re-checks: everything, from the rows, in one transaction. Effect: a
 * task `decide` for each such message a day before it is due; one that is undecided four hours before its last moment has the alert paged again; tasks about
 * what is decided are closed. A repeat finds nothing left to ask. Nothing is ever sent by itself.
 */
import { insertDecideTasks, listDecided, pageUndecided } from "../db/alert-holds.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import { transact } from "../db/transact.ts";
import { type PageDeps, pageAfterCommit } from "./page-after-commit.ts";

/** Returns how many tasks are new. */
export async function askAboutHeld(deps: PageDeps & { readonly db: Database }): Promise<number> {
  const { asked, late } = await transact(deps.db, async (tx) => {
    await closeSettledTasks(tx, await listDecided(tx));
    const asked = await insertDecideTasks(tx);
    const late = await pageUndecided(tx);
    await appendEvents(
      tx,
      late.map(({ id, clinicId }) => ({ kind: "alert.undecided", clinicId, subjectId: id, actor: "afterglow" })),
    );
    return { asked, late };
  });
  await pageAfterCommit(
    deps,
    late.map(({ id }) => id),
  );
  return asked;
}
