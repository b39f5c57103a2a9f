/** Which sessions of a patient lie so close together that they share messages, and which sessions open a shared week. Looks over all series of the patient. */
import { DAY, dayOf } from "./calendar.ts";
import type { SessionId } from "./ids.ts";
import type { PatientFacts, SeriesFacts, SessionFacts } from "./patient-facts.ts";
import { toLocal } from "./place-in-time.ts";
import { lengthOf } from "./calendar.ts";

export type SharedWeeks = {
  readonly close: ReadonlySet<SessionId>;
  /** First session of each shared week. */
  readonly openers: ReadonlySet<SessionId>;
};

/** A session that is not going to happen brings nobody closer; one that happened, or was missed, keeps its neighbours where they were. */
export function takesPlace({ status }: SessionFacts): boolean {
  return status !== "cancelled" && status !== "postponed";
}

type Placed = { session: SessionFacts; day: number; closerThan: number };

/** Runs of sessions with gaps smaller than the protocol's `sharesCloserThan`, cut into weeks counted from each run's first session. */
export function findSharedWeeks(facts: Pick<PatientFacts, "series">): SharedWeeks {
  const close = new Set<SessionId>();
  const openers = new Set<SessionId>();
  const sessions = facts.series.flatMap(placeSessions).toSorted((a, b) => a.session.startsAt - b.session.startsAt);
  let weekStart: number | undefined;
  for (const [index, { session, day, closerThan }] of sessions.entries()) {
    const previous = sessions[index - 1];
    const next = sessions[index + 1];
    const joinsPrevious = previous !== undefined && day - previous.day < closerThan;
    if (!joinsPrevious && !(next && next.day - day < next.closerThan)) continue;
    close.add(session.id);
    if (joinsPrevious && weekStart !== undefined && day - weekStart < 7) continue;
    weekStart = joinsPrevious && weekStart !== undefined ? weekStart + 7 * Math.floor((day - weekStart) / 7) : day;
    openers.add(session.id);
  }
  return { close, openers };
}

function placeSessions({ sessions, protocol }: SeriesFacts): Placed[] {
  const closerThan = lengthOf(protocol.sharesCloserThan) / DAY;
  return sessions.filter(takesPlace).map((session) => ({ session, day: dayOf(toLocal(session.zone, session.startsAt)), closerThan }));
}
