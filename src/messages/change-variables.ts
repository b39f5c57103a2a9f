/** What a text may say of a session that was changed after it had been announced: what was, and why. What is now are the session's own variables. */
import { dayOf, type Instant } from "../domain/calendar.ts";
import type { SessionForMessage } from "../domain/message-facts.ts";
import { toLocal } from "../domain/place-in-time.ts";
import { sayDay, sayShortDay, sayWhen } from "./say-time.ts";
import { ofSession, type Reader, type ReaderGroup, type Telling } from "./telling.ts";
import { sayClock, todayOf } from "./wall-clock.ts";

/** The `was_` variables have no value for a session of which nothing else had been announced. */
export const changeVariables = {
  /** "Monday, January 11": the day that the reader had been told. */
  was_day: ofTold(({ zone }, told, { facts }) => sayDay(facts.locale, dayOf(toLocal(zone, told)))),
  /** "Mon, Jan 11" */
  was_day_short: ofTold(({ zone }, told, { facts }) => sayShortDay(facts.locale, dayOf(toLocal(zone, told)))),
  was_time: ofTold(sayClock),
  /** "today", "tomorrow", "on Monday": see `when`. */
  was_when: ofTold(({ zone }, told, telling) => sayWhen(telling.facts.locale, dayOf(toLocal(zone, told)), todayOf(telling))),
  /** Whether it takes place as it had been told, after it was called off. */
  is_back: ofTold(({ startsAt }, told) => told === startsAt),
  /** Whether the change leaves it on its day. */
  is_same_day: ofTold(({ zone, startsAt }, told) => dayOf(toLocal(zone, told)) === dayOf(toLocal(zone, startsAt))),
  /** "clinic" or "patient", for conditions; never printed. Null when nobody said whose wish it was: then a text thanks nobody and blames nobody. */
  changed_because: ofSession(({ changedBecause }) => changedBecause),
  /** Whether its time no longer holds and there is no new one yet. */
  is_postponed: ofSession(({ status }) => status === "postponed"),
  /** From when the escort may come: "12:10 PM". Null until staff said so. */
  pickup: ofSession((session, telling) => (session.pickupAt === null ? null : sayClock(session, session.pickupAt, telling))),
} satisfies ReaderGroup;

function ofTold<V extends string | boolean>(read: (session: SessionForMessage, told: Instant, telling: Telling) => V): Reader<V | null> {
  return ofSession((session, telling) => (session.toldStart === null ? null : read(session, session.toldStart, telling)));
}
