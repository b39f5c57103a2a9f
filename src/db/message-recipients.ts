/** What a message by staff is written from and sent by: the patient, their newest series and its clinic. Sealed values still sealed. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, ClinicId, PatientId, SenderId, SeriesId } from "../domain/ids.ts";
import type { Reach } from "../domain/patient-facts.ts";
import type { Database } from "./database.ts";

export type MessageRecipient = {
  readonly patientId: PatientId;
  readonly nameSealed: Buffer;
  readonly locale: string;
  readonly zone: string;
  readonly quietFrom: number;
  readonly quietTo: number;
  readonly detailAccepted: boolean;
  readonly holdCode: string | null;
  readonly sms: Reach;
  readonly email: Reach;
  readonly seriesId: SeriesId;
  readonly clinicId: ClinicId;
  readonly approvalId: ApprovalId;
  readonly clinicName: string;
  readonly clinicPhone: string;
  readonly clinicZone: string;
  readonly staffedHours: unknown;
  readonly smsSenderId: SenderId | null;
  readonly emailSenderId: SenderId | null;
  /** Clinic time. */
  readonly now: Instant;
};

/** Undefined for somebody who never had a series: then no clinic speaks. */
export async function findMessageRecipient(db: Database, id: PatientId): Promise<MessageRecipient | undefined> {
  const reach = (channel: string) => sql`coalesce((
    select case
      when c.address_index is null then 'no-address'
      when exists (select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index) then 'opted-out'
      when not c.granted then 'no-consent'
      when c.dead_at is not null then 'dead-address'
      else 'reachable' end
    from contact_points c where c.patient_id = p.id and c.person = 'patient' and c.channel = ${channel}), 'no-address')`;
  const { rows } = await sql<MessageRecipient>`
    select p.id as patient_id, p.name_sealed, p.locale, p.zone, p.quiet_from, p.quiet_to, p.detail_accepted, p.hold_code, ${reach("sms")} as sms,
      ${reach("email")} as email, s.id as series_id, s.clinic_id, s.approval_id, k.name as clinic_name, k.phone as clinic_phone, k.zone as clinic_zone,
      k.staffed_hours, (select id from senders d where d.clinic_id = k.id and d.channel = 'sms' limit 1) as sms_sender_id,
      (select id from senders d where d.clinic_id = k.id and d.channel = 'email' limit 1) as email_sender_id, (select afterglow_now()) as now
    from patients p
      join lateral (
        select id, clinic_id, approval_id from series where patient_id = p.id
        order by status in ('enqueued', 'active', 'paused') desc, enqueued_at desc, id desc limit 1) s on true
      join clinics k on k.id = s.clinic_id
    where p.id = ${id}`.execute(db);
  return rows[0];
}
