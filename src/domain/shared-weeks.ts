/** Which sessions of a patient lie so close together that they share messages, and in which weeks. Looks over all series of the patient. */
import { DAY, dayOf, lengthOf } from "./calendar.ts";
import type { SessionId } from "./ids.ts";
import { isOver, type PatientFacts, type SeriesFacts, type SessionFacts } from "./patient-facts.ts";
import { toLocal } from "./place-in-time.ts";

export type SharedWeeks = {
  readonly close: ReadonlySet<SessionId>;
  /** The sessions of each shared week in order of time. */
  readonly weeks: readonly (readonly SessionFacts[])[];
};

/** A session that is not going to happen brings nobody closer; one that happened, or was missed, keeps its neighbours where they were. */
export function takesPlace({ status }: SessionFacts): boolean {
  return status !== "cancelled" && status !== "postponed";
}

type Placed = { session: SessionFacts; day: number; closerThan: number };

/** Runs of sessions with gaps smaller than the protocol's `sharesCloserThan`, cut into weeks counted from each run's first session. */
export function findSharedWeeks(facts: Pick<PatientFacts, "series">): SharedWeeks {
  const close = new Set<SessionId>();
  const weeks: SessionFacts[][] = [];
  const sessions = facts.series.flatMap(placeSessions).toSorted((a, b) => a.session.startsAt - b.session.startsAt);
  let weekStart: number | undefined;
  for (const [index, { session, day, closerThan }] of sessions.entries()) {
    const previous = sessions[index - 1];
    const next = sessions[index + 1];
    const joinsPrevious = previous !== undefined && day - previous.day < closerThan;
    if (!joinsPrevious && !(next && next.day - day < next.closerThan)) continue;
    close.add(session.id);
    const sinceStart = joinsPrevious && weekStart !== undefined ? day - weekStart : undefined;
    if (sinceStart !== undefined && sinceStart < 7) weeks.at(-1)?.push(session);
    else {
      weekStart = day - (sinceStart === undefined ? 0 : sinceStart % 7);
      weeks.push([session]);
    }
  }
  return { close, weeks };
}

function placeSessions(series: SeriesFacts): Placed[] {
  if (isOver(series)) return [];
  const { sessions, protocol } = series;
  const closerThan = lengthOf(protocol.sharesCloserThan) / DAY;
  return sessions.filter(takesPlace).map((session) => ({ session, day: dayOf(toLocal(session.zone, session.startsAt)), closerThan }));
}
