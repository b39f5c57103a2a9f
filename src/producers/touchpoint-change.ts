/** What planning did to a row of the plan: as staff are shown it before they agree, and as it is told. */
import type { NewTouchpoint, StoredRow } from "../db/plans.ts";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { PlannedTouchpoint, TouchpointState } from "../domain/touchpoint.ts";
import type { DecidedPlan } from "./decide-plan.ts";

/** One row of the plan that became another, or that is new (`before` null). */
export type TouchpointChange = {
  readonly id: TouchpointId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
  readonly rule: string;
  readonly template: string;
  readonly purpose: string;
  readonly recipient: string;
  readonly channel: string;
  readonly zone: Zone;
  readonly before: Standing | null;
  readonly after: Standing;
};

/** `unwanted`: in the hands of a provider, perhaps, and never planned again. */
export type Standing = { readonly state: TouchpointState | "unwanted"; readonly reason: string | null; readonly dueAt: Instant };

/** A row that was not there. */
export function toCreated({ id, patientId, plan }: NewTouchpoint): TouchpointChange {
  return { ...describe(plan), id, patientId, before: null, after: standingOf(plan) };
}

/** The rows that stood and stand otherwise now. */
export function toChanged({ patient, change, supersede, unwanted, byId }: DecidedPlan): TouchpointChange[] {
  const rows = byId();
  const changed = (id: string, after: (row: StoredRow) => Standing): TouchpointChange[] => {
    const row = rows.get(id);
    return row ? [{ ...describe(row), id: row.id, patientId: patient.id, before: standingOf(row), after: after(row) }] : [];
  };
  return [
    ...change.flatMap(({ id, to }) => changed(id, () => standingOf(to))),
    ...supersede.flatMap(({ id, state }) => changed(id, ({ dueAt }) => ({ state, reason: null, dueAt }))),
    ...unwanted.flatMap((id) => changed(id, ({ dueAt }) => ({ state: "unwanted", reason: null, dueAt }))),
  ];
}

function describe({ seriesId, sessionId, rule, template, purpose, recipient, channel, zone }: PlannedTouchpoint | StoredRow) {
  return { seriesId, sessionId, rule, template, purpose, recipient, channel, zone };
}

function standingOf({ state, reason, dueAt }: Standing): Standing {
  return { state, reason, dueAt };
}
