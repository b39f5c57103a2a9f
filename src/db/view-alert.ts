/** Alerts as staff look at them; reads only. What identifies a person, and what was said, comes back sealed. */
import { sql } from "kysely";
import type { AlertKind, AlertLevel, AlertOutcome, AlertState } from "../domain/alert.ts";
import type { Instant } from "../domain/calendar.ts";
import type { CrisisAnswer } from "../domain/crisis-text.ts";
import type { AlertId, AnswerId, ClinicId, InboundId, PatientId, ResponseId, SeriesId, SessionId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { Database } from "./database.ts";

export type AlertView = {
  readonly id: AlertId;
  readonly clinicId: ClinicId;
  /** Slug. */
  readonly clinic: string;
  readonly clinicZone: Zone;
  /** Null, as is all that is known of a patient: a text from a number that no chart has. */
  readonly patientId: PatientId | null;
  readonly refSealed: Buffer | null;
  readonly seriesId: SeriesId | null;
  readonly sessionId: SessionId | null;
  readonly kind: AlertKind;
  readonly level: AlertLevel;
  readonly state: AlertState;
  readonly source: string;
  readonly raisedAt: Instant;
  readonly owner: string | null;
  readonly acknowledgedAt: Instant | null;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
  readonly outcome: AlertOutcome | null;
  /** Steps of paging so far, and pages that a provider has taken. */
  readonly step: number;
  readonly pagesTaken: number;
  /** Machine time of the next page. */
  readonly pageAt: Instant | null;
  readonly revision: number;
  /** Clinic time. */
  readonly now: Instant;
};

const ALERT = sql`
  a.id, a.clinic_id, c.slug as clinic, c.zone as clinic_zone, a.patient_id, p.ref_sealed, a.series_id, a.session_id, a.kind, a.level, a.state, a.source,
  a.raised_at, a.owner, a.acknowledged_at, a.closed_at, a.closed_by, a.outcome, a.step, a.page_at, a.revision, (select afterglow_now()) as now,
  (select count(*) from alert_pages g where g.alert_id = a.id and g.outcome = 'sent') as pages_taken`;

export type AlertFilter = {
  readonly clinicId: ClinicId | null;
  readonly states: readonly AlertState[];
  readonly patientId?: PatientId | null;
};

export const MOST_ALERTS = 500;

/** Unacknowledged first, then the gravest, then the oldest. */
export async function listAlerts(db: Database, { clinicId, states, patientId = null }: AlertFilter): Promise<AlertView[]> {
  const { rows } = await sql<AlertView>`
    select ${ALERT} from alerts a join clinics c on c.id = a.clinic_id left join patients p on p.id = a.patient_id
    where a.state = any(${states}::text[]) and (${clinicId}::uuid is null or a.clinic_id = ${clinicId}::uuid)
      and (${patientId}::uuid is null or a.patient_id = ${patientId}::uuid)
    order by array_position(array['open', 'acknowledged', 'closed'], a.state), array_position(array['critical', 'high', 'medium'], a.level), a.raised_at, a.id
    limit ${MOST_ALERTS}`.execute(db);
  return rows;
}

/** One alert with everything that whoever calls needs. */
export type AlertCardRow = AlertView & {
  readonly sourceId: string;
  readonly noteSealed: Buffer | null;
  readonly nameSealed: Buffer | null;
  readonly birthDateSealed: Buffer | null;
  readonly phoneSealed: Buffer | null;
  readonly emailSealed: Buffer | null;
  readonly addressSealed: Buffer | null;
  readonly emergencyContactSealed: Buffer | null;
  readonly escortNameSealed: Buffer | null;
  readonly escortPhoneSealed: Buffer | null;
  readonly patientZone: Zone;
  readonly patientLocale: string;
  readonly holdCode: string | null;
  readonly watched: boolean;
};

export async function findAlertCard(db: Database, id: AlertId): Promise<AlertCardRow | undefined> {
  const { rows } = await sql<AlertCardRow>`
    select ${ALERT}, a.source_id, a.note_sealed, p.name_sealed, p.birth_date_sealed, p.phone_sealed, p.email_sealed, p.address_sealed,
      p.emergency_contact_sealed, e.name_sealed as escort_name_sealed, e.phone_sealed as escort_phone_sealed,
      coalesce(p.zone, c.zone) as patient_zone, coalesce(p.locale, c.locale) as patient_locale, p.hold_code, coalesce(p.watched, false) as watched
    from alerts a join clinics c on c.id = a.clinic_id left join patients p on p.id = a.patient_id left join escorts e on e.patient_id = p.id
    where a.id = ${id}`.execute(db);
  return rows[0];
}

export type SessionBefore = {
  readonly id: SessionId;
  readonly number: number;
  readonly kind: string;
  readonly setting: string;
  readonly status: string;
  readonly startsAt: Instant;
  readonly zone: Zone;
};

/** The last session that had begun when the alert was raised, and the next one after it. */
export async function findSessionsAround(
  db: Database,
  patientId: PatientId,
  raisedAt: Instant,
): Promise<{ last: SessionBefore | null; next: SessionBefore | null }> {
  const { rows } = await sql<SessionBefore & { isNext: boolean }>`
    with around as (select id, number, kind, setting, status, starts_at, zone from sessions where patient_id = ${patientId}),
    moment as (select to_timestamp(${raisedAt}::double precision / 1000) as at)
    (select a.*, false as is_next from around a, moment where starts_at <= at and status not in ('cancelled', 'postponed') order by starts_at desc limit 1)
    union all
    (select a.*, true as is_next from around a, moment where starts_at > at and status = 'scheduled' order by starts_at limit 1)`.execute(
    db,
  );
  const find = (isNext: boolean) => rows.find((row) => row.isNext === isNext) ?? null;
  return { last: find(false), next: find(true) };
}

export type ConfirmedPlace = { readonly id: AnswerId; readonly detailSealed: Buffer; readonly at: Instant };

/** Where the patient last said to be. */
export async function findConfirmedPlace(db: Database, patientId: PatientId): Promise<ConfirmedPlace | undefined> {
  const { rows } = await sql<ConfirmedPlace>`
    select id, detail_sealed, at from session_answers
    where session_id in (select id from sessions where patient_id = ${patientId}) and kind = 'location-confirmed' and detail_sealed is not null
    order by at desc limit 1`.execute(db);
  return rows[0];
}

export type EarlierAnswer = {
  readonly id: ResponseId;
  readonly instrument: string;
  readonly instrumentVersion: number;
  readonly source: string;
  readonly answeredAt: Instant;
  readonly resultSealed: Buffer;
  readonly answersSealed: Buffer | null;
};

const MOST_ANSWERS = 10;

/** What the patient answered in surveys, newest first. */
export async function listEarlierAnswers(db: Database, patientId: PatientId): Promise<EarlierAnswer[]> {
  const { rows } = await sql<EarlierAnswer>`
    select id, instrument, instrument_version, source, answered_at, result_sealed, answers_sealed from survey_responses
    where patient_id = ${patientId} order by answered_at desc, id desc limit ${MOST_ANSWERS}`.execute(db);
  return rows;
}

export type RaisingText = {
  readonly id: InboundId;
  readonly fromSealed: Buffer;
  readonly bodySealed: Buffer;
  readonly receivedAt: Instant;
};

/** The text that raised the alert. */
export async function findRaisingText(db: Database, id: string): Promise<RaisingText | undefined> {
  const { rows } = await sql<RaisingText>`
    select id, from_sealed, body_sealed, received_at from inbound_messages where id = ${id}`.execute(db);
  return rows[0];
}

/** The crisis text that answered the text; undefined where none was made. One to a number that may never have gone, and that nobody tries again, counts as failed: whoever calls relies on nothing. */
export async function findCrisisAnswer(db: Database, id: InboundId): Promise<CrisisAnswer | undefined> {
  const { rows } = await sql<CrisisAnswer>`
    select t.state, t.reason, coalesce(d.provider_code, d.code) as code, d.rank
    from inbound_messages m
      join series s on s.patient_id = m.patient_id
      join touchpoints t on t.series_id = s.id and t.key = 'answer/' || m.id || '/answer-crisis'
      left join lateral (select provider_code, code, rank from deliveries where touchpoint_id = t.id order by attempt desc limit 1) d on true
    where m.id = ${id}
    union all
    select case state when 'unknown' then 'failed' else state end, null, case state when 'unknown' then state else code end, rank from crisis_answers where inbound_id = ${id}`.execute(
    db,
  );
  return rows[0];
}

export type PageView = {
  readonly step: number;
  readonly person: string;
  readonly channel: "sms" | "email";
  readonly outcome: string;
  readonly code: string | null;
  /** Machine time. */
  readonly beganAt: Instant;
};

export async function listPages(db: Database, id: AlertId): Promise<PageView[]> {
  const { rows } = await sql<PageView>`
    select step, person, channel, outcome, code, began_at from alert_pages where alert_id = ${id} order by began_at, id`.execute(db);
  return rows;
}

export type AlertEvent = {
  readonly kind: string;
  readonly actor: string;
  readonly at: Instant;
  readonly data: Readonly<Record<string, unknown>>;
};

/** Every step in the order in which it was taken. */
export async function listAlertEvents(db: Database, id: AlertId): Promise<AlertEvent[]> {
  const { rows } =
    await sql<AlertEvent>`select kind, actor, clinic_at as at, data from events where subject_id = ${id} order by id`.execute(db);
  return rows;
}

export type KeptMessage = {
  readonly id: string;
  readonly rule: string;
  readonly channel: string;
  readonly dueAt: Instant;
  readonly sendBy: Instant;
};

/** What the alert keeps back and its owner decides. */
export async function listKept(db: Database, patientId: PatientId): Promise<KeptMessage[]> {
  const { rows } = await sql<KeptMessage>`
    select t.id, t.rule, t.channel, t.due_at, t.send_by from series s join touchpoints t on t.series_id = s.id
    where s.patient_id = ${patientId} and t.state = 'held' and t.reason = 'open-alert' and t.recipient <> 'staff'
      and t.purpose in ('preparation', 'reminder', 'urgent-change') order by t.due_at, t.id limit 50`.execute(db);
  return rows;
}
