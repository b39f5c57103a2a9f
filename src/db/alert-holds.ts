/** What an open critical alert keeps back and its owner decides: preparation, reminders and urgent changes of that patient. */
import { sql } from "kysely";
import { DECIDED_BY_OWNER } from "../domain/holds.ts";
import type { AlertId, ClinicId, PatientId, TouchpointId } from "../domain/ids.ts";
import type { TouchpointState } from "../domain/touchpoint.ts";
import type { Database, Tx } from "./database.ts";

export type HeldTouchpoint = {
  readonly id: TouchpointId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly state: TouchpointState;
  readonly reason: string | null;
  readonly isReleased: boolean;
};

/** One touchpoint as somebody decides about it. */
export async function findHeld(db: Database, id: TouchpointId): Promise<HeldTouchpoint | undefined> {
  const { rows } = await sql<HeldTouchpoint>`
    select id, clinic_id, patient_id, state, reason, released_at is not null as is_released from touchpoints where id = ${id}`.execute(db);
  return rows[0];
}

/** The same, locked until the transaction ends. */
export async function lockHeld(tx: Tx, id: TouchpointId): Promise<HeldTouchpoint | undefined> {
  await sql`select id from touchpoints where id = ${id} for update`.execute(tx);
  return findHeld(tx, id);
}

/** The plan made in the same transaction no longer keeps it back because of an alert, this one or a later one. */
export async function markReleased(tx: Tx, id: TouchpointId): Promise<void> {
  await sql`update touchpoints set released_at = (select afterglow_now()) where id = ${id}`.execute(tx);
}

/** How long before a message is due its owner is asked, and how long before its last moment once more. */
const ASK_HOURS_BEFORE = 24;
const ASK_AGAIN_HOURS_BEFORE = 4;

const TO_DECIDE = sql`t.state = 'held' and t.reason = 'open-alert' and t.recipient <> 'staff' and t.purpose = any(${DECIDED_BY_OWNER}::text[])`;

/** Puts on the list of whoever has the alert what it keeps back and is needed within a day; what is on it already stays. Returns how many are new. */
export async function insertDecideTasks(tx: Tx): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into tasks (id, clinic_id, patient_id, series_id, session_id, touchpoint_id, kind, template, locale, importance, opened_at, due_by, state, assignee)
    select gen_random_uuid(), t.clinic_id, t.patient_id, t.series_id, t.session_id, t.id, 'decide', 'decide-held', c.locale, 'high', n.now,
      greatest(n.now, t.send_by - make_interval(hours => ${ASK_AGAIN_HOURS_BEFORE})), case when a.owner is null then 'open' else 'taken' end, a.owner
    from touchpoints t
      cross join (select afterglow_now() as now) n
      join clinics c on c.id = t.clinic_id
      cross join lateral (
        select owner from alerts where patient_id = t.patient_id and state <> 'closed' and level = 'critical' order by raised_at desc limit 1) a
    where ${TO_DECIDE} and t.send_by > n.now and t.due_at <= n.now + make_interval(hours => ${ASK_HOURS_BEFORE})
    on conflict do nothing`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

/**
 * Tasks that nobody has decided four hours before the last moment become critical, once each, and the alert is due to be paged again, its owner first. Returns the
 * alerts.
 */
export async function pageUndecided(tx: Tx): Promise<{ id: AlertId; clinicId: ClinicId }[]> {
  const { rows } = await sql<{ id: AlertId; clinicId: ClinicId }>`
    with late as (
      update tasks k set importance = 'critical', revision = k.revision + 1 from touchpoints t
      where k.touchpoint_id = t.id and k.template = 'decide-held' and k.state in ('open', 'taken') and k.importance = 'high' and ${TO_DECIDE}
        and t.send_by <= (select afterglow_now()) + make_interval(hours => ${ASK_AGAIN_HOURS_BEFORE})
      returning k.patient_id)
    update alerts a set page_at = clock_timestamp()
    where a.page_at is null and a.id in (
      select distinct on (o.patient_id) o.id from alerts o join late on late.patient_id = o.patient_id
      where o.state <> 'closed' and o.level = 'critical' order by o.patient_id, o.raised_at desc)
    returning a.id, a.clinic_id`.execute(tx);
  return rows;
}

/** Patients with a task about something that is not kept back any more. */
export async function listDecided(tx: Tx): Promise<PatientId[]> {
  const { rows } = await sql<{ patientId: PatientId }>`
    select distinct k.patient_id from clinics c
      join tasks k on k.clinic_id = c.id and k.state in ('open', 'taken') and k.template = 'decide-held'
      join touchpoints t on t.id = k.touchpoint_id
    where not (t.state = 'held' and t.reason = 'open-alert')`.execute(tx);
  return rows.map(({ patientId }) => patientId);
}
