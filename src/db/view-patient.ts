/** One patient as staff look at them; reads only. What identifies comes sealed. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId, SeriesId } from "../domain/ids.ts";
import type { HoldCode, Reach, SeriesStatus } from "../domain/patient-facts.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { Database } from "./database.ts";

export type PatientView = {
  readonly id: PatientId;
  readonly group: string;
  readonly refSealed: Buffer;
  readonly nameSealed: Buffer;
  readonly phoneSealed: Buffer | null;
  readonly emailSealed: Buffer | null;
  readonly holdReasonSealed: Buffer | null;
  readonly escortNameSealed: Buffer | null;
  readonly escortPhoneSealed: Buffer | null;
  readonly escortEmailSealed: Buffer | null;
  readonly escortLocale: string | null;
  readonly zone: Zone;
  readonly locale: string;
  readonly detailAccepted: boolean;
  readonly watched: boolean;
  readonly holdCode: HoldCode | null;
  readonly heldAt: Instant | null;
  readonly verifiedAt: Instant | null;
  readonly revision: number;
  /** False while a fact waits to be planned. */
  readonly planIsFresh: boolean;
  readonly openTasks: number;
};

export async function findPatientView(db: Database, id: PatientId): Promise<PatientView | undefined> {
  const { rows } = await sql<PatientView>`
    select p.id, g.slug as "group", p.ref_sealed, p.name_sealed, p.phone_sealed, p.email_sealed, p.hold_reason_sealed, e.name_sealed as escort_name_sealed,
      e.phone_sealed as escort_phone_sealed, e.email_sealed as escort_email_sealed, e.locale as escort_locale, p.zone, p.locale, p.detail_accepted, p.watched,
      p.hold_code, p.held_at, p.verified_at, p.plan_revision as revision, p.plan_revision = p.planned_revision as plan_is_fresh,
      (select count(*) from tasks k where k.patient_id = p.id and k.state in ('open', 'taken')) as open_tasks
    from patients p join groups g on g.id = p.group_id left join escorts e on e.patient_id = p.id where p.id = ${id}`.execute(db);
  return rows[0];
}

export type ContactView = {
  readonly person: "patient" | "escort";
  readonly channel: "sms" | "email";
  readonly reach: Reach;
  /** Since when sending to it has kept failing. */
  readonly flaggedAt: Instant | null;
  /** The newest entry of the ledger for this address. */
  readonly consent: "granted" | "revoked" | null;
  readonly consentAt: Instant | null;
  readonly consentSource: string | null;
};

/** Each channel of the patient and the escort, with what was last said of it. */
export async function listContacts(db: Database, id: PatientId): Promise<ContactView[]> {
  const { rows } = await sql<ContactView>`
    select c.person, c.channel, c.flagged_at, l.action as consent, l.at as consent_at, l.source as consent_source,
      case
        when c.address_index is null then 'no-address'
        when exists (select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index) then 'opted-out'
        when not c.granted then 'no-consent'
        when c.dead_at is not null then 'dead-address'
        else 'reachable' end as reach
    from contact_points c left join lateral (
      select action, at, source from consents n
      where n.patient_id = c.patient_id and n.person = c.person and n.channel = c.channel and n.address_index is not distinct from c.address_index
      order by at desc, recorded_at desc limit 1) l on c.address_index is not null
    where c.patient_id = ${id} order by c.person desc, c.channel desc`.execute(db);
  return rows;
}

export type SeriesOfPatient = {
  readonly id: SeriesId;
  readonly clinic: string;
  readonly protocol: string;
  readonly version: number;
  readonly status: SeriesStatus;
  readonly zone: Zone;
  /** The next session that is booked. */
  readonly nextAt: Instant | null;
};

/** All series, the newest first. */
export async function listSeriesOfPatient(db: Database, id: PatientId): Promise<SeriesOfPatient[]> {
  const { rows } = await sql<SeriesOfPatient>`
    select s.id, c.slug as clinic, a.protocol, a.version, s.status, c.zone,
      (select min(v.starts_at) from sessions v where v.series_id = s.id and v.status = 'scheduled' and v.starts_at > (select afterglow_now())) as next_at
    from series s join clinics c on c.id = s.clinic_id join protocol_approvals a on a.id = s.approval_id
    where s.patient_id = ${id} order by s.enqueued_at desc, s.id desc`.execute(db);
  return rows;
}
