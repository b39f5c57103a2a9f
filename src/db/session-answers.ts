/** What patients said about a visit, append-only, and the work for the desk that comes of it. Written under the patient's lock. */
import { sql } from "kysely";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { AnswerId, ClinicId, InboundId, PatientId, SeriesId, SessionId, TaskId } from "../domain/ids.ts";
import type { SessionAnswerKind } from "../domain/patient-facts.ts";
import type { TaskKind } from "../domain/protocol.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import type { Place } from "./vault.ts";
import { insertRows } from "./rows.ts";

/** Where words that came with an answer are sealed. */
export function placeOfAnswer(id: AnswerId): Place {
  return { table: "session_answers", column: "detail_sealed", row: id };
}

export type StoredAnswer = { readonly id: AnswerId; readonly kind: SessionAnswerKind; readonly detailSealed: Buffer | null };

/** Everything that was said about a session since it was last moved, in the order in which it was said. */
export async function loadAnswers(db: Database, sessionId: SessionId): Promise<StoredAnswer[]> {
  const { rows } = await sql<StoredAnswer>`
    select a.id, a.kind, a.detail_sealed from session_answers a join sessions v on v.id = a.session_id and v.arming = a.arming
    where a.session_id = ${sessionId} order by a.at, a.id`.execute(db);
  return rows;
}

export type AnsweredSession = {
  readonly id: SessionId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly arming: number;
};

export type NewAnswer = { readonly id: AnswerId; readonly kind: SessionAnswerKind; readonly detailSealed: Buffer | null };

/** Adds answers about one session; nothing that was said before is changed. */
export async function insertAnswers(
  tx: Tx,
  { id: sessionId, clinicId, patientId, arming }: AnsweredSession,
  { answers, via, actor, at }: { answers: readonly NewAnswer[]; via: "sms" | "page" | "staff"; actor: string; at: Instant },
): Promise<void> {
  await insertRows(tx, "session_answers", {
    rows: answers,
    columns: {
      id: ["uuid", ({ id }) => id],
      clinic_id: ["uuid", () => clinicId],
      patient_id: ["uuid", () => patientId],
      session_id: ["uuid", () => sessionId],
      arming: ["smallint", () => arming],
      kind: ["text", ({ kind }) => kind],
      via: ["text", () => via],
      actor: ["text", () => actor],
      detail_sealed: ["bytea", ({ detailSealed }) => detailSealed],
      at: ["timestamptz", () => formatInstant(at)],
    },
  });
}

export type AnswerTask = {
  readonly id: TaskId;
  readonly kind: TaskKind;
  readonly template: string;
  readonly importance: "high" | "critical";
  readonly dueBy: Instant;
  readonly inboundId: InboundId | null;
  /** When the desk is paged if nobody has taken it by then; null: never. */
  readonly pageAt: Instant | null;
};

/** Puts work about an answer on the list, again where it was done before; undefined where the same work about the same session is still on it. */
export async function openAnswerTask(
  tx: Tx,
  { id: sessionId, clinicId, patientId, seriesId }: AnsweredSession,
  { task, now }: { task: AnswerTask; now: Instant },
): Promise<TaskId | undefined> {
  const { id, kind, template, importance, dueBy, inboundId, pageAt } = task;
  const { rows } = await sql<{ id: TaskId }>`
    insert into tasks (id, clinic_id, patient_id, series_id, session_id, kind, template, locale, importance, opened_at, due_by, inbound_id, page_at)
    select ${id}::uuid, c.id, ${patientId}::uuid, ${seriesId}::uuid, ${sessionId}::uuid, ${kind}, ${template}, c.locale, ${importance},
      ${toTimestamp(now)}::timestamptz, ${toTimestamp(dueBy)}::timestamptz, ${inboundId}::uuid,
      ${pageAt === null ? null : toTimestamp(pageAt)}::timestamptz
    from clinics c
    where c.id = ${clinicId} and not exists (
      select from tasks k where k.session_id = ${sessionId} and k.kind = ${kind} and k.template = ${template} and k.state in ('open', 'taken'))
    on conflict (session_id, template, touchpoint_id) where session_id is not null or touchpoint_id is not null do update set
      state = 'open', importance = excluded.importance, opened_at = excluded.opened_at, due_by = excluded.due_by, inbound_id = excluded.inbound_id,
      page_at = excluded.page_at,
      closed_at = null, closed_by = null, outcome = null, assignee = null, revision = tasks.revision + 1
    returning id`.execute(tx);
  return rows[0]?.id;
}

/** Scripts of the work about a session's answers that is done: whoever says the same again means it anew. */
export async function listDoneWork(tx: Tx, sessionId: SessionId): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ template: string }>`
    select template from tasks where session_id = ${sessionId} and touchpoint_id is null and state in ('done', 'cancelled')`.execute(tx);
  return new Set(rows.map(({ template }) => template));
}
