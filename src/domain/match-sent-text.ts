/** Finds, among the texts that a provider has for a number, the one that an attempt of ours may have left there. */
import { type Instant, instant, MINUTE } from "./calendar.ts";

/** A text as the provider lists it; `matches` is whether its body is the one of the attempt, null when the provider no longer keeps the body. */
export type ListedText = { readonly sid: string; readonly createdAt: Instant; readonly matches: boolean | null };

export type SentTextMatch =
  | { readonly kind: "found"; readonly sid: string }
  /** The provider took nothing of the kind. */
  | { readonly kind: "absent" }
  /** There is one whose words are gone: it may be ours. */
  | { readonly kind: "unclear" };

/** Two clocks, ours and the provider's, and a call that lasts up to twenty seconds. */
const AROUND_MS = 2 * MINUTE;

/** The span in which a text of an attempt claimed then was created, if it was. */
export function spanOfAttempt(claimedAt: Instant): { from: Instant; to: Instant } {
  return { from: instant(claimedAt - AROUND_MS), to: instant(claimedAt + AROUND_MS) };
}

/** `taken` holds the sids of other deliveries. Of several equal texts that nobody claims, the first one: at least one was sent, and that is what is asked. */
export function matchSentText(listed: readonly ListedText[], attempt: { claimedAt: Instant; taken: ReadonlySet<string> }): SentTextMatch {
  const { from, to } = spanOfAttempt(attempt.claimedAt);
  const free = listed.filter(({ sid, createdAt }) => createdAt >= from && createdAt <= to && !attempt.taken.has(sid));
  const [first] = free.filter(({ matches }) => matches === true).toSorted((a, b) => a.createdAt - b.createdAt);
  if (first) return { kind: "found", sid: first.sid };
  return free.some(({ matches }) => matches === null) ? { kind: "unclear" } : { kind: "absent" };
}
