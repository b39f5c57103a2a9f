/** Where a due moment goes when the hour is not free: before a session earlier, or later where nothing earlier is free; after it later. */
import { DAY, type Instant, instant } from "./calendar.ts";
import { clipSpans, lengthOfSpans, span, subtractSpans } from "./spans.ts";
import type { Span } from "./touchpoint.ts";

/** How far before its nominal moment a message may be moved: a weekend with a holiday on either side. */
const FURTHEST_BACK = 6 * DAY;

export type DueRequest = {
  readonly nominal: Instant;
  readonly direction: "earlier" | "later";
  /** Last moment of use, exclusive. */
  readonly usefulUntil: Instant;
  /** Milliseconds that must remain for a retry when a message is moved earlier. */
  readonly slack: number;
  /** Blocked spans that touch the given window, in order and disjoint. */
  readonly blocked: (window: Span) => readonly Span[];
};

/** The moved due moment and the legal spans from it to the end of use; undefined when no legal moment is left. */
export function placeDue(request: DueRequest): { dueAt: Instant; legal: readonly Span[] } | undefined {
  const { nominal, usefulUntil, direction, slack } = request;
  const window = span(nominal, usefulUntil);
  const ahead = nominal < usefulUntil ? subtractSpans([window], request.blocked(window)) : [];
  if (direction === "later") return startingAt(ahead);
  if (ahead[0]?.from === nominal && lengthOfSpans(ahead) >= slack) return startingAt(ahead);
  return moveEarlier(request) ?? startingAt(ahead);
}

function startingAt(legal: readonly Span[]): { dueAt: Instant; legal: readonly Span[] } | undefined {
  return legal[0] && { dueAt: legal[0].from, legal };
}

/** The latest moment up to `nominal` from which its legal span still lasts for the slack; failing that, the last legal span's beginning. */
function moveEarlier({ nominal, usefulUntil, slack, blocked }: DueRequest): { dueAt: Instant; legal: readonly Span[] } | undefined {
  const window = span(nominal - FURTHEST_BACK, usefulUntil);
  const free = subtractSpans([window], blocked(window));
  for (let index = free.length - 1; index >= 0; index--) {
    const candidate = free[index];
    if (!candidate || candidate.from > nominal) continue;
    const dueAt = Math.min(nominal, candidate.to - slack);
    if (dueAt >= candidate.from) return { dueAt: instant(dueAt), legal: clipSpans(free, { from: dueAt, to: usefulUntil }) };
  }
  const last = free.findLast(({ from }) => from <= nominal);
  return last && { dueAt: last.from, legal: clipSpans(free, { from: last.from, to: usefulUntil }) };
}
