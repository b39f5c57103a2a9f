/** The visits of a clinic on some day, with what the desk needs to know of each; what identifies somebody still sealed. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import type { SessionStatus } from "../domain/patient-facts.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { SessionKind, Setting } from "../domain/protocol.ts";
import type { Span } from "../domain/touchpoint.ts";
import { type Database, toTimestamp } from "./database.ts";
import { escortComes } from "./escort-comes.ts";
import { NAMED_FOR_VISIT } from "./visit-escorts.ts";

export type TodayVisit = {
  readonly id: SessionId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly approvalId: ApprovalId;
  readonly clinicId: ClinicId;
  readonly number: number;
  /** Sessions of the series in all. */
  readonly of: number;
  readonly kind: SessionKind;
  readonly setting: Setting;
  readonly owner: "ours" | "external";
  readonly status: SessionStatus;
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly arrivedAt: Instant | null;
  readonly dosedAt: Instant | null;
  readonly dischargedAt: Instant | null;
  readonly pickupAt: Instant | null;
  readonly formFiledAt: Instant | null;
  readonly place: string | null;
  readonly joinUrl: string | null;
  readonly watched: boolean;
  readonly holdCode: string | null;
  readonly hasOpenAlert: boolean;
  readonly openTasks: number;
  readonly refSealed: Buffer;
  readonly nameSealed: Buffer;
  readonly phoneSealed: Buffer | null;
  readonly escortNameSealed: Buffer | null;
  readonly escortPhoneSealed: Buffer | null;
  /** Of whoever the patient named for this visit; sealed under the session. */
  readonly visitEscortNameSealed: Buffer | null;
  readonly visitEscortPhoneSealed: Buffer | null;
};

/** In order of time; called-off visits among them, because somebody may come all the same. */
export async function loadToday(db: Database, clinicId: ClinicId, { from, to }: Span): Promise<TodayVisit[]> {
  const { rows } = await sql<TodayVisit>`
    select v.id, v.patient_id, v.series_id, r.approval_id, v.clinic_id, v.number, v.kind, v.setting, v.owner, v.status, v.zone, v.starts_at, v.ends_at, v.arrived_at,
      v.dosed_at, v.discharged_at, v.pickup_at, v.form_filed_at, v.place, v.join_url, p.watched, p.hold_code, p.ref_sealed, p.name_sealed, p.phone_sealed,
      case when ${escortComes(sql`v`)} then e.name_sealed end as escort_name_sealed, case when ${escortComes(sql`v`)} then e.phone_sealed end as escort_phone_sealed,
      x.name_sealed as visit_escort_name_sealed, x.phone_sealed as visit_escort_phone_sealed,
      (select count(*) from sessions o where o.series_id = v.series_id)::integer as "of",
      exists (select from alerts a where a.patient_id = v.patient_id and a.state <> 'closed') as has_open_alert,
      (select count(*) from tasks k where k.patient_id = v.patient_id and k.state in ('open', 'taken'))::integer as open_tasks
    from sessions v
      join series r on r.id = v.series_id
      join patients p on p.id = v.patient_id
      left join escorts e on e.patient_id = v.patient_id
      ${NAMED_FOR_VISIT}
    where v.clinic_id = ${clinicId} and v.starts_at >= ${toTimestamp(from)}::timestamptz and v.starts_at < ${toTimestamp(to)}::timestamptz and r.status <> 'void'
    order by v.starts_at, v.id limit 300`.execute(db);
  return rows;
}
