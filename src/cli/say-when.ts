/** Moments as people read them in a terminal. */
import { dayOf, formatLocal, type Instant, weekdayOf } from "../domain/calendar.ts";
import { toLocal, type Zone } from "../domain/place-in-time.ts";

/** `Mon 2027-01-11 09:00`, on the wall of the zone. */
export function sayWhen(zone: Zone, at: Instant): string {
  const local = toLocal(zone, at);
  const weekday = weekdayOf(dayOf(local));
  return `${weekday.charAt(0).toUpperCase()}${weekday.slice(1)} ${formatLocal(local).replace("T", " ")}`;
}
