/** Who is on duty at a moment, in the order in which they are paged. */
import {
  addDays,
  DAY,
  dayOf,
  type Instant,
  instant,
  MINUTE,
  timeOf,
  type WallClock,
  wallClock,
  type Weekday,
  WEEKDAYS,
  weekdayOf,
} from "./calendar.ts";
import type { StaffedHours } from "./clinic.ts";
import { toLocal } from "./place-in-time.ts";
import { ALERT_ROLES, type DutyHours, type RosterEntry, type SafetySettings } from "./safety-settings.ts";
import { type StaffedClinic, staffedSpans } from "./staffed-time.ts";

/** Everybody on duty at `at`: primaries, then backups, then managers, as the file names them. */
export function listOnDuty(roster: readonly RosterEntry[], clinic: StaffedClinic, at: Instant): readonly RosterEntry[] {
  return inPagingOrder(roster).filter((entry) => isOnDuty(entry, clinic, at));
}

/** Those who are paged about alerts. */
export function inPagingOrder(roster: readonly RosterEntry[]): readonly RosterEntry[] {
  return ALERT_ROLES.flatMap((role) => roster.filter((entry) => entry.role === role));
}

/** Those who are paged about visits, as the file names them. */
export function deskOf(roster: readonly RosterEntry[]): readonly RosterEntry[] {
  return roster.filter(({ role }) => role === "desk");
}

/** Everybody: whoever is paged about alerts, in that order, then the desk. */
export function everybodyOn(roster: readonly RosterEntry[]): readonly RosterEntry[] {
  return [...inPagingOrder(roster), ...deskOf(roster)];
}

export function isOnDuty({ when, from, until }: RosterEntry, clinic: StaffedClinic, at: Instant): boolean {
  const local = toLocal(clinic.zone, at);
  const day = dayOf(local);
  if ((from !== null && day < from) || (until !== null && day > until)) return false;
  if (typeof when === "object")
    return isWithin(when, { weekday: weekdayOf(day), before: weekdayOf(addDays(day, -1)), time: timeOf(local) });
  return when === "always" || (when === "staffed") === isStaffed(clinic, at);
}

export function isStaffed(clinic: StaffedClinic, at: Instant): boolean {
  return staffedSpans(clinic, { from: at, to: instant(at + 1) }).length > 0;
}

type WallTime = { readonly weekday: Weekday; readonly before: Weekday; readonly time: number };

/** A span that ends before it starts runs into the next day; one of which both ends are the same is a whole day. */
function isWithin(hours: StaffedHours, { weekday, before, time }: WallTime): boolean {
  const today = (hours[weekday] ?? []).some(({ from, to }) => (from < to ? from <= time && time < to : from <= time));
  return today || (hours[before] ?? []).some(({ from, to }) => to <= from && time < to);
}

/** The looks of a search for hours without anybody: spans begin and end on whole minutes, and hardly any on others than quarters. */
const STEP = 15 * MINUTE;

/**
 * The first moment of `days` from the start of `day` on at which nobody is on duty, to the quarter of an hour; undefined when there is always somebody. Counts
 * who is there without an end as well as who is there for these days only.
 */
export function findGap(
  { roster }: Pick<SafetySettings, "roster">,
  clinic: StaffedClinic,
  { from, days }: { from: Instant; days: number },
): Instant | undefined {
  const first = Math.floor(from / STEP) * STEP;
  for (let at = first; at < first + days * DAY; at += STEP)
    if (!inPagingOrder(roster).some((entry) => isOnDuty(entry, clinic, instant(at)))) return instant(at);
  return undefined;
}

/** A time of the week, and whether it is only on days on which the clinic is closed that nobody is there. */
export type Uncovered = { readonly weekday: Weekday; readonly time: WallClock; readonly whenClosed: boolean };

/** The first time of any week for which nobody stands in the roster without an end; a clinic may close on any day, and then whoever is there in staffed hours is not. */
export function findUncovered(roster: readonly RosterEntry[], staffedHours: StaffedHours): Uncovered | undefined {
  const lasting = inPagingOrder(roster).filter(({ from, until }) => from === null && until === null);
  const covered = (hours: StaffedHours, wall: WallTime) => lasting.some(({ when }) => covers(when, hours, wall));
  for (const [index, weekday] of WEEKDAYS.entries())
    for (let time = 0; time < DAY / MINUTE; time += STEP / MINUTE) {
      const wall = { weekday, before: WEEKDAYS[(index + 6) % 7] ?? "sun", time };
      const open = covered(staffedHours, wall);
      if (!open || !covered({}, wall)) return { weekday, time: wallClock(time), whenClosed: open };
    }
  return undefined;
}

function covers(when: DutyHours, staffedHours: StaffedHours, wall: WallTime): boolean {
  if (typeof when === "object") return isWithin(when, wall);
  return when === "always" || (when === "staffed") === isWithin(staffedHours, wall);
}
