/** Invitations to surveys: made with the plan, found by their page, answered once. What was filled in so far is kept sealed until it is sent off. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, InvitationId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { unnest } from "./rows.ts";

export type NewInvitation = {
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
  /** Identity within the series. */
  readonly key: string;
  readonly instrument: string;
  readonly instrumentVersion: number;
  readonly askedAt: Instant;
  readonly closesAt: Instant;
};

/**
 * The ids of these invitations, by `series/key`, made where they are missing. What is not answered follows the plan: when it is asked, and until when; its link
 * opens at least as long. The instrument stays in the version in which it was first planned.
 */
export async function saveInvitations(tx: Tx, invitations: readonly NewInvitation[]): Promise<Map<string, InvitationId>> {
  if (invitations.length === 0) return new Map();
  const values = unnest(invitations, {
    id: ["uuid", () => newId<"invitation">()],
    clinic_id: ["uuid", ({ clinicId }) => clinicId],
    patient_id: ["uuid", ({ patientId }) => patientId],
    series_id: ["uuid", ({ seriesId }) => seriesId],
    session_id: ["uuid", ({ sessionId }) => sessionId],
    key: ["text", ({ key }) => key],
    instrument: ["text", ({ instrument }) => instrument],
    instrument_version: ["smallint", ({ instrumentVersion }) => instrumentVersion],
    asked_at: ["timestamptz", ({ askedAt }) => formatInstant(askedAt)],
    closes_at: ["timestamptz", ({ closesAt }) => formatInstant(closesAt)],
  });
  const { rows } = await sql<{ id: InvitationId; seriesId: string; key: string }>`
    with saved as (
      insert into survey_invitations as i (id, clinic_id, patient_id, series_id, session_id, key, instrument, instrument_version, asked_at, closes_at)
      select * from ${values}
      on conflict (series_id, key) do update set
        asked_at = case when i.answered_at is null then excluded.asked_at else i.asked_at end,
        closes_at = case when i.answered_at is null then excluded.closes_at else i.closes_at end
      returning id, series_id, key, closes_at),
    extended as (
      update links l set expires_at = s.closes_at from saved s
      where l.kind = 'survey' and l.subject_id = s.id and l.revoked_at is null and l.expires_at < s.closes_at)
    select id, series_id, key from saved`.execute(tx);
  return new Map(rows.map(({ id, seriesId, key }) => [`${seriesId}/${key}`, id]));
}

export type Invitation = NewInvitation & {
  readonly id: InvitationId;
  readonly draftSealed: Buffer | null;
  readonly answeredAt: Instant | null;
};

/** The invitation as it stands; undefined when there is none with this id. */
export async function findInvitation(db: Database, id: string): Promise<Invitation | undefined> {
  const { rows } = await sql<Invitation>`
    select id, clinic_id, patient_id, series_id, session_id, key, instrument, instrument_version, asked_at, closes_at, draft_sealed, answered_at
    from survey_invitations where id = ${id}`.execute(db);
  return rows[0];
}

/** The newest invitation of a patient to an instrument that is asked and not answered; undefined when there is none. */
export async function findOpenInvitation(
  db: Database,
  { patientId, instrument, now }: { readonly patientId: PatientId; readonly instrument: string; readonly now: Instant },
): Promise<Invitation | undefined> {
  const { rows } = await sql<Invitation>`
    select id, clinic_id, patient_id, series_id, session_id, key, instrument, instrument_version, asked_at, closes_at, draft_sealed, answered_at
    from survey_invitations
    where patient_id = ${patientId} and instrument = ${instrument} and answered_at is null
      and asked_at <= ${toTimestamp(now)}::timestamptz and closes_at > ${toTimestamp(now)}::timestamptz
    order by asked_at desc, id desc limit 1`.execute(db);
  return rows[0];
}

/** Those of a patient that were begun and not sent off, the newest first. */
export async function listBegun(db: Database, patientId: PatientId): Promise<(Invitation & { readonly draftedAt: Instant })[]> {
  const { rows } = await sql<Invitation & { readonly draftedAt: Instant }>`
    select id, clinic_id, patient_id, series_id, session_id, key, instrument, instrument_version, asked_at, closes_at, draft_sealed, answered_at, drafted_at
    from survey_invitations where patient_id = ${patientId} and draft_sealed is not null order by drafted_at desc, id desc limit 20`.execute(
    db,
  );
  return rows;
}

/** Keeps what was filled in so far; nothing once it was sent off. A later draft takes the place of an earlier one. */
export async function saveDraft(db: Database, id: InvitationId, draftSealed: Buffer): Promise<void> {
  await sql`
    update survey_invitations set draft_sealed = ${draftSealed}, drafted_at = (select afterglow_now())
    where id = ${id} and answered_at is null`.execute(db);
}

/** Ends an invitation with its answer; the draft goes. False when it was answered before. */
export async function markAnswered(tx: Tx, id: InvitationId, at: Instant): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    update survey_invitations set answered_at = ${toTimestamp(at)}::timestamptz, draft_sealed = null, drafted_at = null
    where id = ${id} and answered_at is null returning id`.execute(tx);
  return rows.length === 1;
}

/** Ends the work that was on staff's list because the survey was not answered, each with its event. Returns how many. */
export async function closeTasksOfSurvey(tx: Tx, { seriesId, key }: Pick<Invitation, "seriesId" | "key">): Promise<number> {
  const chased = key.replaceAll("/", ":");
  const { rows } = await sql<{ closed: number }>`
    with closed as (
      update tasks k set state = 'cancelled', outcome = 'answered', closed_by = 'afterglow', closed_at = (select afterglow_now()), revision = k.revision + 1
      from touchpoints t
      where k.touchpoint_id = t.id and t.series_id = ${seriesId} and k.state in ('open', 'taken') and k.kind in ('survey', 'call')
        and (starts_with(t.key, ${`${key}/`}) or split_part(t.key, '/', 2) = ${chased})
      returning k.id, k.clinic_id, k.kind),
    told as (
      insert into events (clinic_at, clinic_id, actor, kind, subject_id, data)
      select (select afterglow_now()), clinic_id, 'afterglow', 'task.cancelled', id, jsonb_build_object('kind', kind, 'because', 'answered') from closed)
    select count(*) as closed from closed`.execute(tx);
  return rows[0]?.closed ?? 0;
}

export type InvitationView = {
  readonly id: InvitationId;
  readonly clinic: string;
  readonly zone: string;
  readonly patientId: PatientId;
  readonly refSealed: Buffer;
  readonly seriesId: SeriesId;
  readonly instrument: string;
  readonly askedAt: Instant;
  readonly closesAt: Instant;
  readonly answeredAt: Instant | null;
  readonly isBegun: boolean;
  readonly now: Instant;
};

export const INVITATION_STATES = ["open", "answered", "missed", "planned"] as const;
export type InvitationState = (typeof INVITATION_STATES)[number];

/** No list is longer. */
export const MOST_INVITATIONS = 1_000;

/** Invitations, the newest asking first. `planned`: not asked yet; `missed`: closed without an answer. */
export async function listInvitations(
  db: Database,
  { clinicId, patientId, state }: { clinicId: ClinicId | null; patientId: PatientId | null; state: InvitationState | null },
): Promise<InvitationView[]> {
  const now = sql`(select afterglow_now())`;
  const { rows } = await sql<InvitationView>`
    select i.id, c.slug as clinic, c.zone, i.patient_id, p.ref_sealed, i.series_id, i.instrument, i.asked_at, i.closes_at, i.answered_at,
      i.draft_sealed is not null as is_begun, ${now} as now
    from survey_invitations i join clinics c on c.id = i.clinic_id join patients p on p.id = i.patient_id
    where (${clinicId}::uuid is null or i.clinic_id = ${clinicId}::uuid) and (${patientId}::uuid is null or i.patient_id = ${patientId}::uuid)
      and (${state}::text is null or ${state}::text = case
        when i.answered_at is not null then 'answered' when i.asked_at > ${now} then 'planned' when i.closes_at > ${now} then 'open' else 'missed' end)
    order by i.asked_at desc, i.id desc limit ${MOST_INVITATIONS}`.execute(db);
  return rows;
}
