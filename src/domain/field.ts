/** The leaves of input schemas: each says in its own words what would be right. An empty value (`phone:` in YAML) counts as left out. */
import { z } from "zod";
import { type CalendarDay, parseDay, parseWallClock, type WallClock } from "./calendar.ts";
import { LOCALES } from "./clinic.ts";
import { parseLine } from "./line-of-text.ts";
import { accepted, type Reading, refused } from "./reading.ts";

/** A text that `read` understands. Numbers and dates are refused: a chart number would lose its zeros, a phone number its plus. */
export function textField<Value>(read: (text: string) => Reading<Value>, example: string) {
  const wrong = ({ input }: { input: unknown }) =>
    `a text${input === undefined || input === null ? "" : " in quotes"}, such as "${example}"`;
  return z.string({ error: wrong }).transform((text, context): Value => {
    const reading = read(text);
    if (reading.ok) return reading.value;
    context.addIssue({ code: "custom", message: reading.expected });
    return z.NEVER;
  });
}

/** One line of free text, at most 200 characters. */
export function lineField(example: string) {
  return textField((text) => parseLine(text, { most: 200 }), example);
}

/** Lower-case words joined by hyphens. */
export function slugField(example: string) {
  const matches = (text: string) => text.length <= 60 && /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text);
  return textField((text) => (matches(text) ? accepted(text) : refused(`lower-case words joined by hyphens, such as ${example}`)), example);
}

/** One of a closed set of words. */
export function choiceField<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, `one of ${words.join(", ")}`);
}

/** Null when left out. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? null);
}

/** `value` when left out. */
export function withDefault<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>) {
  return schema.nullish().transform((written) => written ?? value);
}

/** A part that is read by a function of its own. */
export const part = z.unknown().optional();

export const localeField = choiceField(LOCALES);
export const dayField = textField(readDay, "2027-01-11");
export const wallClockField = textField(readWallClock, "09:00");

/** Reads a calendar day as `2027-01-11`. */
export function readDay(text: string): Reading<CalendarDay> {
  const day = parseDay(text);
  return day === undefined ? refused("a day that exists, written as 2027-01-11") : accepted(day);
}

/** Reads a time of day as `09:00`. */
export function readWallClock(text: string): Reading<WallClock> {
  const time = parseWallClock(text);
  return time === undefined ? refused("a time of day from 00:00 to 23:59, written as 09:00") : accepted(time);
}
