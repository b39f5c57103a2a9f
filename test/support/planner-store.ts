/** What is stored of a plan, kept in memory by the rules of `plan-patient`: the planner decides, reconcile compares, and only planned and held rows change. */
import type { Instant } from "../../src/domain/calendar.ts";
import type { PatientFacts } from "../../src/domain/patient-facts.ts";
import { planTouchpoints } from "../../src/domain/plan-touchpoints.ts";
import { type Reconciliation, reconcilePlan } from "../../src/domain/reconcile-plan.ts";
import { takesPlace } from "../../src/domain/shared-weeks.ts";
import { type PlannedTouchpoint, type StoredTouchpoint, toHistories } from "../../src/domain/touchpoint.ts";

export type Store = readonly StoredTouchpoint[];

/** A row for each planned touchpoint, as the first plan inserts it; its id is its series and key. */
export function toStored(planned: PlannedTouchpoint): StoredTouchpoint {
  const { mergedInto } = planned;
  return {
    ...planned,
    id: `${planned.seriesId}/${planned.key}`,
    isUndelivered: false,
    called: null,
    mergedIntoId: mergedInto && `${mergedInto.seriesId}/${mergedInto.key}`,
  };
}

/** By series and key. */
export const historyOf = toHistories;

/** What planning these facts over that store at `now` would write. */
export function reconcile(facts: PatientFacts, store: Store, now: Instant): Reconciliation {
  const wanted = planTouchpoints({ facts, history: historyOf(store), now });
  const off = new Set<string>(
    facts.series.flatMap(({ sessions }) =>
      sessions
        .filter((session) => !takesPlace(session) || session.status === "no_show" || session.status === "not_dosed")
        .map(({ id }) => id),
    ),
  );
  const all = facts.series.map(({ id }) =>
    reconcilePlan(
      wanted.filter(({ seriesId }) => seriesId === id),
      store.filter(({ seriesId }) => seriesId === id),
      { isOff: (sessionId) => off.has(sessionId) },
    ),
  );
  return {
    create: all.flatMap(({ create }) => create),
    change: all.flatMap(({ change }) => change),
    supersede: all.flatMap(({ supersede }) => supersede),
    unwanted: all.flatMap(({ unwanted }) => unwanted),
  };
}

/** The store after that plan. */
export function storePlan(facts: PatientFacts, store: Store, now: Instant): Store {
  const { create, change, supersede } = reconcile(facts, store, now);
  const changes = new Map(change.map(({ id, to }) => [id, to]));
  const ends = new Map(supersede.map(({ id, state }) => [id, state]));
  const kept = store.map((row): StoredTouchpoint => {
    const to = changes.get(row.id);
    return to ? toStored(to) : { ...row, state: ends.get(row.id) ?? row.state };
  });
  return [...kept, ...create.map(toStored)];
}

export const NOTHING: Reconciliation = { create: [], change: [], supersede: [], unwanted: [] };
