/**
 * The planner: from the facts of one patient to every touchpoint that should reach the patient and whom the patient named, over all active series.
 *
 * Pure, total and deterministic: it reads no clock, no zone of the process and no database. `now` decides only about touchpoints that have no row in `history`,
 * are taken again or come out of a hold; so planning, storing and planning again at any later `now` with no new fact changes nothing. Moments already past come
 * back as suppressed rows that staff can see, never dropped.
 */
import { indexTold } from "./already-told.ts";
import type { Instant } from "./calendar.ts";
import type { Draft } from "./draft.ts";
import { findUnmerged } from "./find-unmerged.ts";
import { impairedSpans } from "./impaired-spans.ts";
import { findOccasions, type Occasion } from "./occasions.ts";
import type { PatientFacts } from "./patient-facts.ts";
import type { Decisions, PlanContext } from "./plan-context.ts";
import { planOccasion } from "./plan-occasion.ts";
import { placeSurveys } from "./place-surveys.ts";
import { findChecks, holdUnverified } from "./quiet-contact.ts";
import { indexLatecomers } from "./latecomers.ts";
import { findNewest } from "./retakes.ts";
import { settleFresh } from "./settle-fresh.ts";
import { findSharedWeeks } from "./shared-weeks.ts";
import { findOverBudget } from "./text-budget.ts";
import type { PlannedTouchpoint, StoredTouchpoint, TouchpointHistory } from "./touchpoint.ts";

export type PlanInput = {
  readonly facts: PatientFacts;
  /** What has been planned before, a map a series. */
  readonly history: ReadonlyMap<string, TouchpointHistory>;
  readonly now: Instant;
};

export function planTouchpoints(input: PlanInput): PlannedTouchpoint[] {
  const { facts, history } = input;
  const rows = [...history.values()].flatMap((each) => [...each.values()]);
  const courses = toCourses(input);
  let decisions = UNDECIDED;
  // What a week has no room for changes what is said besides it; each round decides about rows of their own, so the rounds end.
  for (;;) {
    const drafts = settleFresh(draftAll(courses, decisions), input.now);
    const more = decideMore(decisions, { drafts, rows, facts });
    if (!more) return finish(drafts, { courses, decisions, rows, facts });
    decisions = more;
  }
}

const NOTHING_STORED: TouchpointHistory = new Map();
const UNDECIDED: Decisions = { overBudget: new Set(), unmerged: new Set() };

type Course = { readonly seriesId: string; readonly occasions: readonly Occasion[]; readonly context: Omit<PlanContext, "decisions"> };

function toCourses({ facts, history, now }: PlanInput): Course[] {
  const weeks = findSharedWeeks(facts);
  const impaired = impairedSpans(facts);
  const courses = facts.series.map((series) => {
    const stored = history.get(series.id) ?? NOTHING_STORED;
    const newest = findNewest(stored);
    const context = { facts, impaired, newest, ...indexTold(stored, now), isLatecomer: indexLatecomers(newest), now };
    return { seriesId: series.id, occasions: findOccasions(facts, series, weeks), context };
  });
  return placeSurveys(courses, facts);
}

function draftAll(courses: readonly Course[], decisions: Decisions): Draft[] {
  return courses.flatMap(({ occasions, context }) => occasions.flatMap((occasion) => planOccasion(occasion, { ...context, decisions })));
}

type Whole = { readonly drafts: readonly Draft[]; readonly rows: readonly StoredTouchpoint[]; readonly facts: PatientFacts };

function decideMore({ overBudget, unmerged }: Decisions, { drafts, rows, facts }: Whole): Decisions | undefined {
  const over = findOverBudget(drafts, rows, facts);
  const alone = findUnmerged(drafts, rows);
  const more: Decisions = { overBudget: new Set([...overBudget, ...over]), unmerged: new Set([...unmerged, ...alone]) };
  return more.overBudget.size > overBudget.size || more.unmerged.size > unmerged.size ? more : undefined;
}

type Finishing = Omit<Whole, "drafts"> & { readonly courses: readonly Course[]; readonly decisions: Decisions };

/** Last, because it asks what is going to be said at all. */
function finish(planned: readonly Draft[], { courses, decisions, rows, facts }: Finishing): PlannedTouchpoint[] {
  const { drafts, silences } = holdUnverified(planned, rows, facts);
  const checks = findChecks(silences, facts).flatMap(({ seriesId, occasion }) => {
    const course = courses.find((each) => each.seriesId === seriesId);
    return course ? planOccasion(occasion, { ...course.context, decisions }) : [];
  });
  return [...drafts, ...checks].map(({ touchpoint }) => touchpoint);
}

/** Used where a plan is shown to people: in order of time, then by rule, session and channel. */
export function inOrderOfTime(touchpoints: readonly PlannedTouchpoint[]): PlannedTouchpoint[] {
  return touchpoints.toSorted((a, b) => a.dueAt - b.dueAt || (a.key < b.key ? -1 : 1));
}
