/**
 * Time in which a clinic has somebody at the phone. Calls are placed and staff deadlines counted in it, so that what is due after a weekend is not due during it.
 * A span belongs to the day on which it begins: a closure takes away the spans that begin on it, and a night shift begun the evening before runs to its end.
 */
import { addDays, atTime, type CalendarDay, dayOf, type Instant, instant, WEEKDAYS, weekdayOf } from "./calendar.ts";
import type { ClinicFacts, WallClockSpan } from "./clinic.ts";
import { placeLocal, toLocal } from "./place-in-time.ts";
import { clipSpans, joinSpans, span } from "./spans.ts";
import type { Span } from "./touchpoint.ts";

/** What of a clinic decides when it is staffed. */
export type StaffedClinic = Pick<ClinicFacts, "zone" | "staffedHours" | "closures">;

/** Whether somebody answers the phone at some time of that day. */
export function isStaffedDay({ staffedHours, closures }: Omit<StaffedClinic, "zone">, day: CalendarDay): boolean {
  return !closures.has(day) && (staffedHours[weekdayOf(day)] ?? []).some(lasts);
}

/**
 * Steps over staffed days only, backwards when `days` is negative: two staffed days before a Monday is the Thursday, one after a Saturday the Monday. No days
 * is the day itself, staffed or not. A clinic without any staffed hours counts calendar days.
 */
export function addStaffedDays(clinic: StaffedClinic, from: CalendarDay, days: number): CalendarDay {
  if (!hasStaffedHours(clinic)) return addDays(from, days);
  const step = Math.sign(days);
  let day = from;
  for (let left = Math.abs(days); left > 0; ) {
    day = addDays(day, step);
    if (isStaffedDay(clinic, day)) left -= 1;
  }
  return day;
}

/** The staffed moments from `from` to before `to`, in order and disjoint. */
export function staffedSpans(clinic: StaffedClinic, { from, to }: Span): readonly Span[] {
  if (from >= to) return [];
  const spans: Span[] = [];
  const last = dayOf(toLocal(clinic.zone, to));
  for (let day = firstDay(clinic, from); day <= last; day = addDays(day, 1)) spans.push(...spansBegunOn(clinic, day));
  return clipSpans(joinSpans(spans), { from, to });
}

/**
 * The moment at which so many milliseconds of staffed time have passed since `at`; the end of a day's last span counts as that day. Nothing to wait for is `at`
 * itself. A clinic without any staffed hours counts elapsed time.
 */
export function addStaffedTime(clinic: StaffedClinic, at: Instant, milliseconds: number): Instant {
  if (milliseconds <= 0 || !hasStaffedHours(clinic)) return instant(at + Math.max(0, milliseconds));
  let left = milliseconds;
  let reached: number = at;
  for (let day = firstDay(clinic, at); ; day = addDays(day, 1))
    for (const staffed of spansBegunOn(clinic, day)) {
      const from = Math.max(staffed.from, reached);
      if (from >= staffed.to) continue;
      if (staffed.to - from >= left) return instant(from + left);
      left -= staffed.to - from;
      reached = staffed.to;
    }
}

/** One day early, because a span that crosses midnight begins the evening before. */
function firstDay({ zone }: Pick<StaffedClinic, "zone">, at: Instant): CalendarDay {
  return addDays(dayOf(toLocal(zone, at)), -1);
}

function hasStaffedHours({ staffedHours }: Pick<StaffedClinic, "staffedHours">): boolean {
  return WEEKDAYS.some((weekday) => staffedHours[weekday]?.some(lasts));
}

function lasts({ from, to }: WallClockSpan): boolean {
  return from !== to;
}

/** By clinic and day: everything that a plan places asks about the same few weeks. */
const known = new WeakMap<StaffedClinic, Map<CalendarDay, readonly Span[]>>();

function spansBegunOn(clinic: StaffedClinic, day: CalendarDay): readonly Span[] {
  let days = known.get(clinic);
  if (!days) known.set(clinic, (days = new Map()));
  let spans = days.get(day);
  if (!spans) days.set(day, (spans = findSpansBegunOn(clinic, day)));
  return spans;
}

/** A span that a clock set forward has swallowed is left out. */
function findSpansBegunOn(clinic: StaffedClinic, day: CalendarDay): readonly Span[] {
  if (!isStaffedDay(clinic, day)) return [];
  const hours = clinic.staffedHours[weekdayOf(day)] ?? [];
  return joinSpans(hours.map((each) => place(clinic, day, each)).filter(({ from, to }) => from < to));
}

function place({ zone }: Pick<StaffedClinic, "zone">, day: CalendarDay, { from, to }: WallClockSpan): Span {
  return span(placeLocal(zone, atTime(day, from)), placeLocal(zone, atTime(to < from ? addDays(day, 1) : day, to)));
}
