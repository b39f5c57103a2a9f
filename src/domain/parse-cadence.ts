import { z } from "zod";
import { dayOf, formatDay, WEEKDAYS, weekdayOf } from "./calendar.ts";
import { MOST_DAYS_AHEAD } from "./check-sessions.ts";
import type { Cadence } from "./enqueue-request.ts";
import { choiceField, dayField, wallClockField } from "./field.ts";
import type { Intake } from "./intake.ts";
import { toLocal } from "./place-in-time.ts";
import { readFields } from "./read-fields.ts";

const LIST = `a list of weekdays (${WEEKDAYS.join(", ")}), each once`;

const schema = z.strictObject(
  {
    first: dayField,
    weekdays: z.array(choiceField(WEEKDAYS), LIST).min(1, LIST).max(7, LIST),
    at: wallClockField,
  },
  'a cadence: { first: "2027-01-11", weekdays: [mon, wed, fri], at: "09:00" }',
);

/** Reads a cadence. Its first day is one of its weekdays, today (on the clinic's wall) or later, and within three years. The dates are made from the protocol elsewhere. */
export function parseCadence({ clinic, now, list }: Intake, input: unknown, path: string): Cadence | undefined {
  const { whole, part } = readFields(schema, input, { path, list });
  const { first, weekdays } = part;
  if (weekdays && new Set(weekdays).size !== weekdays.length) list.add({ path: `${path}.weekdays`, value: weekdays.join(", ") }, LIST);
  if (first === undefined) return undefined;
  const place = { path: `${path}.first`, value: formatDay(first) };
  const today = dayOf(toLocal(clinic.zone, now));
  if (first < today) list.add(place, `today (${formatDay(today)}) or later; past sessions are listed under sessions, with a status`);
  if (first > today + MOST_DAYS_AHEAD) list.add(place, "a day within three years");
  if (weekdays && !weekdays.includes(weekdayOf(first)))
    list.add(place, `a day that is one of the weekdays ${weekdays.join(", ")} (it is a ${weekdayOf(first)})`);
  return whole;
}
