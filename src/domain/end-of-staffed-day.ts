/** Until when something is done "the same day": while somebody is still there to do it. */
import { atTime, addDays, dayOf, HOUR, type Instant, instant, wallClock } from "./calendar.ts";
import { placeLocal, toLocal } from "./place-in-time.ts";
import { addStaffedTime, type StaffedClinic, staffedSpans } from "./staffed-time.ts";

/** However late in the day it came in. */
const AT_LEAST_MS = HOUR;
const LOOKED_AHEAD_DAYS = 30;

/** The end of this staffed day, or of the next where nobody is there any more; at least an hour of staffed time from now. */
export function endOfStaffedDay(clinic: StaffedClinic, now: Instant): Instant {
  const midnight = placeLocal(clinic.zone, atTime(addDays(dayOf(toLocal(clinic.zone, now)), LOOKED_AHEAD_DAYS), wallClock(0)));
  const spans = staffedSpans(clinic, { from: now, to: midnight });
  const day = spans[0] && dayOf(toLocal(clinic.zone, spans[0].from));
  const last = spans.findLast(({ from }) => dayOf(toLocal(clinic.zone, from)) === day);
  return instant(Math.max(last?.to ?? now, addStaffedTime(clinic, now, AT_LEAST_MS)));
}
