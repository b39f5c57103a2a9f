/** The stored side of planning: locks patients, reads what is stored of their plan, writes what `reconcile-plan` decided. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, LinkId, PatientId, SenderId, SeriesId, TouchpointId } from "../domain/ids.ts";
import { firstWithin } from "../domain/spans.ts";
import type { PlannedTouchpoint, StoredTouchpoint } from "../domain/touchpoint.ts";
import { CALLED } from "./called.ts";
import { type Database, toMultirange, toTimestamp, type Tx } from "./database.ts";
import { type Columns, INSTANT, insertRows, unnest } from "./rows.ts";

export type LockedPatient = { readonly id: PatientId; readonly revision: number; readonly isStale: boolean };

/** Locks the patients in id order, so that two plans of overlapping patients wait instead of deadlocking; returns those that exist, and whose plan is stale. */
export async function lockPatients(tx: Tx, ids: readonly PatientId[]): Promise<LockedPatient[]> {
  const { rows } = await sql<LockedPatient>`
    select id, plan_revision as revision, plan_revision <> planned_revision as is_stale from patients where id = any(${ids}::uuid[]) order by id for update`.execute(
    tx,
  );
  return rows;
}

/**
 * From now on nothing that a worker has loaded of these patients can be claimed: it is hinted, loaded and written anew, from what is true then. To be called
 * under the patients' locks before a fact is written, and before it is asked what they were told: a claim under way is waited for and seen. Without it a text
 * that hangs on more than its own row, a week's plan say, would still go out with what it was written from. Rows are loaded when they are due or nearly so.
 */
export async function takeBackHints(tx: Tx, patientIds: readonly PatientId[]): Promise<void> {
  await sql`
    update touchpoints t set hinted_at = null from series s
    where s.patient_id = any(${patientIds}::uuid[]) and t.series_id = s.id and t.state = 'planned'
      and (t.hinted_at is not null or t.try_at <= (select afterglow_now()))`.execute(tx);
}

export type StoredRow = StoredTouchpoint & {
  readonly id: TouchpointId;
  /** Whether its message, sent from now on, would carry a link that was revoked since. */
  readonly isUnlinked: boolean;
};

/** Everything stored of these series, ended or not. */
export async function loadStoredTouchpoints(db: Database, seriesIds: readonly SeriesId[]): Promise<StoredRow[]> {
  const { rows } = await sql<StoredRow>`
    select id, series_id, clinic_id, session_id, key, rule, purpose, occurrence, arming, recipient, channel, template, locale, zone, importance, on_unknown, awaits,
      due_at, legal_at as legal, lower(legal_at) as not_before, send_by, expires_at, task_kind, task_due_by, state, reason, story, merged_into as merged_into_id, released_at is not null as is_released,
      state in ('planned', 'held', 'sending', 'unknown') and link_id is not null
        and exists (select from links l where l.id = t.link_id and l.revoked_at is not null) as is_unlinked,
      state = 'sent' and exists (
        select from deliveries d where d.touchpoint_id = t.id and d.rank between 50 and 59) as is_undelivered,
      ${CALLED} as called
    from touchpoints t where series_id = any(${seriesIds}::uuid[]) and purpose <> 'answer'`.execute(db);
  return rows;
}

/** A planned touchpoint with what the database adds to it. */
export type NewTouchpoint = {
  readonly id: TouchpointId;
  readonly patientId: PatientId;
  readonly senderId: SenderId | null;
  readonly linkId: LinkId | null;
  readonly mergedInto: TouchpointId | null;
  readonly fallbackOf: TouchpointId | null;
  readonly tryAt: Instant;
  readonly hinted: boolean;
  readonly plan: PlannedTouchpoint;
};

const at = (value: Instant | null) => (value === null ? null : toTimestamp(value));

const TOUCHPOINT_COLUMNS: Columns<NewTouchpoint> = {
  id: ["uuid", (row) => row.id],
  clinic_id: ["uuid", (row) => row.plan.clinicId],
  patient_id: ["uuid", (row) => row.patientId],
  series_id: ["uuid", (row) => row.plan.seriesId],
  session_id: ["uuid", (row) => row.plan.sessionId],
  sender_id: ["uuid", (row) => row.senderId],
  link_id: ["uuid", (row) => row.linkId],
  merged_into: ["uuid", (row) => row.mergedInto],
  fallback_of: ["uuid", (row) => row.fallbackOf],
  due_at: [INSTANT, (row) => row.plan.dueAt],
  try_at: [INSTANT, (row) => row.tryAt],
  first_try_at: [INSTANT, (row) => row.tryAt],
  send_by: [INSTANT, (row) => row.plan.sendBy],
  expires_at: [INSTANT, (row) => row.plan.expiresAt],
  task_due_by: [INSTANT, (row) => row.plan.taskDueBy],
  hinted_at: ["timestamptz", (row) => (row.hinted ? "now" : null)],
  occurrence: ["smallint", (row) => row.plan.occurrence],
  arming: ["smallint", (row) => row.plan.arming],
  state: ["text", (row) => row.plan.state],
  awaits: ["text", (row) => row.plan.awaits],
  channel: ["text", (row) => row.plan.channel],
  recipient: ["text", (row) => row.plan.recipient],
  purpose: ["text", (row) => row.plan.purpose],
  importance: ["text", (row) => row.plan.importance],
  on_unknown: ["text", (row) => row.plan.onUnknown],
  locale: ["text", (row) => row.plan.locale],
  task_kind: ["text", (row) => row.plan.taskKind],
  zone: ["text", (row) => row.plan.zone],
  rule: ["text", (row) => row.plan.rule],
  template: ["text", (row) => row.plan.template],
  reason: ["text", (row) => row.plan.reason],
  key: ["text", (row) => row.plan.key],
  story: ["text", (row) => row.plan.story],
  legal_at: ["tstzmultirange", (row) => toMultirange(row.plan.legal)],
};

export async function insertTouchpoints(tx: Tx, rows: readonly NewTouchpoint[]): Promise<void> {
  await insertRows(tx, "touchpoints", { rows, columns: TOUCHPOINT_COLUMNS });
}

/** When a planned touchpoint is first tried: its first legal moment from now on. A suppressed one is never tried; its due moment stands in. */
export function firstTry({ legal, dueAt }: PlannedTouchpoint, now: Instant): Instant {
  return firstWithin(legal, now) ?? dueAt;
}

/** What a stored row becomes. */
export type TouchpointUpdate = { readonly id: string; readonly to: PlannedTouchpoint; readonly mergedInto: TouchpointId | null };

/**
 * Moves planned and held rows to the state, times and wording that the facts now give; what became impossible is suppressed with its reason. A row that a worker
 * has claimed since the plan was read is unwanted instead, unless the plan still wants it sent.
 */
export async function changeTouchpoints(tx: Tx, changes: readonly TouchpointUpdate[], now: Instant): Promise<void> {
  if (changes.length === 0) return;
  const rows = unnest(changes, {
    id: ["uuid", ({ id }) => id],
    due_at: ["timestamptz", ({ to }) => at(to.dueAt)],
    try_at: ["timestamptz", ({ to }) => at(firstTry(to, now))],
    send_by: ["timestamptz", ({ to }) => at(to.sendBy)],
    expires_at: ["timestamptz", ({ to }) => at(to.expiresAt)],
    task_due_by: ["timestamptz", ({ to }) => at(to.taskDueBy)],
    awaits: ["text", ({ to }) => to.awaits],
    state: ["text", ({ to }) => to.state],
    reason: ["text", ({ to }) => to.reason],
    merged_into: ["uuid", ({ mergedInto }) => mergedInto],
    locale: ["text", ({ to }) => to.locale],
    zone: ["text", ({ to }) => to.zone],
    template: ["text", ({ to }) => to.template],
    legal_at: ["tstzmultirange", ({ to }) => toMultirange(to.legal)],
  });
  await sql`
    update touchpoints t set due_at = c.due_at, try_at = c.try_at, first_try_at = c.try_at, send_by = c.send_by, expires_at = c.expires_at,
      task_due_by = c.task_due_by, awaits = c.awaits, reason = c.reason, merged_into = c.merged_into, locale = c.locale, zone = c.zone,
      template = c.template, legal_at = c.legal_at, state = c.state, hinted_at = null
    from ${rows} as c (id, due_at, try_at, send_by, expires_at, task_due_by, awaits, state, reason, merged_into, locale, zone, template, legal_at)
    where t.id = c.id and ${LIVE}`.execute(tx);
  await markUnwanted(
    tx,
    changes.flatMap(({ id, to }) => (to.state === "planned" ? [] : [id])),
  );
}

/** Rows that follow the plan. What is held because its answer was lost waits for evidence, like what is still in a provider's hands. */
const LIVE = sql`(t.state = 'planned' or (t.state = 'held' and t.reason is distinct from 'unknown'))`;
const IN_FLIGHT = sql`(t.state in ('sending', 'unknown') or (t.state = 'held' and t.reason = 'unknown'))`;

async function markUnwanted(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update touchpoints t set unwanted_at = clock_timestamp() where t.id = any(${ids}::uuid[]) and t.unwanted_at is null and ${IN_FLIGHT}`.execute(
    tx,
  );
}

/**
 * Ends rows that the plan no longer wants, and marks those in flight as unwanted. Which of the two a row gets is decided on the row as it is now: a worker may
 * have claimed it since the plan was read.
 */
export async function endTouchpoints(
  tx: Tx,
  { ended, unwanted }: { ended: readonly { id: string; state: string }[]; unwanted: readonly string[] },
): Promise<void> {
  if (ended.length > 0) {
    const rows = unnest(ended, { id: ["uuid", ({ id }) => id], state: ["text", ({ state }) => state] });
    await sql`
      update touchpoints t set
        state = case when ${LIVE} then e.state else t.state end,
        unwanted_at = case when ${LIVE} then t.unwanted_at else coalesce(t.unwanted_at, clock_timestamp()) end
      from ${rows} as e (id, state) where t.id = e.id and (${LIVE} or ${IN_FLIGHT})`.execute(tx);
  }
  await markUnwanted(tx, unwanted);
}

/** The senders of these clinics, by `clinic/channel`. */
export async function loadSenders(tx: Tx, clinicIds: readonly ClinicId[]): Promise<Map<string, SenderId>> {
  const { rows } = await sql<{ id: SenderId; clinicId: ClinicId; channel: string }>`
    select id, clinic_id, channel from senders where clinic_id = any(${clinicIds}::uuid[])`.execute(tx);
  return new Map(rows.map(({ id, clinicId, channel }) => [`${clinicId}/${channel}`, id]));
}

/** Marks the plan as made from the revision that was locked, and the series as active. */
export async function finishPlans(tx: Tx, ids: readonly PatientId[]): Promise<void> {
  await sql`update patients set planned_revision = plan_revision, unplanned_since = null where id = any(${ids}::uuid[])`.execute(tx);
  await sql`update series set status = 'active' where patient_id = any(${ids}::uuid[]) and status = 'enqueued'`.execute(tx);
}

/** A fact has changed: the plan of these patients is stale until planned again. Returns nothing; the sweep finds them too. */
export async function raisePlanRevision(tx: Tx, ids: readonly PatientId[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update patients set plan_revision = plan_revision + 1, unplanned_since = coalesce(unplanned_since, clock_timestamp())
    where id = any(${ids}::uuid[])`.execute(tx);
}
