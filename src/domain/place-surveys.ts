/**
 * What may be asked, over all series of a patient: an instrument is asked again only when its questions are about another time, whatever rule wants it; what is
 * answered is not asked; and what is asked is reminded of.
 */
import type { Instant } from "./calendar.ts";
import { dayOf } from "./calendar.ts";
import type { Occasion } from "./occasions.ts";
import type { PatientFacts } from "./patient-facts.ts";
import type { PlanContext } from "./plan-context.ts";
import { keyOf } from "./plan-context.ts";
import { toLocal } from "./place-in-time.ts";
import { isTold, mayHaveTold } from "./stored-standing.ts";
import { findChasers } from "./survey-chasers.ts";
import type { StoredTouchpoint } from "./touchpoint.ts";

type Course = { readonly seriesId: string; readonly occasions: readonly Occasion[]; readonly context: Omit<PlanContext, "decisions"> };

/** The courses with those askings that make sense, each followed by what reminds of it. A patient whom nobody asks anything costs nothing. */
export function placeSurveys<Each extends Course>(courses: readonly Each[], facts: PatientFacts): Each[] {
  if (courses.every(({ occasions }) => occasions.every(({ survey }) => survey === null))) return [...courses];
  const kept = chooseAskings(courses, facts);
  return courses.map((course) => {
    const chasing = course.occasions.flatMap((occasion) => (kept.has(occasion) ? findChasers(occasion, course.context) : []));
    const occasions = course.occasions.filter((occasion) => occasion.survey === null || kept.has(occasion));
    return { ...course, occasions: [...occasions, ...chasing] };
  });
}

type Asking = { readonly occasion: Occasion; readonly at: Instant; readonly isAsked: boolean };
/** Days on the patient's wall on which an instrument has its turn. */
type Turns = Map<string, number[]>;

/**
 * What went out counts where it stood, and so does what was measured without an asking. Of the rest the single askings come first (a baseline, an end), then the
 * repeated ones, in order of time.
 */
function chooseAskings(courses: readonly Course[], facts: PatientFacts): ReadonlySet<Occasion> {
  const dayFor = (at: Instant) => dayOf(toLocal(facts.patient.zone, at));
  const askings = courses.flatMap(({ occasions, context }) => occasions.flatMap((occasion) => toAsking(occasion, context)));
  const turns: Turns = new Map();
  for (const { instrument, at } of facts.surveyed) take(turns, instrument, dayFor(at));
  const measured = new Map([...turns].map(([id, days]) => [id, [...days]]));
  const kept = new Set<Occasion>();
  for (const { occasion, at } of askings.filter(({ isAsked }) => isAsked)) {
    if (isFree(measured, occasion, dayFor(at))) kept.add(occasion);
    take(turns, occasion.survey?.instrument.id, dayFor(at));
  }
  for (const { occasion, at } of askings.filter(({ isAsked }) => !isAsked).toSorted(byTurn)) {
    if (!isFree(turns, occasion, dayFor(at))) continue;
    kept.add(occasion);
    take(turns, occasion.survey?.instrument.id, dayFor(at));
  }
  for (const { occasion } of askings) if (isAnswered(occasion)) kept.delete(occasion);
  return kept;
}

function toAsking(occasion: Occasion, { newest }: Course["context"]): Asking[] {
  if (occasion.survey === null) return [];
  const rows = occasion.rule.channels.flatMap((channel) => newest.get(keyOf(occasion, channel)) ?? []);
  const asked = rows.find((row) => mayHaveTold(row) || isTold(row));
  return [{ occasion, at: asked ? askedAt(occasion, asked) : occasion.nominal, isAsked: asked !== undefined || isAnswered(occasion) }];
}

/** A quiet hour, or a call in staffed hours, is no other time: it counts where it was meant to be, as it did when what follows was planned. */
function askedAt({ nominal, usefulUntil }: Occasion, { dueAt }: StoredTouchpoint): Instant {
  return dueAt >= nominal && dueAt <= usefulUntil ? nominal : dueAt;
}

function isAnswered({ series, survey }: Occasion): boolean {
  return survey !== null && series.answeredSurveys.has(survey.invitation);
}

function byTurn({ occasion: a }: Asking, { occasion: b }: Asking): number {
  const rank = ({ rule }: Occasion) => (rule.repeat ? 1 : 0);
  return rank(a) - rank(b) || a.nominal - b.nominal || (`${a.series.id}${a.rule.id}` < `${b.series.id}${b.rule.id}` ? -1 : 1);
}

function isFree(turns: ReadonlyMap<string, readonly number[]>, { survey }: Occasion, day: number): boolean {
  const least = survey?.instrument.askAgainAfterDays ?? null;
  if (survey === null || least === null) return true;
  return (turns.get(survey.instrument.id) ?? []).every((other) => Math.abs(day - other) >= least);
}

function take(turns: Turns, instrument: string | undefined, day: number): void {
  if (instrument === undefined) return;
  const days = turns.get(instrument);
  if (days) days.push(day);
  else turns.set(instrument, [day]);
}
