/** The demo's questions to its database: what ended, what was recorded, which tasks were opened. */
import { sql } from "kysely";
import { type Database, toTimestamp } from "../db/database.ts";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId, TouchpointId } from "../domain/ids.ts";

export type FactRow = {
  readonly id: number;
  readonly kind: string;
  readonly patientId: PatientId;
  readonly number: number | null;
  readonly outcomeReason: string | null;
  readonly sessions: number | null;
  readonly protocol: string;
};

export async function findFacts(db: Database, after: number): Promise<FactRow[]> {
  const { rows } = await sql<FactRow>`
    select e.id, e.kind, s.patient_id, v.number, v.outcome_reason, (e.data->>'sessions')::integer as sessions, a.protocol
    from events e left join sessions v on v.id = e.subject_id join series s on s.id = coalesce(v.series_id, e.subject_id)
      join protocol_approvals a on a.id = s.approval_id
    where e.id > ${after} order by e.id`.execute(db);
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

export type TaskRow = { readonly id: string; readonly patientId: PatientId; readonly kind: string; readonly template: string };

export async function findTasks(db: Database, at: Instant): Promise<TaskRow[]> {
  const { rows } = await sql<TaskRow>`
    select id, patient_id, kind, template from tasks where opened_at = ${toTimestamp(at)}::timestamptz order by due_by, id`.execute(db);
  return rows;
}
