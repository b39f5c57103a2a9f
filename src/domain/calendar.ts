/** Instants, local date-times, days and wall-clock times as plain numbers, so that a plan of thousands of moments is arithmetic. */
import type { Branded } from "./ids.ts";

/** A moment: milliseconds since 1970-01-01T00:00Z. */
export type Instant = Branded<number, "instant">;
/** A date and time on somebody's wall, without a zone: milliseconds since 1970-01-01T00:00 on that wall. */
export type LocalDateTime = Branded<number, "local-date-time">;
/** A calendar day: days since 1970-01-01. */
export type CalendarDay = Branded<number, "calendar-day">;
/** A time of day: minutes since midnight, 0 to 1439. */
export type WallClock = Branded<number, "wall-clock">;
/** A signed step: whole days are calendar steps in a zone, minutes are elapsed time. */
export type CalendarOffset = { readonly sign: 1 | -1; readonly days: number; readonly minutes: number };

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const OFFSET = /^([+-])?P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,5})M)?)?$/;

/** Reads an ISO 8601 duration of weeks, days, hours and minutes with an optional sign, such as `-P3D` or `PT90M`; undefined for anything else. */
export function parseCalendarOffset(text: string): CalendarOffset | undefined {
  const match = OFFSET.exec(text);
  if (!match || /^[+-]?P$/.test(text)) return undefined;
  const [, sign, weeks = "0", days = "0", hours = "0", minutes = "0"] = match;
  return { sign: sign === "-" ? -1 : 1, days: Number(weeks) * 7 + Number(days), minutes: Number(hours) * 60 + Number(minutes) };
}

/** The offset as ISO 8601, the inverse of {@link parseCalendarOffset} up to weeks and carried minutes. */
export function formatCalendarOffset({ sign, days, minutes }: CalendarOffset): string {
  const time = minutes === 0 ? "" : `T${minutes >= 60 ? `${Math.floor(minutes / 60)}H` : ""}${minutes % 60 ? `${minutes % 60}M` : ""}`;
  const date = days ? `${days}D` : "";
  return `${sign < 0 ? "-" : ""}P${date || time ? date + time : "T0M"}`;
}

/** The length of an offset in milliseconds, a day counted as 24 hours: for comparing lengths, never for placing a moment. */
export function lengthOf({ days, minutes }: CalendarOffset): number {
  return days * DAY + minutes * MINUTE;
}

/** Reads `HH:mm`, 00:00 to 23:59. */
export function parseWallClock(text: string): WallClock | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? wallClock(Number(match[1]) * 60 + Number(match[2])) : undefined;
}

export function wallClock(minutes: number): WallClock {
  return minutes as WallClock;
}

export function instant(milliseconds: number): Instant {
  return milliseconds as Instant;
}

export function localDateTime(milliseconds: number): LocalDateTime {
  return milliseconds as LocalDateTime;
}

/** Reads `YYYY-MM-DDTHH:mm` strictly: no seconds, no zone, no 24:00, no 30 February; undefined for anything else. */
export function parseLocalDateTime(text: string): LocalDateTime | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)) return undefined;
  const milliseconds = Date.parse(`${text}:00Z`);
  if (Number.isNaN(milliseconds)) return undefined;
  const parsed = localDateTime(milliseconds);
  return formatLocal(parsed) === text ? parsed : undefined;
}

/** Reads `YYYY-MM-DD` strictly. */
export function parseDay(text: string): CalendarDay | undefined {
  const midnight = parseLocalDateTime(`${text}T00:00`);
  return midnight === undefined ? undefined : dayOf(midnight);
}

/** `YYYY-MM-DDTHH:mm`. */
export function formatLocal(local: LocalDateTime): string {
  return new Date(local).toISOString().slice(0, 16);
}

/** `YYYY-MM-DD`. */
export function formatDay(day: CalendarDay): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** `HH:mm`. */
export function formatWallClock(time: WallClock): string {
  return new Date(time * MINUTE).toISOString().slice(11, 16);
}

/** ISO 8601 in UTC with milliseconds. */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString();
}

/** Reads an ISO 8601 instant that names its offset; undefined without one. */
export function parseInstant(text: string): Instant | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : instant(milliseconds);
}

export function dayOf(local: LocalDateTime): CalendarDay {
  return Math.floor(local / DAY) as CalendarDay;
}

export function timeOf(local: LocalDateTime): WallClock {
  return wallClock(Math.floor((local - Math.floor(local / DAY) * DAY) / MINUTE));
}

export function addDays(day: CalendarDay, days: number): CalendarDay {
  return (day + days) as CalendarDay;
}

/** The date and time at which this day's wall shows `time`. */
export function atTime(day: CalendarDay, time: WallClock): LocalDateTime {
  return localDateTime(day * DAY + time * MINUTE);
}

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** 1970-01-01 was a Thursday. */
export function weekdayOf(day: CalendarDay): Weekday {
  return WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? "mon";
}
