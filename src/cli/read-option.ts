/** Reads what options of the command line hold; what cannot be read is an error of the command line. */
import { type Instant, type LocalDateTime, parseInstant, parseWallClock, type WallClock } from "../domain/calendar.ts";
import { parseLine } from "../domain/line-of-text.ts";
import { readLocalDateTime } from "../domain/parse-session.ts";
import { UsageError } from "./failures.ts";

/** `2027-01-11T09:05-07:00`. */
export function readInstantOption(option: string, text: string): Instant {
  const at = parseInstant(text);
  if (at !== undefined) return at;
  throw new UsageError(`${option} ${text}: expected an instant with its offset, such as 2027-01-11T09:05-07:00.`);
}

/** `2027-01-11T09:00`, on the wall where it happens. */
export function readLocalOption(option: string, text: string): LocalDateTime {
  const reading = readLocalDateTime(text);
  if (reading.ok) return reading.value;
  throw new UsageError(`${option} ${text}: expected ${reading.expected}.`);
}

/** `12:10`. */
export function readTimeOption(option: string, text: string): WallClock {
  const time = parseWallClock(text);
  if (time !== undefined) return time;
  throw new UsageError(`${option} ${text}: expected a time of day from 00:00 to 23:59, such as 12:10.`);
}

/** Length of a treatment. */
export function readMinutesOption(option: string, text: string): number {
  const minutes = /^\d{2,3}$/.test(text) ? Number(text) : 0;
  if (minutes >= 10 && minutes <= 480) return minutes;
  throw new UsageError(`${option} ${text}: expected a whole number of minutes from 10 to 480.`);
}

/** One line of plain text, at most 200 characters. */
export function readLineOption(option: string, text: string): string {
  const reading = parseLine(text, { most: 200 });
  if (reading.ok) return reading.value;
  throw new UsageError(`${option}: expected ${reading.expected}.`);
}
