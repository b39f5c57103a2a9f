/**
 * Says loudly which approvals in use lack words that every approval needs, before somebody needs them.
 *
 * Trigger: every hour in every worker process, at its start first. Re-checks: everything, from the rows. Effect: a line in the log for each such approval.
 * Approving the protocol again ends it. A repeat says it again.
 */
import type { Database } from "../db/database.ts";
import { listMissingWords } from "../db/missing-words.ts";
import type { Log } from "../log.ts";
import { HOUSE_WORDS } from "../messages/protocol-templates.ts";

/** Returns how many approvals lack any. */
export async function sayMissingWords({ db, log }: { readonly db: Database; readonly log: Log }): Promise<number> {
  const missing = await listMissingWords(db, { needed: HOUSE_WORDS, clinicId: null });
  const byApproval = Map.groupBy(missing, ({ approvalId }) => approvalId);
  for (const lacking of byApproval.values()) {
    const gravest = lacking.find(({ stem }) => stem === "answer-crisis") ?? lacking[0];
    if (gravest)
      log.error("approval.words-missing", {
        clinicId: gravest.clinicId,
        // Its number alone: names of protocols name what is given.
        version: gravest.protocol.replace(/^.*@/, ""),
        kind: `${gravest.stem}.${gravest.locale}`,
        count: lacking.length,
      });
  }
  return byApproval.size;
}
