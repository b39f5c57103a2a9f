/** Moments as the reader of a message should hear them: on the wall where the session happens, with the zone named when the reader's own wall differs. */
import { dayOf, type CalendarDay, type Instant, timeOf } from "../domain/calendar.ts";
import type { SessionForMessage } from "../domain/message-facts.ts";
import { toLocal } from "../domain/place-in-time.ts";
import { sayTime, sayTimeOfDay, sayZone } from "./say-time.ts";
import type { Telling } from "./telling.ts";

/** "9:00 AM", or "9:00 AM MST" for somebody whose clock shows another time at that moment. */
export function sayClock({ zone }: SessionForMessage, at: Instant, { facts }: Telling): string {
  const local = toLocal(zone, at);
  const time = sayTime(facts.locale, timeOf(local));
  return zone === facts.recipient.zone || local === toLocal(facts.recipient.zone, at) ? time : `${time} ${sayZone(facts.locale, zone, at)}`;
}

/** The day on the recipient's wall at the moment of sending: what "today" means to the reader. */
export function todayOf({ facts, now }: Telling): CalendarDay {
  return dayOf(toLocal(facts.recipient.zone, now));
}

/** "11:00 AM tomorrow", "11:00 PM tonight". */
export function sayClockAndDay(session: SessionForMessage, at: Instant, telling: Telling): string {
  const clock = sayClock(session, at, telling);
  return sayTimeOfDay(telling.facts.locale, clock, { local: toLocal(session.zone, at), today: todayOf(telling) });
}
