/**
 * Writes into the story of an alert that the crisis text did not come through: whoever calls must not think that the person has read it.
 *
 * Trigger: every ten seconds in every worker process. Re-checks: the state of the answer and what its provider reported. Effect: an event of the alert, and where
 * nobody has it yet the next page now. A repeat finds nothing new; two at once write the same event twice at most.
 */
import { pageNow } from "../db/alert-pages.ts";
import { findBlockedAnswers } from "../db/blocked-answers.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";

/** Returns how many are new. */
export async function tellBlockedAnswers({ db }: { readonly db: Database }): Promise<number> {
  return transact(db, async (tx) => {
    const blocked = await findBlockedAnswers(tx);
    await appendEvents(
      tx,
      blocked.map(({ alertId, clinicId, answerId, why }) => ({
        kind: "alert.answer-blocked",
        clinicId,
        subjectId: alertId,
        actor: "afterglow",
        data: { answer: answerId, why },
      })),
    );
    await pageNow(
      tx,
      blocked.map(({ alertId }) => alertId),
    );
    return blocked.length;
  });
}
