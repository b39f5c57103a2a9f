/** Tokens of senders' rate buckets that this process has taken and not spent. A fast sender's are taken a tenth of a second's worth at a time; a slow one's as they are needed. */
import { monotonicMs } from "../clock.ts";
import { takeTokens } from "../db/sends.ts";
import type { Database } from "../db/database.ts";
import type { SenderId } from "../domain/ids.ts";

export type TokenPurse = {
  /** Takes up to `wanted`; when there are fewer, `nextInMs` says when the bucket will have the next one. */
  take(senderId: SenderId, wanted: number): Promise<{ granted: number; nextInMs: number }>;
};

/** Tokens kept for longer would let a sender that was idle burst beyond its rate. */
const KEEP_MS = 200;

export function makeTokenPurse(db: Database): TokenPurse {
  const kept = new Map<SenderId, { count: number; until: number }>();
  return {
    async take(senderId, wanted) {
      const purse = kept.get(senderId);
      const have = purse && purse.until > monotonicMs() ? Math.min(purse.count, wanted) : 0;
      if (purse && have > 0) purse.count -= have;
      if (have === wanted) return { granted: wanted, nextInMs: 0 };
      const { granted, nextInMs } = await takeTokens(db, senderId, wanted - have);
      const all = have + granted;
      if (all > wanted) kept.set(senderId, { count: all - wanted, until: monotonicMs() + KEEP_MS });
      return { granted: Math.min(all, wanted), nextInMs };
    },
  };
}
