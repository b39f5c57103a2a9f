/** Arithmetic on half-open spans of instants; lists are in order and disjoint. */
import { type Instant, instant } from "./calendar.ts";
import type { Span } from "./touchpoint.ts";

export function span(from: number, to: number): Span {
  return { from: instant(from), to: instant(to) };
}

/** What is left of `spans` outside `holes`; both in order and disjoint. */
export function subtractSpans(spans: readonly Span[], holes: readonly Span[]): readonly Span[] {
  if (holes.length === 0) return spans;
  const left: Span[] = [];
  for (const { from, to } of spans) {
    let at: number = from;
    for (const hole of holes) {
      if (hole.to <= at) continue;
      if (hole.from >= to) break;
      if (hole.from > at) left.push(span(at, hole.from));
      at = hole.to;
    }
    if (at < to) left.push(span(at, to));
  }
  return left;
}

/** The part of `spans` within [from, to). */
export function clipSpans(spans: readonly Span[], { from, to }: { from: number; to: number }): readonly Span[] {
  const clipped: Span[] = [];
  for (const each of spans) {
    const start = Math.max(each.from, from);
    const end = Math.min(each.to, to);
    if (start < end) clipped.push(start === each.from && end === each.to ? each : span(start, end));
  }
  return clipped;
}

/** Sorts spans and joins those that touch or overlap. */
export function joinSpans(spans: readonly Span[]): readonly Span[] {
  if (spans.every(({ from }, index) => index === 0 || from > (spans[index - 1]?.to ?? from))) return spans;
  const joined: Span[] = [];
  for (const next of spans.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && next.from <= last.to) joined[joined.length - 1] = span(last.from, Math.max(last.to, next.to));
    else joined.push(next);
  }
  return joined;
}

/** Milliseconds covered. */
export function lengthOfSpans(spans: readonly Span[]): number {
  let sum = 0;
  for (const { from, to } of spans) sum += to - from;
  return sum;
}

/** The first instant at or after `at` that lies in a span; undefined when there is none. */
export function firstWithin(spans: readonly Span[], at: Instant): Instant | undefined {
  for (const { from, to } of spans) if (at < to) return from > at ? from : at;
  return undefined;
}
