/** When nobody may be asked for a decision. */
import { addDays, atTime, DAY, dayOf, wallClock } from "./calendar.ts";
import type { Instrument } from "./instruments/instrument.ts";
import { isOver, type PatientFacts, type SessionFacts } from "./patient-facts.ts";
import { placeLocal, toLocal } from "./place-in-time.ts";
import { takesPlace } from "./shared-weeks.ts";
import { span } from "./spans.ts";
import type { Span } from "./touchpoint.ts";

/** Nine on the patient's wall. */
const MORNING = wallClock(9 * 60);

/** From each dose's start, planned or given, to nine the next morning where the patient is. In order; two doses on one day overlap. */
export function impairedSpans({ patient: { zone }, series }: PatientFacts): Span[] {
  const doses = series.flatMap((each) =>
    each.sessions.filter((session) => impairs(session) && !(isOver(each) && session.status === "scheduled")),
  );
  return doses
    .map(({ startsAt }) => span(startsAt, placeLocal(zone, atTime(addDays(dayOf(toLocal(zone, startsAt)), 1), MORNING))))
    .toSorted((a, b) => a.from - b.from);
}

/** Questions about so many days or more measure a course, and not the day after a dose. */
const COURSE_DAYS = 7;

/** When these questions would be answered out of the last dose: from its start until a day after it. In order. */
export function unfitSpans({ recallDays }: Pick<Instrument, "recallDays">, { series }: PatientFacts): Span[] {
  if (recallDays === null || recallDays < COURSE_DAYS) return [];
  return series
    .flatMap((each) => each.sessions.filter((session) => impairs(session) && !(isOver(each) && session.status === "scheduled")))
    .map(({ startsAt, dosedAt }) => span(startsAt, (dosedAt ?? startsAt) + DAY))
    .toSorted((a, b) => a.from - b.from);
}

function impairs(session: SessionFacts): boolean {
  const { kind, status } = session;
  return (kind === "dosing" || kind === "booster") && takesPlace(session) && status !== "no_show" && status !== "not_dosed";
}
