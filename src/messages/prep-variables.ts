/** What a text may say of preparing for a session and of the hours after it. Lengths come from the protocol; texts get clock times, never sums to do. */
import { addDays, atTime, type CalendarOffset, dayOf, type Instant, timeOf, wallClock } from "../domain/calendar.ts";
import type { MessageFacts, SessionForMessage } from "../domain/message-facts.ts";
import { addOffset, placeLocal, toLocal } from "../domain/place-in-time.ts";
import { sayMidnight } from "./say-time.ts";
import { ofSession, type Reader, type ReaderGroup, type Telling } from "./telling.ts";
import { sayClock, sayClockAndDay, todayOf } from "./wall-clock.ts";

type Cutoff = "solids" | "liquids" | "nasalProducts";

const solids = until("solids");
const liquids = until("liquids");
const nasal = until("nasalProducts");

const prep = {
  /** Last clock time for solid food: "2:00 AM", or with its day when that is not the day of the session: "11:00 PM tonight". Null when the protocol has none. */
  solids_until: solids,
  /** Last clock time for clear liquids. */
  liquids_until: liquids,
  /** Last clock time for sprays and drops in the nose. */
  nasal_until: nasal,
  has_solids: (telling) => solids(telling) !== null,
  has_liquids: (telling) => liquids(telling) !== null,
  has_nasal: (telling) => nasal(telling) !== null,
  /** Whether the last moment for solid food is over when this is read: then a text asks what was eaten, and forbids nothing. */
  solids_passed: passed("solids"),
  liquids_passed: passed("liquids"),
  /** "driver" or "sitter", for conditions; never printed. */
  companion: ({ facts, session }) => instructionsFor(session && isDosed(session) ? session : facts.sessions.find(isDosed), facts).companion,
} satisfies ReaderGroup;

const restriction = {
  /** First moment at which driving can be thought of, with its day: "11:00 AM tomorrow". */
  until: ofSession((session, telling) =>
    isDosed(session)
      ? sayClockAndDay(session, restrictionEnd(session, instructionsFor(session, telling.facts).restriction), telling)
      : null,
  ),
} satisfies ReaderGroup;

export const prepVariables = { prep, restriction };

function until(cutoff: Cutoff): Reader<string | null> {
  return ofSession((session, telling) => {
    const length = isDosed(session) ? instructionsFor(session, telling.facts)[cutoff] : undefined;
    return length ? sayCutoff(session, cutoffOf(session, length), telling) : null;
  });
}

function cutoffOf({ zone, startsAt }: SessionForMessage, length: CalendarOffset): Instant {
  return addOffset(zone, startsAt, { ...length, sign: -1 });
}

function passed(cutoff: Cutoff): Reader<boolean | null> {
  return ofSession((session, { facts, now }) => {
    const length = isDosed(session) ? instructionsFor(session, facts)[cutoff] : undefined;
    return length !== undefined && cutoffOf(session, length) <= now;
  });
}

/** How to prepare for a session: as its own series says, where the message is of another. */
export function instructionsFor(
  session: SessionForMessage | undefined,
  facts: Pick<MessageFacts, "instructions">,
): MessageFacts["instructions"] {
  return session?.instructions ?? facts.instructions;
}

/** Whether a session is one that people prepare for and are taken home from; talks before and after are not. */
export function isDosed({ kind }: SessionForMessage): boolean {
  return kind === "dosing" || kind === "booster";
}

/** A cut-off at midnight is called midnight: "12:00 AM on Monday" is read as either end of Monday. */
function sayCutoff(session: SessionForMessage, at: Instant, telling: Telling): string {
  const local = toLocal(session.zone, at);
  const day = dayOf(local);
  const sessionDay = dayOf(toLocal(session.zone, session.startsAt));
  if (day !== sessionDay) return sayClockAndDay(session, at, telling);
  if (timeOf(local) !== 0) return sayClock(session, at, telling);
  const { locale } = telling.facts;
  return sayMidnight(locale, { evening: addDays(day, -1), today: todayOf(telling) });
}

/**
 * The clock time that stands for "the next day after a restful sleep", the manufacturer's wording for driving (domain-facts 3.1). Texts say the sleep as well;
 * this only keeps the clock time from falling into the night.
 */
const NIGHT_ENDS = wallClock(8 * 60);

/** The later of: the protocol's length after discharge (or the planned end), and the next morning where the session happened. */
function restrictionEnd({ zone, endsAt, dischargedAt }: SessionForMessage, length: CalendarOffset): Instant {
  const left = dischargedAt ?? endsAt;
  const elapsed = addOffset(zone, left, length);
  const morning = placeLocal(zone, atTime(addDays(dayOf(toLocal(zone, left)), 1), NIGHT_ENDS));
  return elapsed > morning ? elapsed : morning;
}
