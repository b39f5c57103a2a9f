/** Lists of a clinic as programs read them, page by page by key; reads only, opens nothing that is sealed. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { AlertId, ClinicId, InboundId, InvitationId, PatientId, SeriesId, SessionId, TaskId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { InvitationState } from "./survey-invitations.ts";
import { type Database, toTimestamp } from "./database.ts";

/** Where a page begins, and how many rows are asked for. */
export type PageWish = { readonly after: readonly [order: string, id: string] | null; readonly limit: number };

/** A moment as precise as its row has it: a page that began at a rounded one would leave rows out or say them twice. */
const orderOf = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "order"`;

/** `order`: what its page is ordered by, for the key of the next one. */
type Ordered<Entry> = Entry & { readonly order: string };

export type SeriesEntry = {
  readonly id: SeriesId;
  readonly patientId: PatientId;
  readonly protocol: string;
  readonly version: number;
  readonly condition: string;
  readonly status: string;
  readonly enqueuedAt: Instant;
};

/** Newest first: their ids are in the order of enqueueing. */
export async function listSeriesPage(
  db: Database,
  { clinicId, status }: { clinicId: ClinicId; status: string | null },
  { after, limit }: PageWish,
): Promise<SeriesEntry[]> {
  const { rows } = await sql<SeriesEntry>`
    select s.id, s.patient_id, a.protocol, a.version, s.condition, s.status, s.enqueued_at
    from series s join protocol_approvals a on a.id = s.approval_id
    where s.clinic_id = ${clinicId} and (${status}::text is null or s.status = ${status}::text) and (${after?.[1] ?? null}::uuid is null or s.id < ${after?.[1] ?? null}::uuid)
    order by s.id desc limit ${limit}`.execute(db);
  return rows;
}

export type SessionEntry = {
  readonly id: SessionId;
  readonly seriesId: SeriesId;
  readonly patientId: PatientId;
  readonly number: number;
  readonly kind: string;
  readonly setting: string;
  readonly owner: string;
  readonly status: string;
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly arrivedAt: Instant | null;
  readonly dosedAt: Instant | null;
  readonly dischargedAt: Instant | null;
  readonly outcomeReason: string | null;
  readonly pickupAt: Instant | null;
  readonly formFiledAt: Instant | null;
};

type Between = { readonly clinicId: ClinicId; readonly from: Instant; readonly to: Instant; readonly status: string | null };

/** In order of time. */
export async function listSessionsPage(
  db: Database,
  { clinicId, from, to, status }: Between,
  { after, limit }: PageWish,
): Promise<SessionEntry[]> {
  const [at, id] = after ?? [null, null];
  const { rows } = await sql<SessionEntry>`
    select ${SESSION} from sessions
    where clinic_id = ${clinicId} and starts_at >= ${toTimestamp(from)}::timestamptz and starts_at < ${toTimestamp(to)}::timestamptz
      and (${status}::text is null or status = ${status}::text) and (${at}::timestamptz is null or (starts_at, id) > (${at}::timestamptz, ${id}::uuid))
    order by starts_at, id limit ${limit}`.execute(db);
  return rows;
}

const SESSION = sql`id, series_id, patient_id, number, kind, setting, owner, status, zone, starts_at, ends_at, arrived_at, dosed_at, discharged_at, outcome_reason,
  pickup_at, form_filed_at`;

export async function findSession(db: Database, id: SessionId): Promise<(SessionEntry & { readonly revision: number }) | undefined> {
  const { rows } = await sql<SessionEntry & { revision: number }>`
    select ${SESSION}, (select p.plan_revision from patients p where p.id = patient_id) as revision from sessions where id = ${id}`.execute(
    db,
  );
  return rows[0];
}

export type PatientEntry = {
  readonly id: PatientId;
  readonly holdCode: string | null;
  readonly watched: boolean;
  readonly zone: Zone;
  readonly locale: string;
  readonly revision: number;
};

/** Those who have, or had, a series at the clinic. */
export async function listPatientsPage(
  db: Database,
  { clinicId, refIndex }: { clinicId: ClinicId; refIndex: Buffer | null },
  { after, limit }: PageWish,
): Promise<PatientEntry[]> {
  const { rows } = await sql<PatientEntry>`
    select p.id, p.hold_code, p.watched, p.zone, p.locale, p.plan_revision as revision from patients p
    where p.group_id = (select group_id from clinics where id = ${clinicId}) and (${refIndex}::bytea is null or p.ref_index = ${refIndex}::bytea)
      and (${after?.[1] ?? null}::uuid is null or p.id > ${after?.[1] ?? null}::uuid)
      and exists (select from series s where s.patient_id = p.id and s.clinic_id = ${clinicId})
    order by p.id limit ${limit}`.execute(db);
  return rows;
}

/** Ids of the tasks that a filter leaves, due first. */
export async function listTaskIds(
  db: Database,
  { clinicId, states, kind }: { clinicId: ClinicId; states: readonly string[]; kind: string | null },
  { after, limit }: PageWish,
): Promise<{ id: TaskId; order: string }[]> {
  const [at, id] = after ?? [null, null];
  const { rows } = await sql<{ id: TaskId; order: string }>`
    select id, ${orderOf("due_by")} from tasks
    where clinic_id = ${clinicId} and state = any(${states}::text[]) and (${kind}::text is null or kind = ${kind}::text)
      and (${at}::timestamptz is null or (due_by, id) > (${at}::timestamptz, ${id}::uuid))
    order by due_by, id limit ${limit}`.execute(db);
  return rows;
}

export type AlertEntry = {
  readonly id: AlertId;
  /** Null: a text from a number that no chart has. */
  readonly patientId: PatientId | null;
  readonly seriesId: SeriesId | null;
  readonly sessionId: SessionId | null;
  readonly kind: string;
  readonly level: string;
  readonly state: string;
  readonly step: number;
  readonly owner: string | null;
  readonly raisedAt: Instant;
  readonly acknowledgedAt: Instant | null;
  readonly acknowledgedBy: string | null;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
  readonly outcome: string | null;
  readonly revision: number;
};

const ALERT = sql`id, patient_id, series_id, session_id, kind, level, state, step, owner, raised_at, acknowledged_at, acknowledged_by, closed_at, closed_by, outcome, revision`;

/** Oldest first: who has waited longest stands on top. */
export async function listAlertsPage(
  db: Database,
  { clinicId, states }: { clinicId: ClinicId; states: readonly string[] },
  { after, limit }: PageWish,
): Promise<Ordered<AlertEntry>[]> {
  const [at, id] = after ?? [null, null];
  const { rows } = await sql<Ordered<AlertEntry>>`
    select ${ALERT}, ${orderOf("raised_at")} from alerts where clinic_id = ${clinicId} and state = any(${states}::text[])
      and (${at}::timestamptz is null or (raised_at, id) > (${at}::timestamptz, ${id}::uuid))
    order by raised_at, id limit ${limit}`.execute(db);
  return rows;
}

export async function findAlertEntry(db: Database, id: AlertId): Promise<AlertEntry | undefined> {
  const { rows } = await sql<AlertEntry>`select ${ALERT} from alerts where id = ${id}`.execute(db);
  return rows[0];
}

export type ReplyEntry = {
  readonly id: InboundId;
  readonly patientId: PatientId | null;
  readonly sessionId: SessionId | null;
  readonly touchpointId: string | null;
  readonly kind: string | null;
  readonly inbox: string | null;
  readonly receivedAt: Instant;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
  readonly bodySealed: Buffer;
};

const REPLY = sql`id, patient_id, session_id, touchpoint_id, kind, inbox, received_at, closed_at, closed_by, body_sealed`;

/** Those that wait for somebody, oldest first. */
export async function listOpenReplies(db: Database, clinicId: ClinicId, { after, limit }: PageWish): Promise<Ordered<ReplyEntry>[]> {
  const [at, id] = after ?? [null, null];
  const { rows } = await sql<Ordered<ReplyEntry>>`
    select ${REPLY}, ${orderOf("received_at")} from inbound_messages where clinic_id = ${clinicId} and inbox = 'open'
      and (${at}::timestamptz is null or (received_at, id) > (${at}::timestamptz, ${id}::uuid))
    order by received_at, id limit ${limit}`.execute(db);
  return rows;
}

export async function findReply(db: Database, id: InboundId): Promise<ReplyEntry | undefined> {
  const { rows } = await sql<ReplyEntry>`select ${REPLY} from inbound_messages where id = ${id}`.execute(db);
  return rows[0];
}

export type InvitationEntry = {
  readonly id: InvitationId;
  readonly clinic: string;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly instrument: string;
  readonly askedAt: Instant;
  readonly closesAt: Instant;
  readonly answeredAt: Instant | null;
  readonly isBegun: boolean;
};

/** Invitations of a clinic to surveys, the newest asking first. `planned`: not asked yet; `missed`: closed without an answer. */
export async function listInvitationsPage(
  db: Database,
  { clinicId, state }: { clinicId: ClinicId; state: InvitationState | null },
  { after, limit }: PageWish,
): Promise<Ordered<InvitationEntry>[]> {
  const [at, id] = after ?? [null, null];
  const now = sql`(select afterglow_now())`;
  const { rows } = await sql<Ordered<InvitationEntry>>`
    select i.id, c.slug as clinic, i.patient_id, i.series_id, i.instrument, i.asked_at, i.closes_at, i.answered_at, i.draft_sealed is not null as is_begun, ${orderOf("i.asked_at")}
    from survey_invitations i join clinics c on c.id = i.clinic_id
    where i.clinic_id = ${clinicId} and (${at}::timestamptz is null or (i.asked_at, i.id) < (${at}::timestamptz, ${id}::uuid))
      and (${state}::text is null or ${state}::text = case
        when i.answered_at is not null then 'answered' when i.asked_at > ${now} then 'planned' when i.closes_at > ${now} then 'open' else 'missed' end)
    order by i.asked_at desc, i.id desc limit ${limit}`.execute(db);
  return rows;
}
