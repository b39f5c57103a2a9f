/**
 * What happened to a patient, what is coming, and what was not sent: one list in order of time, from everything that is kept. Reads only; what patients wrote and
 * how surveys were answered come sealed or not at all. Only of the clinics that the reader may look into. Clinic time throughout.
 */
import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, PatientId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { type Database, toTimestamp } from "./database.ts";

export type TimelineEntry = {
  readonly kind: "message" | "reply" | "answer" | "survey" | "consent" | "alert" | "fact";
  readonly id: string;
  readonly at: Instant;
  /** The recipient's, where it is known; else the clinic's. */
  readonly zone: Zone;
  /** Rule, kind of answer, instrument, channel of the consent, kind of alert or of fact. */
  readonly what: string;
  readonly state: string | null;
  readonly reason: string | null;
  readonly channel: string | null;
  readonly recipient: string | null;
  /** Number of the visit in its series. */
  readonly session: number | null;
  readonly actor: string | null;
  /** What the provider reported, and how far that has come. */
  readonly report: string | null;
  readonly rank: number;
  readonly bodySealed: Buffer | null;
  readonly data: Readonly<Record<string, unknown>> | null;
  /** Not planned any more, or said otherwise: nothing that the person missed. */
  readonly isNoise: boolean;
};

export type TimelineWish = {
  readonly patientId: PatientId;
  readonly clinicIds: readonly ClinicId[];
  readonly show: "all" | "messages" | "record";
  /** The last entry of the page before. */
  readonly after: { readonly at: Instant; readonly id: string } | null;
  readonly limit: number;
};

/** Newest first, nothing that is still to come. */
export async function listTimeline(db: Database, wish: TimelineWish): Promise<TimelineEntry[]> {
  const branches = BRANCHES.filter(({ shows }) => shows.includes(wish.show)).map(({ select }) => cut(select(wish), wish));
  const { rows } = await sql<TimelineEntry>`
    select * from (${sql.join(branches, sql` union all `)}) entries order by at desc, id desc limit ${wish.limit}`.execute(db);
  return rows;
}

/** What is still to be sent or done, and what will not be although its moment is to come, soonest first. */
export async function listToCome(
  db: Database,
  { patientId, clinicIds, limit }: Omit<TimelineWish, "show" | "after">,
): Promise<TimelineEntry[]> {
  const { rows } = await sql<TimelineEntry>`
    select ${MESSAGE} from ${MESSAGES_OF(patientId, clinicIds)}
      (t.state in ('planned', 'held', 'sending', 'unknown') or (t.state = 'suppressed' and t.due_at > (select afterglow_now()) and not ${NOISE}))
    order by at, t.id limit ${limit}`.execute(db);
  return rows;
}

/** Each branch is cut by itself, so that a long life costs no more than a page. */
function cut(select: RawBuilder<unknown>, { after, limit }: TimelineWish): RawBuilder<unknown> {
  const before = after ? sql`(at, id) < (${toTimestamp(after.at)}::timestamptz, ${after.id}::uuid)` : sql`true`;
  return sql`(select * from (${select}) branch where at <= (select afterglow_now()) and ${before} order by at desc, id desc limit ${limit})`;
}

/** Milliseconds, as a key of a page can say them. */
function at(moment: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`date_trunc('milliseconds', ${moment}) as at`;
}

const NOISE = sql`(t.state in ('superseded', 'cancelled') or coalesce(t.reason in ('merged', 'already-told', 'newer-stage', 'past', 'no-outcome'), false))`;

const MESSAGE = sql`
  'message' as kind, t.id, ${at(sql`coalesce(t.first_try_at + d.lateness_ms * interval '1 millisecond', case when t.state = 'planned' then greatest(t.due_at, t.try_at) else t.due_at end)`)}, t.zone, t.rule as what, t.state, t.reason,
  t.channel, t.recipient, v.number as session, null::text as actor, d.provider_state as report, coalesce(d.rank, 0)::integer as rank, null::bytea as body_sealed,
  jsonb_build_object('template', t.template, 'awaits', t.awaits, 'task', k.state) as data, ${NOISE} as is_noise`;

const MESSAGES_OF = (patientId: PatientId, clinicIds: readonly ClinicId[]) => sql`
  series r join touchpoints t on t.series_id = r.id left join sessions v on v.id = t.session_id
    left join lateral (select d.lateness_ms, d.provider_state, d.rank from deliveries d where d.touchpoint_id = t.id order by d.attempt desc limit 1) d on true
    left join lateral (select k.state from tasks k where k.touchpoint_id = t.id order by k.opened_at desc limit 1) k on true
  where r.patient_id = ${patientId} and r.clinic_id = any(${[...clinicIds]}::uuid[]) and`;

type Branch = { readonly shows: readonly TimelineWish["show"][]; readonly select: (wish: TimelineWish) => RawBuilder<unknown> };

/** What a branch has none of. */
const none = (type: string) => sql.raw(`null::${type}`);

const BRANCHES: readonly Branch[] = [
  {
    shows: ["all", "messages"],
    select: ({ patientId, clinicIds, show }) => sql`
      select ${MESSAGE} from ${MESSAGES_OF(patientId, clinicIds)} t.state not in ('planned', 'held', 'sending')
        and (${show === "messages"} or not ${NOISE})`,
  },
  {
    shows: ["all", "messages"],
    select: ({ patientId, clinicIds }) => sql`
      select 'reply' as kind, m.id, ${at(sql`m.received_at`)}, c.zone, coalesce(m.kind, 'text') as what, m.inbox as state, ${none("text")} as reason, 'sms' as channel,
        ${none("text")} as recipient, v.number as session, ${none("text")} as actor, ${none("text")} as report, 0 as rank, m.body_sealed, ${none("jsonb")} as data, false as is_noise
      from inbound_messages m join clinics c on c.id = m.clinic_id left join sessions v on v.id = m.session_id
      where m.patient_id = ${patientId} and m.clinic_id = any(${[...clinicIds]}::uuid[])`,
  },
  {
    shows: ["all"],
    select: ({ patientId, clinicIds }) => sql`
      select 'answer' as kind, a.id, ${at(sql`a.at`)}, c.zone, a.kind as what, ${none("text")} as state, ${none("text")} as reason, a.via as channel,
        ${none("text")} as recipient, v.number as session, a.actor, ${none("text")} as report, 0 as rank, ${none("bytea")} as body_sealed, ${none("jsonb")} as data, false as is_noise
      from sessions v join session_answers a on a.session_id = v.id join clinics c on c.id = v.clinic_id
      where v.patient_id = ${patientId} and v.clinic_id = any(${[...clinicIds]}::uuid[])`,
  },
  {
    shows: ["all"],
    select: ({ patientId, clinicIds }) => sql`
      select 'survey' as kind, s.id, ${at(sql`s.answered_at`)}, c.zone, s.instrument as what, ${none("text")} as state, ${none("text")} as reason, s.source as channel,
        ${none("text")} as recipient, v.number as session, s.actor, ${none("text")} as report, 0 as rank, s.result_sealed as body_sealed, ${none("jsonb")} as data, false as is_noise
      from survey_responses s join clinics c on c.id = s.clinic_id left join sessions v on v.id = s.session_id
      where s.patient_id = ${patientId} and s.clinic_id = any(${[...clinicIds]}::uuid[])`,
  },
  {
    shows: ["all", "record"],
    select: ({ patientId, clinicIds }) => sql`
      select 'consent' as kind, n.id, ${at(sql`n.at`)}, c.zone, n.channel as what, n.action as state, n.source as reason, ${none("text")} as channel,
        n.person as recipient, ${none("integer")} as session, n.actor, ${none("text")} as report, 0 as rank, ${none("bytea")} as body_sealed, ${none("jsonb")} as data, false as is_noise
      from consents n join clinics c on c.id = ${clinicIds[0] ?? null}::uuid where n.patient_id = ${patientId}`,
  },
  {
    shows: ["all"],
    select: ({ patientId, clinicIds }) => sql`
      select 'alert' as kind, a.id, ${at(sql`a.raised_at`)}, c.zone, a.kind as what, a.state, a.outcome as reason, a.level as channel,
        ${none("text")} as recipient, ${none("integer")} as session, coalesce(a.closed_by, a.acknowledged_by) as actor, ${none("text")} as report, 0 as rank,
        ${none("bytea")} as body_sealed, ${none("jsonb")} as data, false as is_noise
      from alerts a join clinics c on c.id = a.clinic_id where a.patient_id = ${patientId} and a.clinic_id = any(${[...clinicIds]}::uuid[])`,
  },
  {
    shows: ["all", "record"],
    select: ({ patientId, clinicIds }) => sql`
      select 'fact' as kind, ${EVENT_ID} as id, ${at(sql`e.clinic_at`)}, c.zone, e.kind as what, ${none("text")} as state, ${none("text")} as reason, ${none("text")} as channel,
        ${none("text")} as recipient, v.number as session, e.actor, ${none("text")} as report, 0 as rank, ${none("bytea")} as body_sealed, e.data, false as is_noise
      from ${SUBJECTS(patientId, clinicIds)} join events e on e.subject_id = subjects.id join clinics c on c.id = coalesce(e.clinic_id, ${clinicIds[0] ?? null}::uuid)
        left join sessions v on v.id = e.subject_id
      where e.kind = any(${FACT_KINDS}::text[]) and c.id = any(${[...clinicIds]}::uuid[])`,
  },
];

/** Events are numbered; as the lower half of a UUID the number sorts among the others. */
const EVENT_ID = sql`('00000000-0000-4000-8000-' || lpad(to_hex(e.id), 12, '0'))::uuid`;

const SUBJECTS = (patientId: PatientId, clinicIds: readonly ClinicId[]) => sql`(
  select ${patientId}::uuid as id
  union all select id from series where patient_id = ${patientId} and clinic_id = any(${[...clinicIds]}::uuid[])
  union all select id from sessions where patient_id = ${patientId} and clinic_id = any(${[...clinicIds]}::uuid[])) subjects`;

/** Facts that the timeline tells as such; of the others something else tells: a consent, an answer, an alert. */
const FACT_KINDS = [
  "series.enqueued",
  "series.extended",
  "series.paused",
  "series.resumed",
  "series.stopped",
  "series.voided",
  "series.undone",
  "series.migrated",
  "series.completed",
  "series.reopened",
  "series.requirement-met",
  "session.added",
  "session.moved",
  "session.resized",
  "session.postponed",
  "session.cancelled",
  "session.arrived",
  "session.dosed",
  "session.not_dosed",
  "session.discharged",
  "session.completed",
  "session.no_show",
  "session.ready",
  "session.form-filed",
  "patient.held",
  "patient.released",
  "patient.contact-changed",
  "patient.escort-named",
  "patient.escort-removed",
  "escort.opted-in",
  "patient.verified",
  "patient.watched",
  "patient.unwatched",
  "patient.preferred",
  "address.opted-out",
  "address.opted-in",
];

export type ChangeSince = {
  readonly kind: string;
  readonly actor: string;
  readonly at: Instant;
  readonly session: number | null;
  readonly data: Readonly<Record<string, unknown>>;
};

/** The number of the newest event of the installation: what somebody who looks now has seen. */
export async function findNewestEvent(db: Database): Promise<number> {
  const { rows } = await sql<{ id: number }>`select coalesce(max(id), 0) as id from events`.execute(db);
  return rows[0]?.id ?? 0;
}

/** Who has changed what about a patient since that event, newest first. */
export async function listChangesSince(
  db: Database,
  { patientId, clinicIds, seen }: { patientId: PatientId; clinicIds: readonly ClinicId[]; seen: number },
): Promise<ChangeSince[]> {
  const { rows } = await sql<ChangeSince>`
    select e.kind, e.actor, e.clinic_at as at, v.number as session, e.data
    from ${SUBJECTS(patientId, clinicIds)} join events e on e.subject_id = subjects.id left join sessions v on v.id = e.subject_id
    where e.id > ${seen} and e.kind not in ('patient.revealed', 'patient.sought') and e.kind !~ '[.-](read|listed)$' order by e.id desc limit 20`.execute(
    db,
  );
  return rows;
}

export type SentCount = { readonly sent: number; readonly failed: number; readonly notSent: number; readonly toCome: number };

/** The glance: what reached, or should have reached, the patient; calls of the desk not counted. */
export async function countSent(db: Database, { patientId, clinicIds }: Pick<TimelineWish, "patientId" | "clinicIds">): Promise<SentCount> {
  const { rows } = await sql<SentCount>`
    select
      count(*) filter (where t.state = 'sent')::integer as sent,
      count(*) filter (where t.state in ('failed', 'unknown'))::integer as failed,
      count(*) filter (where t.state in ('suppressed', 'expired') and not ${NOISE} and t.due_at <= (select afterglow_now()))::integer as not_sent,
      count(*) filter (where t.state in ('planned', 'held', 'sending'))::integer as to_come
    from ${MESSAGES_OF(patientId, clinicIds)} t.channel <> 'task' and t.recipient = 'patient'`.execute(db);
  return rows[0] ?? { sent: 0, failed: 0, notSent: 0, toCome: 0 };
}
