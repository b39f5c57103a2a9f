/** When a clinic is told that visits of its next working day are not ready, about which, and who of it: on Friday noon about Monday, while somebody can still act. Pure. */
import { addDays, atTime, type CalendarDay, dayOf, type Instant, wallClock } from "./calendar.ts";
import { placeLocal, toLocal } from "./place-in-time.ts";
import { readinessDeadline } from "./readiness.ts";
import { deskOf, isOnDuty, listOnDuty } from "./roster.ts";
import type { RosterEntry } from "./safety-settings.ts";
import { addStaffedDays, isStaffedDay, type StaffedClinic } from "./staffed-time.ts";
import type { Span } from "./touchpoint.ts";

/** `about`: the next working day. `visits`: the span in which the visits in question start, from the end of the last working day to the end of that one. */
export type DigestDue = { readonly about: CalendarDay; readonly visits: Span };

/**
 * Due from the noon of the last working day before one or more days on which nobody is there, until they are over: a digest that was held up is still of use then.
 * Before an ordinary working day there is none, because the calls on the list are enough.
 */
export function findDigestDue(clinic: StaffedClinic, now: Instant): DigestDue | undefined {
  const today = dayOf(toLocal(clinic.zone, now));
  const worked = isStaffedDay(clinic, today) ? today : addStaffedDays(clinic, today, -1);
  const about = addStaffedDays(clinic, worked, 1);
  if (about === addDays(worked, 1)) return undefined;
  const midnight = (day: CalendarDay) => placeLocal(clinic.zone, atTime(day, wallClock(0)));
  if (readinessDeadline(clinic, midnight(about)) > now) return undefined;
  return { about, visits: { from: midnight(addDays(worked, 1)), to: midnight(addDays(about, 1)) } };
}

/** Whose mailboxes it goes to: the desk, as far as it is there, else whoever else is there first. Empty: nobody of the roster has one. */
export function listDigestReaders(roster: readonly RosterEntry[], clinic: StaffedClinic, now: Instant): readonly RosterEntry[] {
  const withMail = (people: readonly RosterEntry[]) => people.filter(({ email }) => email !== null);
  const desk = withMail(deskOf(roster));
  const there = desk.filter((entry) => isOnDuty(entry, clinic, now));
  const primaries = withMail(listOnDuty(roster, clinic, now)).filter(({ role }) => role === "primary");
  return [there, desk, primaries].find((people) => people.length > 0) ?? [];
}
