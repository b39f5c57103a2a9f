/**
 * Works on `handle-reply`.
 *
 * Trigger: a webhook that stored a text, and for whatever that hint lost, {@link repairReplies}. Re-checks, effect and a repeat: those of the producer.
 */
import { findUnhandled } from "../db/inbound-messages.ts";
import type { InboundId } from "../domain/ids.ts";
import { handleReply, type ReplyDeps } from "../producers/handle-reply.ts";

export function handleRepliesOf(deps: ReplyDeps): (job: { inboundId: InboundId }) => Promise<{ handled: number }> {
  return async ({ inboundId }) => ({ handled: await handleReply(deps, inboundId) });
}

/** How long a hint has before its text is looked for. */
const LOST_AFTER_SECONDS = 3;
const REPAIRED_AT_ONCE = 200;

/** Handles what was stored and not handled for a few seconds, oldest first; one that fails never keeps the others. Returns how many it handled. */
export async function repairReplies(deps: ReplyDeps): Promise<number> {
  let handled = 0;
  for (const id of await findUnhandled(deps.db, { olderThanSeconds: LOST_AFTER_SECONDS, limit: REPAIRED_AT_ONCE }))
    try {
      handled += await handleReply(deps, id);
    } catch (error) {
      deps.log.error("reply.failed", { inboundId: id, error });
    }
  return handled;
}
