/** What a task's script is written from; sealed values still sealed. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId, SessionId, TaskId } from "../domain/ids.ts";
import type { Recipient } from "../domain/protocol.ts";
import type { Database } from "./database.ts";

export type ScriptRow = {
  readonly patientId: PatientId;
  readonly seriesId: SeriesId | null;
  readonly sessionId: SessionId | null;
  readonly clinicId: ClinicId;
  readonly approvalId: ApprovalId | null;
  readonly template: string;
  /** The rule that asked for it; null for a task that no rule asked for. */
  readonly rule: string | null;
  /** The visits of which the text that was answered spoke, where that were several. */
  readonly asked: readonly SessionId[];
  readonly recipient: Recipient | null;
  readonly recipientZone: string;
  readonly clinicName: string;
  readonly clinicPhone: string;
  readonly clinicZone: string;
  readonly clinicLocale: string;
  readonly staffedHours: unknown;
  readonly nameSealed: Buffer;
  readonly refSealed: Buffer;
  readonly phoneSealed: Buffer | null;
  readonly detailAccepted: boolean;
  readonly escortNameSealed: Buffer | null;
  /** Clinic time. */
  readonly now: Instant;
};

/** Finds what a task's script is written from. A task without a series is read from the clinic's newest approval that knows its template. */
export async function findScript(db: Database, id: TaskId): Promise<ScriptRow | undefined> {
  const { rows } = await sql<ScriptRow>`
    select k.patient_id, k.series_id, k.session_id, k.clinic_id, k.template, t.rule, t.recipient, coalesce(m.offered, '{}') as asked, coalesce(t.zone, c.zone) as recipient_zone,
      coalesce(s.approval_id, (
        select a.id from protocol_approvals a where a.clinic_id = k.clinic_id and a.templates ? k.template order by a.approved_at desc limit 1)) as approval_id,
      c.name as clinic_name, c.phone as clinic_phone, c.zone as clinic_zone, c.locale as clinic_locale, c.staffed_hours,
      p.name_sealed, p.ref_sealed, p.phone_sealed, p.detail_accepted, e.name_sealed as escort_name_sealed, (select afterglow_now()) as now
    from tasks k
      join clinics c on c.id = k.clinic_id
      join patients p on p.id = k.patient_id
      left join series s on s.id = k.series_id
      left join touchpoints t on t.id = k.touchpoint_id
      left join inbound_messages m on m.id = k.inbound_id and m.kind = 'asks-to-move'
      left join escorts e on e.patient_id = k.patient_id
    where k.id = ${id}`.execute(db);
  return rows[0];
}

export type ScriptSession = {
  readonly id: SessionId;
  readonly seriesId: SeriesId;
  /** What its series is pinned to. */
  readonly approvalId: ApprovalId;
  readonly kind: string;
  readonly setting: string;
  readonly status: string;
  readonly zone: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly dischargedAt: Instant | null;
  readonly changedAt: Instant | null;
  readonly changedBecause: "patient" | "clinic" | null;
  readonly toldStartsAt: Instant | null;
  readonly pickupAt: Instant | null;
  readonly place: string | null;
  readonly withWhom: string | null;
  readonly joinUrl: string | null;
};

/** All sessions of a series, and of the patient's other series that go on, in order of time. */
export async function loadScriptSessions(
  db: Database,
  { patientId, seriesId }: { readonly patientId: PatientId; readonly seriesId: SeriesId },
): Promise<ScriptSession[]> {
  const { rows } = await sql<ScriptSession>`
    select v.id, v.series_id, s.approval_id, v.kind, v.setting, v.status, v.zone, v.starts_at, v.ends_at, v.discharged_at, v.changed_at, v.changed_because,
      v.told_starts_at, v.pickup_at, v.place, v.with_whom, v.join_url
    from series s join sessions v on v.series_id = s.id
    where s.patient_id = ${patientId} and (s.id = ${seriesId} or s.status in ('enqueued', 'active')) order by v.starts_at, v.id`.execute(
    db,
  );
  return rows;
}
