/** What a text may say of a session: when, where, with whom. */
import { type CalendarOffset, dayOf, type Instant } from "../domain/calendar.ts";
import type { SessionForMessage } from "../domain/message-facts.ts";
import { addOffset, toLocal } from "../domain/place-in-time.ts";
import { toPlainValue } from "./plain-value.ts";
import { changeVariables } from "./change-variables.ts";
import { instructionsFor, isDosed, prepVariables } from "./prep-variables.ts";
import { sayDay, sayShortDay, sayWhen } from "./say-time.ts";
import { ofSession, type ReaderGroup } from "./telling.ts";
import { sayClock, todayOf } from "./wall-clock.ts";

const { solids_until, liquids_until, nasal_until } = prepVariables.prep;

export const sessionVariables = {
  /** "Monday, January 11" */
  day: ofSession(({ zone, startsAt }, { facts }) => sayDay(facts.locale, dayOf(toLocal(zone, startsAt)))),
  /** "Mon, Jan 11" */
  day_short: ofSession(({ zone, startsAt }, { facts }) => sayShortDay(facts.locale, dayOf(toLocal(zone, startsAt)))),
  time: ofSession((session, telling) => sayClock(session, session.startsAt, telling)),
  /** When to be there: earlier than `time` where the protocol asks for it. */
  arrive_time: ofSession((session, telling) =>
    sayClock(session, arrivalOf(session, instructionsFor(session, telling.facts).arriveEarly), telling),
  ),
  /** End of the observation: when the companion should be there. */
  end_time: ofSession((session, telling) => sayClock(session, session.endsAt, telling)),
  /** "today", "tomorrow", "on Monday", and from a week on with the date: the session's day, seen from the recipient's day at the moment of sending. */
  when: ofSession(({ zone, startsAt }, telling) => sayWhen(telling.facts.locale, dayOf(toLocal(zone, startsAt)), todayOf(telling))),
  /** The session's own; of a visit in the clinic without one, the clinic's address. */
  place: ofSession(({ place, setting }, { channel, facts }) => {
    const where = place || (setting === "clinic" ? facts.clinic.address : null);
    return where ? toPlainValue(where, channel === "sms" ? 60 : 200) : null;
  }),
  with: ofSession(({ with: person }) => (person ? toPlainValue(person, 40) : null)),
  /** Only an https address; anything else counts as none. */
  join_url: ofSession(({ joinUrl }) => (joinUrl && /^https:\/\/[^\s"'<>]+$/.test(joinUrl) ? joinUrl : null)),
  /** The protocol's word (preparation, dosing, …), for conditions; never printed. */
  kind: ofSession(({ kind }) => kind),
  is_home: ofSession(({ setting }) => setting === "home"),
  is_telehealth: ofSession(({ setting }) => setting === "telehealth"),
  /** Whether somebody must take the patient home or stay: false for talks before and after. */
  needs_companion: ofSession(isDosed),
  solids_until,
  liquids_until,
  nasal_until,
  /** Whether it is today or tomorrow, seen from the recipient's day: then nothing more comes before it that says how to prepare. */
  is_near: ofSession(({ zone, startsAt }, telling) => dayOf(toLocal(zone, startsAt)) <= todayOf(telling) + 1),
  ...changeVariables,
} satisfies ReaderGroup;

function arrivalOf({ zone, startsAt }: SessionForMessage, early: CalendarOffset | undefined): Instant {
  return early ? addOffset(zone, startsAt, { ...early, sign: -1 }) : startsAt;
}
