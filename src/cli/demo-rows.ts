/** The demo's questions to its database: what ended, what was recorded, which tasks were opened. */
import { sql } from "kysely";
import { type Database, toTimestamp } from "../db/database.ts";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId, TouchpointId } from "../domain/ids.ts";

export type FactRow = {
  readonly id: number;
  readonly kind: string;
  /** Null for a fact about the whole clinic. */
  readonly patientId: PatientId | null;
  readonly number: number | null;
  readonly sessionKind: string | null;
  readonly outcomeReason: string | null;
  readonly because: "patient" | "clinic" | null;
  /** What was said about a visit. */
  readonly answer: string | null;
  /** Where a session stands now. */
  readonly startsAt: Instant | null;
  /** Of an enqueueing, an extension or a closure. */
  readonly sessions: number | null;
  readonly protocol: string | null;
  /** Why the clinic is closed. */
  readonly closedFor: string | null;
  /** Messages and tasks about the session that will not come any more, because of what happened since `lookedAt`. */
  readonly takenBack: number;
};

/** Machine time of this look, as text because it has microseconds. */
export async function readLook(db: Database): Promise<string> {
  const { rows } = await sql<{ at: string }>`select clock_timestamp()::text as at`.execute(db);
  return rows[0]?.at ?? "-infinity";
}

/** Facts with a higher id than `after`: of sessions and series, who is watched, when the clinic closes. */
export async function findFacts(db: Database, { after, lookedAt }: { after: number; lookedAt: string }): Promise<FactRow[]> {
  const { rows } = await sql<FactRow>`
    select e.id, e.kind, coalesce(s.patient_id, p.id) as patient_id, v.number, v.kind as session_kind, v.outcome_reason, e.data->>'because' as because, e.data->>'answer' as answer, v.starts_at,
      (e.data->>'sessions')::integer as sessions, a.protocol, k.reason as closed_for,
      (select count(*) from touchpoints t where t.session_id = v.id and t.state in ('superseded', 'cancelled') and t.ended_at > ${lookedAt}::timestamptz) as taken_back
    from events e left join sessions v on v.id = e.subject_id left join series s on s.id = coalesce(v.series_id, e.subject_id)
      left join protocol_approvals a on a.id = s.approval_id left join patients p on p.id = e.subject_id left join clinic_closures k on k.id = e.subject_id
    where e.id > ${after} and (e.kind like 'session.%' or e.kind like 'series.%' or e.kind in ('patient.watched', 'clinic.closed', 'address.opted-out')) order by e.id`.execute(
    db,
  );
  return rows;
}

export type EndedRow = {
  readonly id: TouchpointId;
  readonly endedAtText: string;
  readonly patientId: PatientId;
  readonly zone: string;
  readonly state: "sent" | "failed" | "expired" | "suppressed";
  readonly reason: string | null;
  readonly channel: "email" | "sms" | "task";
  readonly recipient: "patient" | "escort" | "staff";
  readonly template: string;
  readonly providerMessageId: string | null;
};

/** What the plan left out from the start is no event; it is counted at the end. The moment travels as text, because it has microseconds. */
export async function findEnded(db: Database, after: string): Promise<EndedRow[]> {
  const { rows } = await sql<EndedRow>`
    select t.id, t.ended_at::text as ended_at_text, t.patient_id, t.zone, t.state, t.reason, t.channel, t.recipient, t.template, d.provider_message_id
    from touchpoints t left join deliveries d on d.touchpoint_id = t.id and d.attempt = t.attempts
    where t.ended_at > ${after}::timestamptz and (t.state in ('sent', 'failed', 'expired') or (t.state = 'suppressed' and t.reason = 'no-outcome'))
    order by t.ended_at`.execute(db);
  return rows;
}

export type TaskRow = {
  readonly id: string;
  readonly patientId: PatientId;
  readonly kind: string;
  readonly template: string;
  /** Whom a call is to; staff's own work is about the patient. */
  readonly recipient: "patient" | "escort" | "staff";
};

export async function findTasks(db: Database, at: Instant): Promise<TaskRow[]> {
  const { rows } = await sql<TaskRow>`
    select k.id, k.patient_id, k.kind, k.template, coalesce(t.recipient, 'staff') as recipient
    from tasks k left join touchpoints t on t.id = k.touchpoint_id where k.opened_at = ${toTimestamp(at)}::timestamptz order by k.due_by, k.id`.execute(
    db,
  );
  return rows;
}
