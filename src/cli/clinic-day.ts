/** A day of a clinic, or some hours of it, as they are typed: on the clinic's wall. */
import {
  addDays,
  atTime,
  type CalendarDay,
  type Instant,
  type LocalDateTime,
  parseDay,
  parseWallClock,
  wallClock,
} from "../domain/calendar.ts";
import { formatLocal } from "../domain/calendar.ts";
import { placeLocal, resolveLocal, type Zone } from "../domain/place-in-time.ts";
import type { Span } from "../domain/touchpoint.ts";
import { UsageError } from "./failures.ts";

/** Reads a day; `option` names it in the refusal. */
export function readDay(text: string, option: string): CalendarDay {
  const day = parseDay(text);
  if (day === undefined) throw new UsageError(`${option} ${text}: expected a day that exists, written as 2027-02-02.`);
  return day;
}

/** From midnight to midnight on the clinic's wall, however long that is. */
export function wholeDay(zone: Zone, day: CalendarDay): Span {
  const midnight = (of: CalendarDay) => placeLocal(zone, atTime(of, wallClock(0)));
  return { from: midnight(day), to: midnight(addDays(day, 1)) };
}

/** The hours of a day from `from` to `to`; what is left out is the day's begin or end. */
export function hoursOf(zone: Zone, day: CalendarDay, { from, to }: { from: string | undefined; to: string | undefined }): Span {
  const whole = wholeDay(zone, day);
  const span = {
    from: from === undefined ? whole.from : readHour(zone, day, { text: from, option: "--from" }),
    to: to === undefined ? whole.to : readHour(zone, day, { text: to, option: "--to" }),
  };
  if (span.from >= span.to) throw new UsageError(`--from ${from} --to ${to}: expected hours that end after they begin.`);
  return span;
}

/** An hour that the clock shows twice begins the first time and ends the second: rather closed for too long than for too short. */
function readHour(zone: Zone, day: CalendarDay, { text, option }: { text: string; option: "--from" | "--to" }): Instant {
  const time = parseWallClock(text);
  if (time === undefined) throw new UsageError(`${option} ${text}: expected a time of day, such as 08:00.`);
  const placement = resolveLocal(zone, atTime(day, time));
  if (placement.kind === "gap")
    throw new UsageError(
      `${option} ${text}: the clocks jump over it on that day; nearest are ${near(placement.before)} and ${near(placement.after)}.`,
    );
  if (placement.kind === "exact") return placement.at;
  return option === "--from" ? placement.first : placement.second;
}

function near(local: LocalDateTime): string {
  return formatLocal(local).slice(11);
}
