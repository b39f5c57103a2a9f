/** Alerts as rows. */
import { sql } from "kysely";
import type { AlertCause, AlertLevel, AlertOutcome, AlertState } from "../domain/alert.ts";
import type { Instant } from "../domain/calendar.ts";
import { KEPT_BY_ALERT } from "../domain/holds.ts";
import type { AlertId, ClinicId, PatientId } from "../domain/ids.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { unnest } from "./rows.ts";

export type NewAlert = AlertCause & { readonly id: AlertId };

/** Stores those that their source has not raised before, and returns these. All but `medium` ones are due to be paged from now, machine time. */
export async function insertAlerts(tx: Tx, alerts: readonly NewAlert[]): Promise<NewAlert[]> {
  if (alerts.length === 0) return [];
  const values = unnest(alerts, {
    id: ["uuid", ({ id }) => id],
    clinic_id: ["uuid", ({ clinicId }) => clinicId],
    patient_id: ["uuid", ({ patientId }) => patientId],
    series_id: ["uuid", ({ seriesId }) => seriesId],
    session_id: ["uuid", ({ sessionId }) => sessionId],
    kind: ["text", ({ kind }) => kind],
    level: ["text", ({ level }) => level],
    source: ["text", ({ source }) => source],
    source_id: ["uuid", ({ sourceId }) => sourceId],
  });
  const { rows } = await sql<{ id: AlertId }>`
    insert into alerts (id, clinic_id, patient_id, series_id, session_id, kind, level, source, source_id, raised_at, page_at)
    select v.id, v.clinic_id, v.patient_id, v.series_id, v.session_id, v.kind, v.level, v.source, v.source_id, (select afterglow_now()),
      case when v.level = 'medium' then null else clock_timestamp() end
    from ${values} as v (id, clinic_id, patient_id, series_id, session_id, kind, level, source, source_id)
    on conflict (source_id, kind) do nothing
    returning id`.execute(tx);
  const stored = new Set<string>(rows.map(({ id }) => id));
  return alerts.filter(({ id }) => stored.has(id));
}

/** From this transaction on nothing that an open alert keeps back can be claimed; the plan, made stale in it, then says the same. After the patients' locks. */
export async function holdForAlert(tx: Tx, patientIds: readonly PatientId[]): Promise<void> {
  if (patientIds.length === 0) return;
  await sql`
    update touchpoints t set state = 'held', reason = 'open-alert', hinted_at = null from series s
    where s.patient_id = any(${patientIds}::uuid[]) and t.series_id = s.id and t.state = 'planned' and t.recipient <> 'staff'
      and t.purpose = any(${KEPT_BY_ALERT}::text[]) and t.released_at is null`.execute(tx);
}

export type LockedAlert = {
  readonly id: AlertId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId | null;
  readonly level: AlertLevel;
  readonly state: AlertState;
  readonly owner: string | null;
  readonly outcome: AlertOutcome | null;
  readonly closedBy: string | null;
  /** Somebody is to be paged about it, now or later. */
  readonly isPaging: boolean;
};

/** One alert; undefined when there is none. */
export async function findAlert(db: Database, id: AlertId): Promise<LockedAlert | undefined> {
  const { rows } = await sql<LockedAlert>`
    select id, clinic_id, patient_id, level, state, owner, outcome, closed_by, page_at is not null as is_paging from alerts where id = ${id}`.execute(
    db,
  );
  return rows[0];
}

/** The same, locked until the transaction ends. */
export async function lockAlert(tx: Tx, id: AlertId): Promise<LockedAlert | undefined> {
  await sql`select id from alerts where id = ${id} for update`.execute(tx);
  return findAlert(tx, id);
}

/** Somebody has it: nobody else is paged. Of a locked alert that is not closed. */
export async function writeAcknowledged(tx: Tx, id: AlertId, owner: string): Promise<void> {
  await sql`
    update alerts set state = 'acknowledged', owner = ${owner}, acknowledged_by = ${owner}, acknowledged_at = (select afterglow_now()), page_at = null,
      revision = revision + 1
    where id = ${id}`.execute(tx);
}

export type Closing = {
  readonly outcome: AlertOutcome;
  readonly noteSealed: Buffer | null;
  readonly closedBy: string;
  readonly closedAt: Instant;
};

export async function writeClosed(tx: Tx, id: AlertId, { closedAt, ...closing }: Closing): Promise<void> {
  await tx
    .updateTable("alerts")
    .set({ ...closing, state: "closed", closedAt: toTimestamp(closedAt), pageAt: null, revision: sql<number>`revision + 1` })
    .where("id", "=", id)
    .execute();
}

/** Where the note of an alert stands, for whoever seals or opens it. */
export function placeOfAlertNote(id: AlertId): { table: string; column: string; row: string } {
  return { table: "alerts", column: "note_sealed", row: id };
}

/** The clinic that looks after a patient: the one asked for, if it is of the patient's group, else that of the newest series. */
export async function findClinicOfPatient(db: Database, patientId: PatientId, asked: ClinicId | null): Promise<ClinicId | undefined> {
  const { rows } = await sql<{ id: ClinicId }>`
    select c.id from patients p join clinics c on c.group_id = p.group_id
      left join lateral (select max(enqueued_at) as at from series s where s.patient_id = p.id and s.clinic_id = c.id) s on true
    where p.id = ${patientId} and (${asked}::uuid is null or c.id = ${asked}::uuid)
    order by s.at desc nulls last, c.id limit 1`.execute(db);
  return rows[0]?.id;
}
