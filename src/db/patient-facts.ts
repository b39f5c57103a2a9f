/** Reads everything the planner needs of some patients, a statement a table, however many patients. Opens nothing that is sealed. */
import { sql } from "kysely";
import { type Instant, instant, wallClock } from "../domain/calendar.ts";
import type { ClinicFacts, WallClockSpan } from "../domain/clinic.ts";
import type { ApprovalId, ClinicId, GroupId, PatientId, SeriesId } from "../domain/ids.ts";
import type {
  HoldCode,
  PatientFacts,
  PersonFacts,
  Reach,
  SeriesFacts,
  SeriesStatus,
  SessionAnswerKind,
  SessionFacts,
} from "../domain/patient-facts.ts";
import { OPTIONAL_STREAMS } from "../domain/optional-stream.ts";
import { standingAnswers } from "../domain/standing-answers.ts";
import { getApprovals } from "./approvals.ts";
import { CALLED } from "./called.ts";
import { escortComes } from "./escort-comes.ts";
import { readClosures, readLocale, readStaffedHours, readZone } from "./clinics.ts";
import type { Database } from "./database.ts";

/** Series that are planned: everything that has not ended, and what ended so lately that its end may still have to be told. */
const PLANNED = sql`(status in ('enqueued', 'active', 'paused') or (status in ('stopped', 'void') and ended_at > (select afterglow_now()) - interval '7 days'))`;

/** The facts of each patient that exists, by id. */
export async function loadPatientFacts(db: Database, ids: readonly PatientId[]): Promise<Map<PatientId, PatientFacts>> {
  const people = await loadPeople(db, ids);
  const series = await loadSeries(db, ids);
  const clinics = await loadClinics(db, series);
  const approvals = await getApprovals(
    db,
    series.map(({ approvalId }) => approvalId),
  );
  const sessions = await loadSessions(
    db,
    series.map(({ id }) => id),
  );
  const seriesByPatient = Map.groupBy(series, ({ patientId }) => patientId);
  const toSeriesFacts = (row: SeriesRow): SeriesFacts => {
    const clinic = clinics.get(row.clinicId);
    const approval = approvals.get(row.approvalId);
    if (!clinic || !approval) throw new Error(`Series ${row.id} has lost its clinic or approval`);
    const { id, condition, status, enqueuedAt, quietUntil, endedAt, announced } = row;
    return {
      id,
      clinic,
      protocol: approval.protocol,
      condition,
      status,
      enqueuedAt,
      quietUntil,
      endedAt,
      announced,
      sessions: sessions.get(id) ?? [],
      answeredSurveys: new Set(row.answeredSurveys),
    };
  };
  return new Map(people.map((row) => [row.id, { ...toPeople(row), series: (seriesByPatient.get(row.id) ?? []).map(toSeriesFacts) }]));
}

type ContactRow = { person: string; channel: string; reach: Reach };
type PersonRow = {
  id: PatientId;
  groupId: GroupId;
  zone: string;
  locale: string;
  quietFrom: number;
  quietTo: number;
  detailAccepted: boolean;
  holdCode: HoldCode | null;
  watched: boolean;
  hasOpenAlert: boolean;
  /** Milliseconds since 1970. */
  surveyed: { instrument: string; at: number }[];
  verifiedAt: Instant | null;
  unsubscribed: string[];
  escortNumber: number;
  escortSince: Instant | null;
  escortLocale: string | null;
  contacts: ContactRow[];
};

/** Nothing is asked again for longer than that, whatever the instrument. */
const SURVEYED_DAYS = 62;

/** What was imported or told without an invitation, and what was asked in a series that is planned no more. */
const SURVEYED = sql`array(
  select jsonb_build_object('instrument', m.instrument, 'at', round(extract(epoch from m.at) * 1000)) from (
    select r.instrument, r.answered_at as at from survey_responses r
      where r.patient_id = p.id and r.invitation_id is null and r.answered_at > (select afterglow_now()) - make_interval(days => ${SURVEYED_DAYS})
    union all
    select i.instrument, i.asked_at from survey_invitations i join series s on s.id = i.series_id
      where i.patient_id = p.id and s.status in ('completed', 'stopped', 'void')
        and i.asked_at between (select afterglow_now()) - make_interval(days => ${SURVEYED_DAYS}) and (select afterglow_now())) m)`;

async function loadPeople(db: Database, ids: readonly PatientId[]): Promise<PersonRow[]> {
  const { rows } = await sql<PersonRow>`
    select p.id, p.group_id, p.zone, p.locale, p.quiet_from, p.quiet_to, p.detail_accepted, p.hold_code, p.watched, p.verified_at, p.unsubscribed, p.escort_number, p.escort_since,
      exists (select from alerts a where a.patient_id = p.id and a.state <> 'closed' and a.level = 'critical') as has_open_alert, ${SURVEYED} as surveyed, e.locale as escort_locale,
      coalesce((
        select jsonb_agg(jsonb_build_object('person', c.person, 'channel', c.channel, 'reach', case
          when c.address_index is null then 'no-address'
          when exists (select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index) then 'opted-out'
          when not c.granted then 'no-consent'
          when c.dead_at is not null then 'dead-address'
          else 'reachable' end))
        from contact_points c where c.patient_id = p.id), '[]') as contacts
    from patients p left join escorts e on e.patient_id = p.id
    where p.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}

function toPeople(row: PersonRow): Omit<PatientFacts, "series"> {
  const zone = readZone(row.zone);
  const quietHours: WallClockSpan = { from: wallClock(row.quietFrom), to: wallClock(row.quietTo) };
  const reachOf = (person: string, channel: string) =>
    row.contacts.find((contact) => contact.person === person && contact.channel === channel)?.reach ?? "no-address";
  const personOf = (person: string, locale: string): PersonFacts => ({
    zone,
    locale: readLocale(locale),
    quietHours,
    email: reachOf(person, "email"),
    sms: reachOf(person, "sms"),
  });
  return {
    id: row.id,
    patient: personOf("patient", row.locale),
    escort: row.escortLocale === null ? null : personOf("escort", row.escortLocale),
    escortNumber: row.escortNumber,
    escortSince: row.escortSince,
    detailAccepted: row.detailAccepted,
    hold: row.holdCode,
    watched: row.watched,
    hasOpenAlert: row.hasOpenAlert,
    surveyed: row.surveyed.map((each) => ({ ...each, at: instant(each.at) })),
    unsubscribed: new Set(OPTIONAL_STREAMS.filter((stream) => row.unsubscribed.includes(stream))),
    verifiedAt: row.verifiedAt,
  };
}

type SeriesRow = {
  id: SeriesId;
  clinicId: ClinicId;
  patientId: PatientId;
  approvalId: ApprovalId;
  condition: string;
  status: SeriesStatus;
  enqueuedAt: Instant;
  quietUntil: Instant;
  endedAt: Instant | null;
  announced: boolean;
  answeredSurveys: string[];
};

async function loadSeries(db: Database, patientIds: readonly PatientId[]): Promise<SeriesRow[]> {
  const { rows } = await sql<SeriesRow>`
    select id, clinic_id, patient_id, approval_id, condition, status, enqueued_at, quiet_until, ended_at,
      case when status in ('stopped', 'void') then exists (
        select from touchpoints t where t.series_id = series.id and t.recipient = 'patient'
          and (t.state in ('sending', 'unknown', 'sent') or (${CALLED}) is not null)) else false end as announced,
      array(select key from survey_invitations i where i.series_id = series.id and i.answered_at is not null) as answered_surveys
    from series
    where patient_id = any(${patientIds}::uuid[]) and ${PLANNED} order by id`.execute(db);
  return rows;
}

type ClinicRow = {
  id: ClinicId;
  zone: string;
  locale: string;
  staffedHours: unknown;
  closures: string[];
  textsPerWeek: number;
  surveysEnabled: boolean;
};

async function loadClinics(db: Database, series: readonly SeriesRow[]): Promise<Map<ClinicId, ClinicFacts>> {
  const ids = [...new Set(series.map(({ clinicId }) => clinicId))];
  if (ids.length === 0) return new Map();
  const { rows } =
    await sql<ClinicRow>`select id, zone, locale, staffed_hours, closures::text[] as closures, texts_per_week, surveys_enabled from clinics where id = any(${ids}::uuid[])`.execute(
      db,
    );
  return new Map(
    rows.map(({ id, zone, locale, staffedHours, closures, textsPerWeek, surveysEnabled }) => [
      id,
      {
        id,
        zone: readZone(zone),
        locale: readLocale(locale),
        staffedHours: readStaffedHours(staffedHours),
        closures: readClosures(closures),
        textsPerWeek,
        surveysEnabled,
      },
    ]),
  );
}

type SessionRow = Omit<SessionFacts, "zone" | "toldStart" | "pickup" | "formFiled" | "answers"> & {
  seriesId: SeriesId;
  zone: string;
  toldStartsAt: Instant | null;
  pickupAt: Instant | null;
  pickupRound: number;
  readyAt: Instant | null;
  formFiledAt: Instant | null;
  /** In the order in which they were given. */
  said: SessionAnswerKind[];
};

async function loadSessions(db: Database, seriesIds: readonly SeriesId[]): Promise<Map<SeriesId, SessionFacts[]>> {
  const { rows } = await sql<SessionRow>`
    select id, series_id, number, kind, setting, owner, status, zone, starts_at, ends_at, dosed_at, discharged_at, arming,
      changed_at, changed_because, told_starts_at, told_off, outcome_at, pickup_at, pickup_round, ready_at, form_filed_at,
      array(select a.kind from session_answers a where a.session_id = sessions.id and a.arming = sessions.arming order by a.at, a.id) as said,
      ${escortComes(sql`sessions`)} as escort_comes,
      coalesce((select c.only_session_id = sessions.id from contact_points c
        where c.patient_id = sessions.patient_id and c.person = 'escort' and c.channel = 'sms'), true) as escort_texts
    from sessions
    where series_id = any(${seriesIds}::uuid[]) order by series_id, starts_at`.execute(db);
  const grouped = new Map<SeriesId, SessionFacts[]>();
  for (const { seriesId, zone, toldStartsAt, pickupAt, pickupRound, readyAt, formFiledAt, said, ...session } of rows) {
    const list = grouped.get(seriesId);
    const facts: SessionFacts = {
      ...session,
      zone: readZone(zone),
      toldStart: toldStartsAt,
      pickup: pickupAt === null ? null : { at: pickupAt, saidAt: readyAt ?? pickupAt, round: pickupRound },
      formFiled: formFiledAt !== null,
      answers: standingAnswers(said),
    };
    if (list) list.push(facts);
    else grouped.set(seriesId, [facts]);
  }
  return grouped;
}
