/**
 * The one planning transaction, used by producers and by the worker of `plan-series`.
 *
 * Trigger: a fact of a patient has changed. Re-checks: everything, from the rows, under the patient's lock. Effect: the stored plan is what the planner wants
 * now. A repeat with no new fact changes nothing.
 */
import { hintHorizon } from "../clock.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Tx } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { ensureLinks, relinkTouchpoints } from "../db/links.ts";
import { loadPatientFacts } from "../db/patient-facts.ts";
import {
  changeTouchpoints,
  endTouchpoints,
  finishPlans,
  insertTouchpoints,
  loadStoredTouchpoints,
  lockPatients,
  type TouchpointUpdate,
} from "../db/plans.ts";
import { saveInvitations } from "../db/survey-invitations.ts";
import type { LinkId, PatientId, TouchpointId } from "../domain/ids.ts";
import { type DecidedPlan, decidePlan } from "./decide-plan.ts";
import type { DueTouchpoint } from "./hint-touchpoints.ts";
import { type Invitations, linkSubjects, pageSubject } from "./link-pages.ts";
import { toDue, toPlanRows } from "./plan-rows.ts";
import { toChanged, toCreated, type TouchpointChange } from "./touchpoint-change.ts";

export type PlanResult = {
  readonly planned: number;
  readonly due: readonly DueTouchpoint[];
  /** What became of every row that is not what it was. */
  readonly changes: () => TouchpointChange[];
};

/** Plans one patient; see {@link planPatients}. */
export async function planPatient(tx: Tx, patientId: PatientId, tokens: LinkTokens): Promise<PlanResult> {
  return planPatients(tx, [patientId], tokens);
}

/** Plans those of these patients whose plan is stale, together: the same statements for one and for many. Returns what must be hinted after the commit. */
export async function planPatients(tx: Tx, ids: readonly PatientId[], tokens: LinkTokens): Promise<PlanResult> {
  const locked = (await lockPatients(tx, ids)).flatMap(({ id, isStale }) => (isStale ? [id] : []));
  if (locked.length === 0) return { planned: 0, due: [], changes: () => [] };
  const time = await readClinicTime(tx);
  const facts = await loadPatientFacts(tx, locked);
  const seriesIds = [...facts.values()].flatMap(({ series }) => series.map(({ id }) => id));
  const stored = Map.groupBy(await loadStoredTouchpoints(tx, seriesIds), ({ seriesId }) => seriesId);
  const plans = [...facts.values()].map((patient) => decidePlan(patient, { stored, now: time.now }));
  const invitations = await invite(tx, plans);
  const links = await ensureLinks(
    tx,
    plans.flatMap((plan) => linkSubjects(plan, invitations)),
    tokens,
  );
  const rows = await toPlanRows(tx, plans, { links, invitations, now: time.now, horizon: hintHorizon(time) });
  await insertTouchpoints(tx, rows);
  await changeTouchpoints(tx, plans.flatMap(toUpdates), time.now);
  await endTouchpoints(tx, { ended: plans.flatMap(({ supersede }) => supersede), unwanted: plans.flatMap(({ unwanted }) => unwanted) });
  await relinkTouchpoints(
    tx,
    plans.flatMap((plan) => toRelinked(plan, { links, invitations })),
  );
  await finishPlans(tx, locked);
  return {
    planned: rows.length,
    due: rows.flatMap((row) => (row.hinted ? toDue(row) : [])),
    changes: () => [...rows.map(toCreated), ...plans.flatMap(toChanged)],
  };
}

function toUpdates({ change, idOf }: DecidedPlan): TouchpointUpdate[] {
  return change.map(({ id, to }) => ({ id, to, mergedInto: idOf(to.mergedInto) }));
}

/** What is asked by the plans, as it is stored; those of which nothing is new stay as they are. */
async function invite(tx: Tx, plans: readonly DecidedPlan[]): Promise<Invitations> {
  const asked = plans.flatMap((plan) => plan.invitations);
  const ids = await saveInvitations(tx, asked);
  return new Map(
    asked.flatMap(({ seriesId, key, closesAt }) => {
      const id = ids.get(`${seriesId}/${key}`);
      return id ? [[`${seriesId}/${key}`, { id, closesAt }] as const] : [];
    }),
  );
}

type Linked = { readonly links: ReadonlyMap<string, LinkId>; readonly invitations: Invitations };

function toRelinked({ unlinked, pages }: DecidedPlan, { links, invitations }: Linked): { id: TouchpointId; linkId: LinkId }[] {
  return unlinked.flatMap((row) => {
    const linkId = links.get(`${pageSubject(row, pages, invitations)}/${row.recipient}`);
    return linkId ? [{ id: row.id, linkId }] : [];
  });
}
