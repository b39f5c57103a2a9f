/** From a patient's facts and stored plan to what has to be created, changed, superseded and linked. Reads and writes nothing. */
import { newId } from "../clock.ts";
import type { StoredRow } from "../db/plans.ts";
import type { Instant } from "../domain/calendar.ts";
import type { SeriesId, TouchpointId } from "../domain/ids.ts";
import type { PatientFacts, SeriesFacts } from "../domain/patient-facts.ts";
import { planTouchpoints } from "../domain/plan-touchpoints.ts";
import { reconcilePlan } from "../domain/reconcile-plan.ts";
import { takesPlace } from "../domain/shared-weeks.ts";
import { toHistories } from "../domain/touchpoint.ts";
import { findInvitations } from "./invite-surveys.ts";
import { findPages } from "./link-pages.ts";

/** Stored rows by series. */
export type StoredPlans = ReadonlyMap<string, readonly StoredRow[]>;

/** One patient's plan, decided. */
export type DecidedPlan = ReturnType<typeof decidePlan>;

/** Plans and reconciles one patient, all series together. */
export function decidePlan(patient: PatientFacts, { stored, now }: { stored: StoredPlans; now: Instant }) {
  const rows = patient.series.flatMap(({ id }) => stored.get(id) ?? []);
  const wanted = Map.groupBy(planTouchpoints({ facts: patient, history: toHistories(rows), now }), ({ seriesId }) => seriesId);
  const off = new Set(patient.series.flatMap(({ sessions }) => sessions.filter(isOff).map(({ id }): string => id)));
  const results = patient.series.map(({ id }) =>
    reconcilePlan(wanted.get(id) ?? [], stored.get(id) ?? [], { isOff: (session) => off.has(session) }),
  );
  const create = results.flatMap((each) => each.create);
  const supersede = results.flatMap((each) => each.supersede);
  const ends = new Set(supersede.map(({ id }) => id));
  const change = results.flatMap((each) => each.change);
  const unlinked = rows.filter(({ id, isUnlinked }) => isUnlinked && !ends.has(id));
  const pages = findPages(patient);
  const touched = [...create, ...change.map(({ to }) => to), ...unlinked].flatMap((row) => pages.invitationOf(row) ?? []);
  return {
    patient,
    create,
    change,
    supersede,
    pages,
    invitations: findInvitations({
      patient,
      wanted: [...wanted.values()].flat(),
      touched: new Set(touched),
      invitationOf: pages.invitationOf,
    }),
    unwanted: results.flatMap(({ unwanted }) => unwanted),
    unlinked,
    idOf: toIds(rows, create),
    byId: () => new Map(rows.map((row): [string, StoredRow] => [row.id, row])),
  };
}

type Place = { readonly seriesId: SeriesId; readonly key: string };

/** Ids by series and key: of what is stored, and new ones of what is to be. */
function toIds(stored: readonly StoredRow[], created: readonly Place[]): (place: Place | null) => TouchpointId | null {
  const ids = new Map(stored.map((row): [string, TouchpointId] => [`${row.seriesId}/${row.key}`, row.id]));
  for (const { seriesId, key } of created) ids.set(`${seriesId}/${key}`, newId<"touchpoint">());
  return (place) => (place && ids.get(`${place.seriesId}/${place.key}`)) ?? null;
}

function isOff(session: SeriesFacts["sessions"][number]): boolean {
  return !takesPlace(session) || session.status === "no_show" || session.status === "not_dosed";
}
