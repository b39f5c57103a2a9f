/** What follows once tasks were opened set-based: when they are due, which TypeScript knows, and which older ones they take the place of. */
import { type RawBuilder, sql } from "kysely";
import { HOUR, type Instant } from "../domain/calendar.ts";
import type { ClinicId, TaskId } from "../domain/ids.ts";
import { staffedDeadline } from "../domain/staffed-deadline.ts";
import { REPLACED } from "../domain/task.ts";
import { toTimestamp, type Tx } from "./database.ts";
import { INSTANT, unnest } from "./rows.ts";
import { loadStaffedClinics } from "./staffed-clinics.ts";

/** The script of the call about a session of which nobody recorded what happened. */
export const NO_OUTCOME_CALL = "no-outcome-call";

/** How many rows a statement ended as `over`, and which tasks it opened for them as `calls`. */
export type EndedRows = { readonly ended: number; readonly opened: readonly TaskId[] };
export const ENDED: RawBuilder<unknown> = sql`select (select count(*) from over) as ended, array(select id from calls) as opened`;

/** A working day to find out what became of a session. */
const FIND_OUT_WITHIN_MS = 8 * HOUR;
/** To call about what could not be said in time. */
const CALL_WITHIN_MS = 2 * HOUR;

type OpenedRow = { id: TaskId; clinicId: ClinicId; template: string; expiresAt: Instant; taskDueBy: Instant | null };

/**
 * Makes tasks that came of touchpoints at `now` due in the clinic's staffed hours, and before they are of no more use where that is still to come and somebody is
 * there. What its own plan made due later stays so.
 */
export async function setDueTimes(tx: Tx, opened: readonly TaskId[], now: Instant): Promise<void> {
  if (opened.length === 0) return;
  const { rows } = await sql<OpenedRow>`
    select k.id, k.clinic_id, k.template, t.expires_at, t.task_due_by from tasks k join touchpoints t on t.id = k.touchpoint_id
    where k.id = any(${opened}::uuid[])`.execute(tx);
  const clinics = await loadStaffedClinics(
    tx,
    rows.map(({ clinicId }) => clinicId),
  );
  const dueBy = (row: OpenedRow): Instant => {
    const clinic = clinics.get(row.clinicId);
    if (!clinic) throw new Error(`Clinic ${row.clinicId} is not stored`);
    if (row.template === NO_OUTCOME_CALL) return staffedDeadline(clinic, { openedAt: now, within: FIND_OUT_WITHIN_MS, usefulUntil: null });
    if (row.taskDueBy !== null && row.taskDueBy > now) return row.taskDueBy;
    return staffedDeadline(clinic, { openedAt: now, within: CALL_WITHIN_MS, usefulUntil: row.expiresAt > now ? row.expiresAt : null });
  };
  const due = unnest(rows, { id: ["uuid", ({ id }) => id], due_by: [INSTANT, dueBy] });
  await sql`
    update tasks k set due_by = to_timestamp(v.due_by::double precision / 1000) from ${due} as v (id, due_by) where k.id = v.id`.execute(
    tx,
  );
}

/** A form is asked for by one task: a newer one takes the place of those still open about the same session, and whoever had taken one has it. */
export async function replaceOlderForms(tx: Tx, opened: readonly TaskId[], now: Instant): Promise<void> {
  if (opened.length === 0) return;
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  await sql`
    with newer as (select id, session_id from tasks where id = any(${opened}::uuid[]) and kind = 'file-form'),
    older as (
      update tasks k set state = 'cancelled', outcome = ${REPLACED}, closed_by = 'afterglow', closed_at = ${moment}, revision = k.revision + 1
      from newer n where k.session_id = n.session_id and k.kind = 'file-form' and k.state in ('open', 'taken') and k.id <> all(${opened}::uuid[])
      returning k.id, k.clinic_id, k.session_id, k.kind, k.outcome, k.assignee),
    told as (
      insert into events (clinic_at, clinic_id, actor, kind, subject_id, data)
      select ${moment}, clinic_id, 'afterglow', 'task.cancelled', id, jsonb_build_object('kind', kind, 'because', outcome) from older)
    update tasks k set state = 'taken', assignee = o.assignee
    from newer n join older o on o.session_id = n.session_id
    where k.id = n.id and o.assignee is not null`.execute(tx);
}
