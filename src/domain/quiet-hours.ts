/** Quiet hours: the recipient's, half-open on the recipient's wall, often across midnight. They bind SMS always and email where a rule says so. */
import { addDays, atTime, dayOf, type Instant, wallClock } from "./calendar.ts";
import type { WallClockSpan } from "./clinic.ts";
import { placeLocal, toLocal, type Zone } from "./place-in-time.ts";
import { span } from "./spans.ts";
import type { Span } from "./touchpoint.ts";

/** Half past five: what changes today's visit has to be read before somebody leaves, or stops eating. */
const URGENT_FROM = wallClock(5 * 60 + 30);

/** The quiet hours that bind what cannot wait: they end at half past five on the recipient's wall where they would last longer. */
export function urgentQuietHours({ from, to }: WallClockSpan): WallClockSpan {
  const lasts = from < to ? from < URGENT_FROM && URGENT_FROM < to : to < from && (from < URGENT_FROM || URGENT_FROM < to);
  return lasts ? { from, to: URGENT_FROM } : { from, to };
}

/** The quiet spans that touch [from, to), in order. Equal ends mean that no hour is quiet. */
export function quietSpans(
  { zone, quietHours }: { zone: Zone; quietHours: WallClockSpan },
  { from, to }: { from: Instant; to: Instant },
): Span[] {
  if (quietHours.from === quietHours.to) return [];
  const crossesMidnight = quietHours.to < quietHours.from;
  const spans: Span[] = [];
  for (let day = addDays(dayOf(toLocal(zone, from)), -1); ; day = addDays(day, 1)) {
    const start = placeLocal(zone, atTime(day, quietHours.from));
    if (start >= to) return spans;
    const end = placeLocal(zone, atTime(crossesMidnight ? addDays(day, 1) : day, quietHours.to));
    if (end > from && start < end) spans.push(span(start, end));
  }
}
