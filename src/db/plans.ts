/** The stored side of planning: locks patients, reads what is stored of their plan, writes what `reconcile-plan` decided. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, LinkId, PatientId, SenderId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import { firstWithin } from "../domain/spans.ts";
import type { PlannedTouchpoint, StoredTouchpoint } from "../domain/touchpoint.ts";
import { toMultirange, toTimestamp, type Tx } from "./database.ts";
import { hashToken, type LinkTokens } from "./link-tokens.ts";
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

export type StoredRow = StoredTouchpoint & { readonly id: TouchpointId };

/** Everything stored of these series, ended or not. */
export async function loadStoredTouchpoints(tx: Tx, seriesIds: readonly SeriesId[]): Promise<StoredRow[]> {
  const { rows } = await sql<StoredRow>`
    select id, series_id, clinic_id, session_id, key, rule, purpose, occurrence, arming, recipient, channel, template, locale, zone, importance, on_unknown, awaits,
      due_at, legal_at as legal, lower(legal_at) as not_before, send_by, expires_at, task_kind, task_due_by, state, reason, story
    from touchpoints where series_id = any(${seriesIds}::uuid[])`.execute(tx);
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

/** Moves planned and held rows to the times and wording that the facts now give; what became impossible is suppressed with its reason. */
export async function changeTouchpoints(tx: Tx, changes: readonly { id: string; to: PlannedTouchpoint }[], now: Instant): Promise<void> {
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
    locale: ["text", ({ to }) => to.locale],
    zone: ["text", ({ to }) => to.zone],
    template: ["text", ({ to }) => to.template],
    legal_at: ["tstzmultirange", ({ to }) => toMultirange(to.legal)],
  });
  await sql`
    update touchpoints t set due_at = c.due_at, try_at = c.try_at, first_try_at = c.try_at, send_by = c.send_by, expires_at = c.expires_at,
      task_due_by = c.task_due_by, awaits = c.awaits, reason = c.reason, locale = c.locale, zone = c.zone, template = c.template, legal_at = c.legal_at,
      state = case when c.state = 'suppressed' then 'suppressed' else t.state end, hinted_at = null
    from ${rows} as c (id, due_at, try_at, send_by, expires_at, task_due_by, awaits, state, reason, locale, zone, template, legal_at)
    where t.id = c.id and t.state in ('planned', 'held')`.execute(tx);
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
        state = case when t.state in ('planned', 'held') then e.state else t.state end,
        unwanted_at = case when t.state in ('planned', 'held') then t.unwanted_at else clock_timestamp() end
      from ${rows} as e (id, state) where t.id = e.id and t.state in ('planned', 'held', 'sending', 'unknown')`.execute(tx);
  }
  if (unwanted.length > 0)
    await sql`update touchpoints set unwanted_at = clock_timestamp() where id = any(${unwanted}::uuid[]) and state in ('sending', 'unknown')`.execute(
      tx,
    );
}

export type LinkSubject = {
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly subjectId: SessionId | SeriesId;
  readonly recipient: "patient" | "escort";
  readonly expiresAt: Instant;
};

/** The personal links of these subjects, made where missing; an expiry only ever moves later. By `subject/recipient`. */
export async function ensureLinks(tx: Tx, subjects: readonly LinkSubject[], tokens: LinkTokens): Promise<Map<string, LinkId>> {
  if (subjects.length === 0) return new Map();
  const rows = subjects.map((subject) => {
    const id = newId<"link">();
    return { ...subject, id, tokenHash: hashToken(tokens.tokenOf({ id, generation: 0, keyId: tokens.keyId })) };
  });
  const values = unnest(rows, {
    id: ["uuid", ({ id }) => id],
    clinic_id: ["uuid", ({ clinicId }) => clinicId],
    patient_id: ["uuid", ({ patientId }) => patientId],
    subject_id: ["uuid", ({ subjectId }) => subjectId],
    recipient: ["text", ({ recipient }) => recipient],
    token_hash: ["bytea", ({ tokenHash }) => tokenHash],
    expires_at: ["timestamptz", ({ expiresAt }) => formatInstant(expiresAt)],
  });
  const { rows: stored } = await sql<{ id: LinkId; subjectId: string; recipient: string }>`
    insert into links (id, clinic_id, patient_id, kind, subject_id, recipient, key_id, token_hash, expires_at)
    select v.id, v.clinic_id, v.patient_id, 'session', v.subject_id, v.recipient, ${tokens.keyId}, v.token_hash, v.expires_at
    from ${values} as v (id, clinic_id, patient_id, subject_id, recipient, token_hash, expires_at)
    on conflict (subject_id, kind, recipient, generation) do update set expires_at = greatest(links.expires_at, excluded.expires_at)
    returning id, subject_id, recipient`.execute(tx);
  return new Map(stored.map(({ id, subjectId, recipient }) => [`${subjectId}/${recipient}`, id]));
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
  await sql`
    update patients set plan_revision = plan_revision + 1, unplanned_since = coalesce(unplanned_since, clock_timestamp())
    where id = any(${ids}::uuid[])`.execute(tx);
}
