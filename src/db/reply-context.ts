/** Who stands behind a number that wrote to us, and what we asked them last. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { Database } from "./database.ts";
import type { InboundRow } from "./inbound-messages.ts";

export type PhoneNumber = Pick<InboundRow, "groupId" | "fromIndex">;

export type PersonAtNumber = {
  readonly patientId: PatientId;
  readonly person: "patient" | "escort";
  /** Whether it is still their number; otherwise it was once, and they may still have it. */
  readonly isCurrent: boolean;
  readonly locale: string;
  readonly zone: string;
  readonly quietFrom: number;
  readonly quietTo: number;
  /** Their newest series, and its clinic; null: none was ever made. */
  readonly seriesId: SeriesId | null;
  readonly clinicId: ClinicId | null;
  /** Start of the next visit that is booked. */
  readonly nextSessionId: SessionId | null;
  readonly nextStartsAt: Instant | null;
};

/** The patients and escorts whose number it is; where it is nobody's any more, those who once agreed to be written to there. */
export async function listPeopleAt(db: Database, { groupId, fromIndex }: PhoneNumber): Promise<PersonAtNumber[]> {
  const { rows } = await sql<PersonAtNumber>`
    with now_theirs as (
      select patient_id, person from contact_points where group_id = ${groupId} and channel = 'sms' and address_index = ${fromIndex}),
    once_theirs as (
      select distinct patient_id, person from consents
      where group_id = ${groupId} and channel = 'sms' and address_index = ${fromIndex} and not exists (select from now_theirs)),
    people as (select *, true as is_current from now_theirs union all select *, false from once_theirs)
    select o.patient_id, o.person, o.is_current, case o.person when 'escort' then coalesce(e.locale, p.locale) else p.locale end as locale,
      p.zone, p.quiet_from, p.quiet_to, s.id as series_id, s.clinic_id, v.id as next_session_id, v.starts_at as next_starts_at
    from people o
      join patients p on p.id = o.patient_id
      left join escorts e on e.patient_id = p.id
      left join lateral (
        select id, clinic_id from series where patient_id = p.id
        order by status in ('enqueued', 'active', 'paused') desc, enqueued_at desc, id desc limit 1) s on true
      left join lateral (
        select x.id, x.starts_at from sessions x join series y on y.id = x.series_id
        where y.patient_id = p.id and y.status in ('enqueued', 'active', 'paused') and x.status = 'scheduled' and x.starts_at > (select afterglow_now())
        order by x.starts_at limit 1) v on true
    order by o.person desc, o.patient_id`.execute(db);
  return rows;
}

export type LastText = {
  readonly id: TouchpointId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly purpose: string;
  readonly template: string;
  readonly sentAt: Instant;
  /** The visit it speaks of, where that is still to come as it was said. */
  readonly sessionId: SessionId | null;
  readonly startsAt: Instant | null;
  /** Whether something was answered about that visit since. */
  readonly isAnswered: boolean;
  /** The rule that asked for it, and the approval that has it. */
  readonly rule: string;
  readonly approvalId: ApprovalId;
  /** The visit as it stands now, to come or not; null: it spoke of none. */
  readonly begins: { readonly zone: Zone; readonly startsAt: Instant } | null;
};

/**
 * The last text to each patient at the number that reached a provider before that moment, newest first. Our own automatic answers are none: whoever answers them
 * answers what they were about. Nor is what asks for a survey: it is answered by its link and never by a digit, and must not stand before a question that is.
 */
export async function listLastTexts(db: Database, { groupId, fromIndex }: PhoneNumber): Promise<LastText[]> {
  const { rows } = await sql<LastText>`
    select t.* from contact_points c cross join lateral (
      select t.id, t.patient_id, t.series_id, t.purpose, t.template, t.claimed_at as sent_at,
        case when v.status = 'scheduled' and v.starts_at > (select afterglow_now()) and v.arming = t.arming then v.id end as session_id,
        case when v.status = 'scheduled' and v.starts_at > (select afterglow_now()) and v.arming = t.arming then v.starts_at end as starts_at,
        t.rule, s.approval_id,
        case when v.id is not null then jsonb_build_object('zone', v.zone, 'startsAt', extract(epoch from v.starts_at) * 1000) end as begins,
        exists (select from session_answers a where a.session_id = v.id and a.arming = v.arming and a.kind in ('confirmed', 'asks-to-move')) as is_answered
      from series s join touchpoints t on t.series_id = s.id left join sessions v on v.id = t.session_id
      where s.patient_id = c.patient_id and t.channel = 'sms' and t.recipient = 'patient' and t.attempts > 0 and t.state in ('sending', 'unknown', 'sent')
        and not (t.purpose = 'answer' and t.rule like 'answer-%') and t.purpose <> 'survey' and t.template not in ('survey-chase', 'check-in-chase')
      order by t.claimed_at desc limit 1) t
    where c.group_id = ${groupId} and c.channel = 'sms' and c.address_index = ${fromIndex} and c.person = 'patient'
    order by t.sent_at desc`.execute(db);
  return rows;
}

export type ListedVisit = {
  readonly id: SessionId;
  readonly kind: string;
  readonly setting: string;
  readonly startsAt: Instant;
  /** Whether a message that was merged into the text spoke of it. */
  readonly isMerged: boolean;
};

/** Visits of a patient that are to come and have not changed since the text went out, in order of time: those of which it may have spoken. */
export async function listVisitsSince(db: Database, text: Pick<LastText, "id" | "patientId">): Promise<ListedVisit[]> {
  const { rows } = await sql<ListedVisit>`
    select v.id, v.kind, v.setting, v.starts_at,
      exists (select from touchpoints m where m.series_id = v.series_id and m.session_id = v.id and m.merged_into = t.id and m.reason = 'merged') as is_merged
    from touchpoints t
      join series s on s.patient_id = ${text.patientId} and s.status in ('enqueued', 'active', 'paused')
      join sessions v on v.series_id = s.id and v.status = 'scheduled' and v.starts_at > (select afterglow_now())
    where t.id = ${text.id} and (v.changed_at is null or v.changed_at <= t.first_try_at)
    order by v.starts_at, v.id`.execute(db);
  return rows;
}

export type OptOutAt = { readonly source: string; readonly at: Instant };

/** Whether the number wants no texts, since when and by which way. */
export async function findOptOut(db: Database, { groupId, fromIndex }: PhoneNumber): Promise<OptOutAt | undefined> {
  const { rows } = await sql<OptOutAt>`
    select source, at from opt_outs where group_id = ${groupId} and channel = 'sms' and address_index = ${fromIndex}`.execute(db);
  return rows[0];
}

export type OfferedSession = {
  readonly id: SessionId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly startsAt: Instant;
  readonly isToCome: boolean;
};

/** The sessions that a question back offered, in that order. */
export async function loadOffered(db: Database, ids: readonly SessionId[]): Promise<OfferedSession[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<OfferedSession>`
    select v.id, v.patient_id, v.series_id, v.starts_at, v.status = 'scheduled' and v.starts_at > (select afterglow_now()) as is_to_come
    from unnest(${ids}::uuid[]) with ordinality as o (id, place) join sessions v on v.id = o.id order by o.place`.execute(db);
  return rows;
}

export type AnsweredVisit = { readonly id: SessionId; readonly seriesId: SeriesId; readonly startsAt: Instant; readonly arming: number };

/** The visit of which an answer speaks. */
export async function findAnsweredSession(db: Database, id: SessionId): Promise<AnsweredVisit | undefined> {
  const { rows } = await sql<AnsweredVisit>`select id, series_id, starts_at, arming from sessions where id = ${id}`.execute(db);
  return rows[0];
}
