/**
 * Takes a text out of the inbox: somebody has read it and done what it asked.
 *
 * Trigger: staff (`reply close`). Re-checks: that it waits in the inbox. Effect: closed, with who did it in the audit; when nothing else of that patient waits, the
 * task to read it ends as well, but never a critical one. A repeat changes nothing.
 */
import { appendEvents } from "../db/events.ts";
import type { Database } from "../db/database.ts";
import { transact } from "../db/transact.ts";
import { closeInbox, closeReadTasks, findReply, hasOpenReplies } from "../db/view-replies.ts";
import type { InboundId } from "../domain/ids.ts";
import { refuse, type Refused } from "./change-facts.ts";

export type ClosedReply = { readonly kind: "closed"; readonly tasksClosed: number } | { readonly kind: "same" } | Refused;

export async function closeReply(db: Database, id: InboundId, actor: string): Promise<ClosedReply> {
  return transact(db, async (tx) => {
    const reply = await findReply(tx, id);
    if (!reply) return refuse("reply", undefined, "the id of a text that came in (afterglow reply list)");
    if (!(await closeInbox(tx, id, actor))) return { kind: "same" };
    const { patientId, clinicId } = reply;
    const tasksClosed = patientId !== null && !(await hasOpenReplies(tx, patientId)) ? await closeReadTasks(tx, patientId, actor) : 0;
    await appendEvents(tx, [{ kind: "reply.closed", clinicId, subjectId: patientId ?? id, actor }]);
    return { kind: "closed", tasksClosed };
  });
}
