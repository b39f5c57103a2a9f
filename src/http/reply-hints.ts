/**
 * Has a text handled that a webhook stored: by a worker, or by this process where it cannot wait for one. It never sends anything to a patient; what it may do by
 * itself is to write rows and to page staff.
 */
import { classifyReply } from "../domain/classify-reply.ts";
import type { InboundId } from "../domain/ids.ts";
import { handleReply as handle, type ReplyDeps } from "../producers/handle-reply.ts";
import { handleReply } from "../queues/handle-reply.ts";

export type ReplyHints = {
  /** Has it handled within a moment; waits for nothing and never fails. */
  add(id: InboundId, body: string): void;
  /** Waits for everything that is under way. */
  flush(): Promise<void>;
};

export function makeReplyHints(deps: ReplyDeps): ReplyHints {
  const underWay = new Set<Promise<void>>();
  return {
    add: (id, body) => {
      const work = handOver(deps, id, body).finally(() => underWay.delete(work));
      underWay.add(work);
    },
    flush: async () => {
      await Promise.all(underWay);
    },
  };
}

/** Whoever may be in danger is not queued behind anything, and a queue that refuses, or keeps silent for a second, is done without. */
async function handOver(deps: ReplyDeps, id: InboundId, body: string): Promise<void> {
  const isUrgent = classifyReply({ body, media: 0, carrierKeyword: null }).crisis !== null;
  const isTaken = !isUrgent && (await hint(deps, id));
  if (isTaken) return;
  try {
    await handle(deps, id);
  } catch (error) {
    // The repair of every worker finds it within seconds.
    deps.log.error("reply.failed", { inboundId: id, error });
  }
}

async function hint({ queues, log }: ReplyDeps, inboundId: InboundId): Promise<boolean> {
  try {
    await queues.queue(handleReply).add([{ data: { inboundId }, delayMs: 0 }]);
    return true;
  } catch (error) {
    log.warn("hint.lost", { queue: handleReply.name, count: 1, kind: error instanceof Error ? error.name : "unknown" });
    return false;
  }
}
