import { addDays, type CalendarDay, formatWallClock, parseDay } from "./calendar.ts";
import type { WallClockSpan } from "./clinic.ts";
import type { FaultList } from "./fault-list.ts";
import { readDay, readWallClock } from "./field.ts";
import { type Reading, accepted, refused } from "./reading.ts";
import { pathTo } from "./show-value.ts";

const SPAN = "a span within one day, written as 08:00-17:00";
const SPANS = `a list of spans, such as ["08:00-12:00", "13:00-17:00"]`;
const MOST_SPANS = 6;
const LONGEST_CLOSURE_DAYS = 366;
const MOST_CLOSURES = 200;

/** Reads the staffed spans of one weekday, sorted; spans that overlap or end before they start are refused. */
export function readStaffedSpans(list: FaultList, input: unknown, path: string): readonly WallClockSpan[] {
  if (!Array.isArray(input) || input.length > MOST_SPANS) {
    list.add({ path, value: input }, SPANS);
    return [];
  }
  const spans = input.flatMap((entry: unknown, index) => list.take(readSpan(entry), { path: pathTo(path, index), value: entry }) ?? []);
  const sorted = spans.sort((a, b) => a.from - b.from);
  for (const [index, span] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before && span.from < before.to)
      list.add(
        { path, value: `${formatWallClock(span.from)}-${formatWallClock(span.to)}` },
        `spans that do not overlap (${formatWallClock(before.from)}-${formatWallClock(before.to)} does)`,
      );
  }
  return sorted;
}

function readSpan(entry: unknown): Reading<WallClockSpan> {
  const [start = "", end = "", ...more] = typeof entry === "string" ? entry.split(/\s*[-\u2013]\s*/) : [];
  const [from, to] = [readWallClock(start.trim()), readWallClock(end.trim())];
  if (!from.ok || !to.ok || more.length > 0) return refused(SPAN);
  return from.value < to.value ? accepted({ from: from.value, to: to.value }) : refused(`${SPAN}, ending after it starts`);
}

/** Reads days and ranges of days (`2026-12-24..2026-12-26`, both ends closed) into single days, in order, each once. */
export function readClosures(list: FaultList, input: unknown, path: string): readonly CalendarDay[] {
  if (input === undefined || input === null) return [];
  if (!Array.isArray(input) || input.length > MOST_CLOSURES) {
    list.add(
      { path, value: input },
      `a list of at most ${MOST_CLOSURES} days or ranges of days, such as ["2027-01-18", "2026-12-24..2026-12-26"]`,
    );
    return [];
  }
  const days = input.flatMap((entry: unknown, index) => list.take(readRange(entry), { path: pathTo(path, index), value: entry }) ?? []);
  return [...new Set(days)].sort((a, b) => a - b);
}

function readRange(entry: unknown): Reading<readonly CalendarDay[]> {
  if (typeof entry !== "string") return refused('a day or a range in quotes, such as "2027-01-18" or "2026-12-24..2026-12-26"');
  const [start = "", end = start, ...more] = entry.split("..").map((text) => text.trim());
  const [first, last] = [readDay(start), parseDay(end)];
  if (!first.ok) return first;
  if (last === undefined || more.length > 0) return refused("a day or a range of days that exist, written as 2026-12-24..2026-12-26");
  const length = last - first.value + 1;
  if (length < 1 || length > LONGEST_CLOSURE_DAYS)
    return refused(`a range that ends after it starts, at most ${LONGEST_CLOSURE_DAYS} days long`);
  return accepted(Array.from({ length }, (_, index) => addDays(first.value, index)));
}
