/**
 * The one planning transaction, used by producers and by the worker of `plan-series`.
 *
 * Trigger: a fact of a patient has changed. Re-checks: everything, from the rows, under the patient's lock. Effect: the stored plan is what the planner wants
 * now. A repeat with no new fact changes nothing.
 */
import { hintHorizon, newId } from "../clock.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Tx } from "../db/database.ts";
import type { LinkTokens } from "../db/link-tokens.ts";
import { ensureLinks, relinkTouchpoints } from "../db/links.ts";
import { loadPatientFacts } from "../db/patient-facts.ts";
import {
  changeTouchpoints,
  endTouchpoints,
  finishPlans,
  firstTry,
  insertTouchpoints,
  loadSenders,
  loadStoredTouchpoints,
  lockPatients,
  type NewTouchpoint,
  type StoredRow,
  type TouchpointUpdate,
} from "../db/plans.ts";
import { saveInvitations } from "../db/survey-invitations.ts";
import type { Instant } from "../domain/calendar.ts";
import type { LinkId, PatientId, SenderId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { PatientFacts, SeriesFacts } from "../domain/patient-facts.ts";
import { planTouchpoints } from "../domain/plan-touchpoints.ts";
import { reconcilePlan } from "../domain/reconcile-plan.ts";
import { takesPlace } from "../domain/shared-weeks.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { type PlannedTouchpoint, toHistories, type TouchpointState } from "../domain/touchpoint.ts";
import type { DueTouchpoint } from "./hint-touchpoints.ts";
import { findInvitations } from "./invite-surveys.ts";
import { findPages, type Invitations, linkSubjects, type Pages, pageSubject } from "./link-pages.ts";

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
  const plans = [...facts.values()].map((patient) => ({ patient, ...decide(patient, { stored, now: time.now }) }));
  const invitations = await invite(tx, plans);
  const links = await ensureLinks(
    tx,
    plans.flatMap((plan) => linkSubjects(plan, invitations)),
    tokens,
  );
  const rows = await toRows(tx, plans, { links, invitations, now: time.now, horizon: hintHorizon(time) });
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

type Stored = ReadonlyMap<string, readonly StoredRow[]>;

function decide(patient: PatientFacts, { stored, now }: { stored: Stored; now: Instant }) {
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

function toUpdates({ change, idOf }: Decided): TouchpointUpdate[] {
  return change.map(({ id, to }) => ({ id, to, mergedInto: idOf(to.mergedInto) }));
}

/** What is asked by the plans, as it is stored; those of which nothing is new stay as they are. */
async function invite(tx: Tx, plans: readonly Decided[]): Promise<Invitations> {
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

function toRelinked({ unlinked, pages }: Decided, { links, invitations }: Linked): { id: TouchpointId; linkId: LinkId }[] {
  return unlinked.flatMap((row) => {
    const linkId = links.get(`${pageSubject(row, pages, invitations)}/${row.recipient}`);
    return linkId ? [{ id: row.id, linkId }] : [];
  });
}

function toCreated({ id, patientId, plan }: NewTouchpoint): TouchpointChange {
  return { ...describe(plan), id, patientId, before: null, after: standingOf(plan) };
}

function toChanged({ patient, change, supersede, unwanted, byId }: Decided): TouchpointChange[] {
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

function isOff(session: SeriesFacts["sessions"][number]): boolean {
  return !takesPlace(session) || session.status === "no_show" || session.status === "not_dosed";
}

type Decided = { patient: PatientFacts } & ReturnType<typeof decide>;

async function toRows(
  tx: Tx,
  plans: readonly Decided[],
  common: Pick<RowContext, "links" | "invitations" | "now" | "horizon">,
): Promise<NewTouchpoint[]> {
  if (plans.every(({ create }) => create.length === 0)) return [];
  const senders = await loadSenders(tx, [...new Set(plans.flatMap(({ create }) => create.map(({ clinicId }) => clinicId)))]);
  return plans.flatMap(({ patient, create, idOf, pages }) =>
    create.map((plan) => toRow(plan, { ...common, patientId: patient.id, idOf, pages, senders })),
  );
}

type RowContext = {
  patientId: PatientId;
  idOf: Decided["idOf"];
  pages: Pages;
  links: ReadonlyMap<string, LinkId>;
  invitations: Invitations;
  senders: ReadonlyMap<string, SenderId>;
  now: Instant;
  horizon: Instant;
};

function toRow(plan: PlannedTouchpoint, { patientId, idOf, pages, links, invitations, senders, now, horizon }: RowContext): NewTouchpoint {
  const tryAt = firstTry(plan, now);
  const senderId = plan.channel === "task" ? null : (senders.get(`${plan.clinicId}/${plan.channel}`) ?? null);
  return {
    id: idOf(plan) ?? newId(),
    patientId,
    senderId,
    linkId: links.get(`${pageSubject(plan, pages, invitations)}/${plan.recipient}`) ?? null,
    mergedInto: idOf(plan.mergedInto),
    fallbackOf: plan.fallbackOf === null ? null : idOf({ seriesId: plan.seriesId, key: plan.fallbackOf }),
    tryAt,
    hinted: plan.state === "planned" && plan.awaits === null && senderId !== null && tryAt <= horizon,
    plan,
  };
}

function toDue({ id, senderId, tryAt, plan }: NewTouchpoint): DueTouchpoint[] {
  return senderId && plan.channel !== "task" ? [{ id, channel: plan.channel, senderId, tryAt }] : [];
}
