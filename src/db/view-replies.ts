/** The inbox as staff see it: texts that a person has to read, and the conversation around one. What was written comes back sealed. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, InboundId, PatientId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";

export type ReplyView = {
  readonly id: InboundId;
  readonly clinicId: ClinicId;
  /** Slug. */
  readonly clinic: string;
  readonly clinicZone: string;
  readonly kind: string | null;
  readonly patientId: PatientId | null;
  readonly refSealed: Buffer | null;
  readonly nameSealed: Buffer | null;
  readonly phoneSealed: Buffer | null;
  readonly escortNameSealed: Buffer | null;
  readonly escortPhoneSealed: Buffer | null;
  /** Of the visit it is about. */
  readonly sessionId: SessionId | null;
  readonly session: number | null;
  readonly media: number;
  readonly answer: string | null;
  readonly hasAlert: boolean;
  readonly receivedAt: Instant;
  readonly inbox: "open" | "closed" | null;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
};

/** No list is longer. */
export const MOST_REPLIES = 500;

export type ReplyFilter = {
  readonly clinicId: ClinicId | null;
  readonly inbox: "open" | "closed" | "all";
  readonly patientId: PatientId | null;
};

/** What came in and waits to be read, oldest first; with `all`, whatever came, the newest first. */
export async function listReplies(db: Database, { clinicId, inbox, patientId }: ReplyFilter): Promise<ReplyView[]> {
  const which = inbox === "all" ? sql`true` : sql`m.inbox = ${inbox}`;
  const order = inbox === "open" ? sql`m.received_at, m.id` : sql`m.received_at desc, m.id desc`;
  const { rows } = await sql<ReplyView>`
    ${COLUMNS} where ${which} and (${clinicId}::uuid is null or m.clinic_id = ${clinicId}::uuid) and (${patientId}::uuid is null or m.patient_id = ${patientId}::uuid)
    order by ${order} limit ${MOST_REPLIES}`.execute(db);
  return rows;
}

export async function findReply(db: Database, id: InboundId): Promise<ReplyView | undefined> {
  return (await sql<ReplyView>`${COLUMNS} where m.id = ${id}`.execute(db)).rows[0];
}

const COLUMNS = sql`
  select m.id, m.clinic_id, c.slug as clinic, c.zone as clinic_zone, m.kind, m.patient_id, p.ref_sealed, p.name_sealed, p.phone_sealed,
    e.name_sealed as escort_name_sealed, e.phone_sealed as escort_phone_sealed, m.session_id, v.number as session, m.media, m.answer,
    exists (select from alerts a where a.source_id = m.id) as has_alert, m.received_at, m.inbox, m.closed_at, m.closed_by
  from inbound_messages m
    join clinics c on c.id = m.clinic_id
    left join patients p on p.id = m.patient_id
    left join escorts e on e.patient_id = p.id
    left join sessions v on v.id = m.session_id`;

export type Utterance = {
  readonly from: "them" | "us";
  readonly at: Instant;
  /** Of what came in. */
  readonly inboundId: InboundId | null;
  readonly bodySealed: Buffer | null;
  /** Of what went out; what staff wrote is kept, everything else was written at the moment of sending from its template. */
  readonly touchpointId: TouchpointId | null;
  readonly template: string | null;
  readonly state: string | null;
  readonly actor: string | null;
};

const AROUND_DAYS = 30;

/** What was said between us and that number within a month of the text, in order: what came in, and the texts that went to whoever has the number. */
export async function listConversation(db: Database, id: InboundId): Promise<Utterance[]> {
  const { rows } = await sql<Utterance>`
    with it as (select * from inbound_messages where id = ${id}),
    theirs as (
      select 'them' as "from", m.received_at as at, m.stored_at as machine_at, m.id as inbound_id, m.body_sealed, null::uuid as touchpoint_id,
        null as template, null as state, null as actor
      from it join inbound_messages m on m.group_id = it.group_id and m.from_index = it.from_index
      where m.received_at between it.received_at - make_interval(days => ${AROUND_DAYS}) and it.received_at + make_interval(days => ${AROUND_DAYS})),
    ours as (
      select 'us' as "from", t.first_try_at as at, t.claimed_at as machine_at, null::uuid as inbound_id, w.body_sealed, t.id as touchpoint_id,
        t.template, t.state, w.actor
      from it
        join contact_points k on k.group_id = it.group_id and k.channel = 'sms' and k.address_index = it.from_index
        join series s on s.patient_id = k.patient_id
        join touchpoints t on t.series_id = s.id and t.channel = 'sms' and t.recipient = k.person and t.attempts > 0 and t.state in ('sending', 'unknown', 'sent')
        left join staff_messages w on w.touchpoint_id = t.id
      where t.first_try_at between it.received_at - make_interval(days => ${AROUND_DAYS}) and it.received_at + make_interval(days => ${AROUND_DAYS}))
    select "from", at, inbound_id, body_sealed, touchpoint_id, template, state, actor
    from (select * from theirs union all select * from ours) said order by machine_at, at`.execute(db);
  return rows;
}

/** Takes it out of the inbox; false when it was not in it. */
export async function closeInbox(tx: Tx, id: InboundId, by: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update inbound_messages set inbox = 'closed', closed_at = (select afterglow_now()), closed_by = ${by} where id = ${id} and inbox = 'open'`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0) > 0;
}

/** Whether anything else of that patient still waits to be read. */
export async function hasOpenReplies(tx: Tx, patientId: PatientId): Promise<boolean> {
  const { rows } = await sql`select from inbound_messages where patient_id = ${patientId} and inbox = 'open' limit 1`.execute(tx);
  return rows.length > 0;
}

/** Ends the task to read what a patient wrote, once all of it was read. Returns how many. */
export async function closeReadTasks(tx: Tx, patientId: PatientId, by: string): Promise<number> {
  const { numAffectedRows } = await sql`
    update tasks set state = 'done', outcome = 'other', closed_by = ${by}, closed_at = (select afterglow_now()), revision = revision + 1
    where patient_id = ${patientId} and template in ('read-reply', 'review-replies') and importance <> 'critical' and state in ('open', 'taken')`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0);
}
