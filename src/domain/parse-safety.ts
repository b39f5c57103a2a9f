/** The `safety` section of a clinic's settings file: who is paged, how soon they answer, and who signed what. */
import { z } from "zod";
import { formatWallClock, parseWallClock, type WallClock, wallClock, type Weekday, WEEKDAYS } from "./calendar.ts";
import type { StaffedHours, WallClockSpan } from "./clinic.ts";
import { parseEmail } from "./email-address.ts";
import type { FaultList } from "./fault-list.ts";
import { choiceField, dayField, lineField, optional, part as partField, textField, withDefault } from "./field.ts";
import { parsePersonName } from "./person-name.ts";
import { parsePhone } from "./phone-number.ts";
import { readFields } from "./read-fields.ts";
import { accepted, type Reading, refused } from "./reading.ts";
import { findUncovered, inPagingOrder, type Uncovered } from "./roster.ts";
import {
  type DutyHours,
  type NoAfterHoursCover,
  NO_SAFETY,
  ROSTER_ROLES,
  type RosterEntry,
  type SafetySettings,
  USUAL_ACKNOWLEDGE,
} from "./safety-settings.ts";
import { pathTo } from "./show-value.ts";

const MOST_PEOPLE = 50;
const MOST_SPANS = 6;
const CRITICAL = "a whole number of minutes from 2 to 60";
const HIGH = "a whole number of staffed minutes from 10 to 240";
const SURVEYS = "true or false";
const PEOPLE = `a list of at most ${MOST_PEOPLE} people, such as [{ name: "Sam Ortiz", role: primary, phone: "(303) 555-0110", when: always }]`;
const WHEN = 'always, staffed, after-hours, or spans a weekday such as { sat: ["08:00-20:00"], sun: ["20:00-08:00"] }';
const SPAN = 'a span such as "17:00-08:00" (past midnight) or "00:00-24:00" (the whole day)';

const schema = z.strictObject(
  { surveys: withDefault(z.boolean(SURVEYS), false), acknowledge: partField, roster: partField, noAfterHoursCover: partField },
  "who is paged: { roster, acknowledge, surveys, noAfterHoursCover }",
);

const acknowledgeSchema = z.strictObject(
  {
    criticalMinutes: withDefault(z.int(CRITICAL).min(2, CRITICAL).max(60, CRITICAL), USUAL_ACKNOWLEDGE.criticalMinutes),
    highMinutes: withDefault(z.int(HIGH).min(10, HIGH).max(240, HIGH), USUAL_ACKNOWLEDGE.highMinutes),
  },
  "how long until the next person is paged: { criticalMinutes, highMinutes }",
);

const personSchema = z.strictObject(
  {
    name: textField(parsePersonName, "Sam Ortiz"),
    role: choiceField(ROSTER_ROLES),
    phone: optional(textField(accepted, "(303) 555-0110")),
    email: optional(textField(parseEmail, "sam@example.org")),
    when: partField,
    from: optional(dayField),
    until: optional(dayField),
  },
  "a person: { name, role, phone or email, when } and perhaps from and until",
);

const coverSchema = z.strictObject(
  { signedBy: lineField("Dr. Ruth Gray, medical director"), on: dayField },
  "who signed that nobody looks outside these hours, and when: { signedBy, on }",
);

const spansSchema = z.strictObject(Object.fromEntries(WEEKDAYS.map((day) => [day, partField])), WHEN);

type Clinic = { readonly country: string | undefined; readonly staffedHours: StaffedHours };

/** Undefined when something is wrong, with the fault in the list. Surveys that ask about self-harm need somebody for every hour, or a signature. */
export function readSafety(list: FaultList, input: unknown, clinic: Clinic): SafetySettings | undefined {
  if (input === undefined || input === null) return NO_SAFETY;
  const { whole } = readFields(schema, input, { path: "safety", list });
  if (!whole) return undefined;
  const before = list.faults.length;
  const roster = readRoster(list, whole.roster, clinic);
  const acknowledge = readAcknowledge(list, whole.acknowledge);
  const noAfterHoursCover = readCover(list, whole.noAfterHoursCover);
  if (!acknowledge || noAfterHoursCover === undefined || list.faults.length > before) return undefined;
  const settings = { roster, acknowledge, surveys: whole.surveys, noAfterHoursCover };
  judgeCover(list, settings, clinic);
  return settings;
}

function readRoster(list: FaultList, input: unknown, clinic: Clinic): readonly RosterEntry[] {
  if (input === undefined || input === null) return [];
  if (!Array.isArray(input) || input.length > MOST_PEOPLE) {
    list.add({ path: "safety.roster", value: input }, PEOPLE);
    return [];
  }
  const entries: readonly unknown[] = input;
  const roster = entries.flatMap((entry, index) => readPerson(list, entry, { path: pathTo("safety.roster", index), ...clinic }) ?? []);
  for (const [index, { name }] of roster.entries()) {
    const twin = roster.slice(0, index).find((other) => other.name === name && !isSamePerson(other, roster[index]));
    if (twin) list.add({ path: pathTo("safety.roster", index), value: name }, "a name that no other person of the roster has");
  }
  return roster;
}

/** One person may stand in the roster several times, with other hours. */
function isSamePerson(one: RosterEntry, other: RosterEntry | undefined): boolean {
  return one.phone === other?.phone && one.email === other.email;
}

function readPerson(list: FaultList, input: unknown, { path, country }: Clinic & { readonly path: string }): RosterEntry | undefined {
  const { whole } = readFields(personSchema, input, { path, list });
  if (!whole) return undefined;
  const { name, role, email, from, until } = whole;
  const phone =
    whole.phone === null || country === undefined
      ? null
      : list.take(parsePhone(whole.phone, country), { path: `${path}.phone`, value: whole.phone });
  const when = readWhen(list, whole.when, `${path}.when`);
  if (phone === undefined || when === undefined) return undefined;
  if (phone === null && email === null && whole.phone === null)
    list.add({ path: `${path}.phone`, value: undefined }, "a phone or an email, better both: the page goes by mail where the text fails");
  if (from !== null && until !== null && until < from)
    list.add({ path: `${path}.until`, value: undefined }, "a day that is not before from");
  return { name, role, phone, email, when, from, until };
}

function readWhen(list: FaultList, input: unknown, path: string): DutyHours | undefined {
  if (input === "always" || input === "staffed" || input === "after-hours") return input;
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    list.add({ path, value: input }, WHEN);
    return undefined;
  }
  const { whole } = readFields(spansSchema, input, { path, list });
  if (!whole) return undefined;
  const before = list.faults.length;
  const hours = Object.fromEntries(WEEKDAYS.flatMap((day) => toSpans(list, whole[day], { day, path })));
  if (Object.keys(hours).length === 0 && list.faults.length === before) list.add({ path, value: input }, WHEN);
  return hours;
}

function toSpans(list: FaultList, input: unknown, { day, path }: { day: Weekday; path: string }): [Weekday, WallClockSpan[]][] {
  if (input === undefined || input === null) return [];
  const place = `${path}.${day}`;
  if (!Array.isArray(input) || input.length === 0 || input.length > MOST_SPANS) {
    list.add({ path: place, value: input }, `a list of at most ${MOST_SPANS} spans, such as ["17:00-08:00"]`);
    return [];
  }
  const entries: readonly unknown[] = input;
  return [[day, entries.flatMap((entry, index) => list.take(readSpan(entry), { path: pathTo(place, index), value: entry }) ?? [])]];
}

function readSpan(entry: unknown): Reading<WallClockSpan> {
  const [start = "", end = "", ...more] = typeof entry === "string" ? entry.split(/\s*[-\u2013]\s*/) : [];
  const [from, to] = [parseWallClock(start.trim()), readEnd(end.trim())];
  if (from === undefined || to === undefined || more.length > 0 || from === to) return refused(SPAN);
  return accepted({ from, to });
}

function readEnd(text: string): WallClock | undefined {
  return text === "24:00" ? wallClock(24 * 60) : parseWallClock(text);
}

function readAcknowledge(list: FaultList, input: unknown): SafetySettings["acknowledge"] | undefined {
  return input === undefined || input === null
    ? USUAL_ACKNOWLEDGE
    : readFields(acknowledgeSchema, input, { path: "safety.acknowledge", list }).whole;
}

function readCover(list: FaultList, input: unknown): NoAfterHoursCover | null | undefined {
  return input === undefined || input === null ? null : readFields(coverSchema, input, { path: "safety.noAfterHoursCover", list }).whole;
}

/** Nobody may ask about thoughts of self-harm and have nobody who reads the answer: somebody is named for every hour, or a clinician signed that nobody is. */
function judgeCover(list: FaultList, { roster, surveys, noAfterHoursCover }: SafetySettings, { staffedHours }: Clinic): void {
  const gap = findUncovered(roster, staffedHours);
  if (!gap) return;
  if (inPagingOrder(roster).length === 0 && surveys) {
    list.add({ path: "safety.roster", value: undefined }, "at least one person who is not the desk, while surveys are on");
    return;
  }
  if (noAfterHoursCover !== null) return;
  if (surveys)
    list.add(
      { path: "safety.surveys", value: true },
      `false, or somebody on the roster for every hour (nobody is there on ${sayGap(gap)}), or noAfterHoursCover signed by a clinician`,
    );
  else if (roster.length > 0)
    list.warn("safety.roster", `nobody is on the roster on ${sayGap(gap)}; an alert then pages everybody in turn`);
}

const DAY_NAMES: { readonly [D in Weekday]: string } = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};

/** "Saturday from 18:00", and on which days where that is not every week. */
export function sayGap({ weekday, time, whenClosed }: Uncovered): string {
  return `${DAY_NAMES[weekday]} from ${formatWallClock(time)}${whenClosed ? " when the clinic is closed on that day" : ""}`;
}
