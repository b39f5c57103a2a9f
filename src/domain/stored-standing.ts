/** What a stored touchpoint still is to the plan: followed, in the hands of a provider, told, or ended in a way that can be taken back. */
import type { StoredTouchpoint, Suppression, TouchpointState } from "./touchpoint.ts";

type Standing = Pick<StoredTouchpoint, "state" | "reason">;
type Sent = Standing & Pick<StoredTouchpoint, "isUndelivered">;
type Said = Sent & Pick<StoredTouchpoint, "called">;

/** Whether the row follows the plan. What is held because its answer was lost does not: only evidence, or staff, settle it. */
export function isLive({ state, reason }: Standing): boolean {
  return state === "planned" || (state === "held" && reason !== "unknown");
}

/** A provider may have it, and may say so yet. */
export function isInFlight({ state, reason }: Standing): boolean {
  return state === "sending" || state === "unknown" || (state === "held" && reason === "unknown");
}

/** It went out, or was refused for good, and did not arrive: the rule's next channel follows. */
export function isLost({ state, isUndelivered }: Sent): boolean {
  return state === "failed" || (state === "sent" && isUndelivered);
}

/** The recipient has its message, or may have it; or was told in a call. */
export function mayHaveTold(stored: Said): boolean {
  return (stored.state === "sent" && !stored.isUndelivered) || isInFlight(stored) || stored.called === "told";
}

/** The same, over-careful about calls of which nobody knows what was said: so that a change is told to whoever may count on what was. */
export function mayHaveHeard(stored: Said): boolean {
  return mayHaveTold(stored) || stored.called === "perhaps";
}

/** Somebody tells it: the message is out, or a call is on the list. */
export function isTold({ state, isUndelivered }: Sent): boolean {
  return (state === "sent" && !isUndelivered) || state === "tasked";
}

/** Blocks that can be lifted, and addresses that can be mended. Nothing of these rows ever left the house. */
const REVERSIBLE: ReadonlySet<string | null> = new Set<Suppression>([
  "no-consent",
  "opted-out",
  "no-address",
  "dead-address",
  "block-not-lifted",
  "surveys-not-enabled",
  "not-in-language",
  "unsubscribed",
]);

/** Whether it ended without a word for a reason that can pass. Then the plan may want it once more, under a key of its own. */
export function endedReversibly({ state, reason }: Standing): boolean {
  return state === "superseded" || state === "cancelled" || (state === "suppressed" && REVERSIBLE.has(reason));
}

const NEVER_TRIED: ReadonlySet<TouchpointState> = new Set(["held", "suppressed", "superseded", "cancelled"]);

/** It went out, was tried, or is going to be; a row never leaves this set by time alone. */
export function isTried(stored: Standing): boolean {
  return !NEVER_TRIED.has(stored.state) || isInFlight(stored);
}
