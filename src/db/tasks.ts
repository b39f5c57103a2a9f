/** Tasks: read for the front desk, changed under their own lock, and closed by the facts that settle them. What identifies a person comes back sealed. */
import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId, SessionId, TaskId, TouchpointId } from "../domain/ids.ts";
import type { Settlement, TaskOutcome, TaskState } from "../domain/task.ts";
import type { TouchpointState } from "../domain/touchpoint.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { SETTLEMENT } from "./task-settlements.ts";
import { NAMED_FOR_VISIT } from "./visit-escorts.ts";

export type TaskView = {
  readonly id: TaskId;
  readonly clinicId: ClinicId;
  /** Slug. */
  readonly clinic: string;
  readonly clinicZone: string;
  readonly clinicLocale: string;
  readonly patientId: PatientId;
  readonly patientZone: string;
  readonly patientLocale: string;
  readonly refSealed: Buffer;
  readonly nameSealed: Buffer;
  readonly phoneSealed: Buffer | null;
  readonly holdCode: string | null;
  readonly watched: boolean;
  readonly escortNameSealed: Buffer | null;
  readonly escortPhoneSealed: Buffer | null;
  /** Of whoever the patient named for the task's visit; sealed under the session. */
  readonly visitEscortNameSealed: Buffer | null;
  readonly visitEscortPhoneSealed: Buffer | null;
  readonly seriesId: SeriesId | null;
  readonly sessionId: SessionId | null;
  /** The session's number in the series, from 1. */
  readonly session: number | null;
  readonly sessionStatus: string | null;
  readonly sessionStartsAt: Instant | null;
  readonly sessionZone: string | null;
  readonly touchpointId: TouchpointId | null;
  readonly rule: string | null;
  readonly recipient: "patient" | "escort" | "staff" | null;
  readonly touchpointState: TouchpointState | null;
  readonly touchpointReason: string | null;
  /** What the series is planned from. */
  readonly approvalId: ApprovalId | null;
  readonly kind: string;
  readonly template: string;
  readonly state: TaskState;
  readonly importance: string;
  readonly openedAt: Instant;
  /** Counted in staffed hours when the task was opened. */
  readonly dueBy: Instant;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
  readonly assignee: string | null;
  readonly outcome: TaskOutcome | Settlement | null;
  readonly noteSealed: Buffer | null;
  readonly revision: number;
  /** Clinic time. */
  readonly now: Instant;
};

export type TaskFilter = {
  readonly clinicId: ClinicId | null;
  readonly states: readonly TaskState[];
  readonly kind: string | null;
  readonly assignee: string | null;
};

/** No list is longer: whoever has more open tasks needs a filter, not a page. */
export const MOST_TASKS = 1_000;

/** The tasks that a filter leaves, due first. */
export async function listTasks(db: Database, { clinicId, states, kind, assignee }: TaskFilter): Promise<TaskView[]> {
  return selectTasks(
    db,
    sql`k.state = any(${states}::text[]) and (${clinicId}::uuid is null or k.clinic_id = ${clinicId}::uuid)
      and (${kind}::text is null or k.kind = ${kind}::text) and (${assignee}::text is null or k.assignee = ${assignee}::text)`,
  );
}

/** Finds a task by its id. */
export async function findTask(db: Database, id: TaskId): Promise<TaskView | undefined> {
  return (await selectTasks(db, sql`k.id = ${id}::uuid`))[0];
}

/** These tasks, due first. */
export async function findTasks(db: Database, ids: readonly TaskId[]): Promise<TaskView[]> {
  return ids.length === 0 ? [] : selectTasks(db, sql`k.id = any(${[...ids]}::uuid[])`);
}

/** What was put on the list because of a touchpoint. */
export async function listTasksOfTouchpoint(db: Database, patientId: PatientId, touchpointId: TouchpointId): Promise<TaskView[]> {
  return selectTasks(db, sql`k.patient_id = ${patientId}::uuid and k.touchpoint_id = ${touchpointId}::uuid`);
}

async function selectTasks(db: Database, which: RawBuilder<unknown>): Promise<TaskView[]> {
  const { rows } = await sql<TaskView>`
    select k.id, k.clinic_id, c.slug as clinic, c.zone as clinic_zone, c.locale as clinic_locale,
      k.patient_id, p.zone as patient_zone, p.locale as patient_locale, p.ref_sealed, p.name_sealed, p.phone_sealed, p.hold_code, p.watched,
      e.name_sealed as escort_name_sealed, e.phone_sealed as escort_phone_sealed,
      x.name_sealed as visit_escort_name_sealed, x.phone_sealed as visit_escort_phone_sealed,
      k.series_id, k.session_id, v.number as session, v.status as session_status, v.starts_at as session_starts_at, v.zone as session_zone,
      k.touchpoint_id, t.rule, t.recipient, t.state as touchpoint_state, t.reason as touchpoint_reason, s.approval_id,
      k.kind, k.template, k.state, k.importance, k.opened_at, k.due_by, k.closed_at, k.closed_by, k.assignee, k.outcome, k.note_sealed, k.revision,
      (select afterglow_now()) as now
    from tasks k
      join clinics c on c.id = k.clinic_id
      join patients p on p.id = k.patient_id
      left join escorts e on e.patient_id = k.patient_id
      left join series s on s.id = k.series_id
      left join sessions v on v.id = k.session_id
      ${NAMED_FOR_VISIT}
      left join touchpoints t on t.id = k.touchpoint_id
    where ${which} order by k.due_by, k.id limit ${MOST_TASKS}`.execute(db);
  return rows;
}

export type LockedTask = {
  readonly id: TaskId;
  readonly clinicId: ClinicId;
  readonly state: TaskState;
  readonly assignee: string | null;
  readonly outcome: string | null;
  readonly noteSealed: Buffer | null;
  readonly closedBy: string | null;
  readonly revision: number;
};

/** Locks one task until the transaction ends; undefined when there is none. */
export async function lockTask(tx: Tx, id: TaskId): Promise<LockedTask | undefined> {
  const { rows } = await sql<LockedTask>`
    select id, clinic_id, state, assignee, outcome, note_sealed, closed_by, revision from tasks where id = ${id} for update`.execute(tx);
  return rows[0];
}

export type TaskChange =
  | { readonly state: "taken"; readonly assignee: string }
  | {
      readonly state: "done" | "dropped";
      readonly outcome: TaskOutcome | null;
      readonly noteSealed: Buffer | null;
      readonly closedBy: string;
      readonly closedAt: Instant;
    };

/** Writes what became of a locked task and raises its revision. */
export async function writeTask(tx: Tx, id: TaskId, change: TaskChange): Promise<void> {
  const { state } = change;
  const columns =
    state === "taken"
      ? { state, assignee: change.assignee }
      : {
          state,
          outcome: change.outcome,
          noteSealed: change.noteSealed,
          closedBy: change.closedBy,
          closedAt: toTimestamp(change.closedAt),
        };
  await tx
    .updateTable("tasks")
    .set({ ...columns, revision: sql<number>`revision + 1` })
    .where("id", "=", id)
    .execute();
}

/**
 * Closes the tasks of these patients that a fact has settled, as `cancelled` and with the fact as outcome, each with its event: nobody should call about a
 * visit that is cancelled, or look for a driver who has been named. Under the patients' lock, in the transaction of the fact; a repeat closes nothing. A task
 * about the change itself (the call about a cancellation, say) stays, because its rule is measured from that change. Returns how many were closed.
 */
export async function closeSettledTasks(tx: Tx, patientIds: readonly PatientId[]): Promise<number> {
  const { rows } = await sql<{ closed: number }>`
    with settled as (
      select k.id, ${SETTLEMENT} as because
      from tasks k
        join patients p on p.id = k.patient_id
        left join series s on s.id = k.series_id
        left join sessions v on v.id = k.session_id
        left join touchpoints t on t.id = k.touchpoint_id
        left join protocol_approvals a on a.id = s.approval_id
        left join lateral (
          select r ->> 'anchor' as anchor, coalesce(r -> 'when' ? 'escort-missing', false) as asks_for_escort
          from jsonb_array_elements(a.content -> 'rules') r where r ->> 'id' = t.rule limit 1) r on true
      where k.patient_id = any(${patientIds}::uuid[]) and k.state in ('open', 'taken')),
    closed as (
      update tasks k set state = 'cancelled', outcome = s.because, closed_by = 'afterglow', closed_at = (select afterglow_now()), revision = k.revision + 1
      from settled s where k.id = s.id and s.because is not null and k.state in ('open', 'taken')
      returning k.id, k.clinic_id, k.kind, k.outcome),
    told as (
      insert into events (clinic_at, clinic_id, actor, kind, subject_id, data)
      select (select afterglow_now()), clinic_id, 'afterglow', 'task.cancelled', id, jsonb_build_object('kind', kind, 'because', outcome) from closed)
    select count(*) as closed from closed`.execute(tx);
  return rows[0]?.closed ?? 0;
}
