/** Pages to the desk about one task each: which are due, the claim, and when they are tried again. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, TaskId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

export type DueDeskPage = {
  readonly taskId: TaskId;
  readonly clinicId: ClinicId;
  readonly startsAt: Instant;
  /** Clinic time. */
  readonly now: Instant;
};

/** Nobody has taken the task, its page is due, and the visit is still to come. */
const DUE = sql`k.page_at <= (select afterglow_now()) and k.state = 'open' and v.starts_at > (select afterglow_now())`;
const MOST_DUE = 200;

/** The longest due first. */
export async function listDueDeskPages(db: Database): Promise<TaskId[]> {
  const { rows } = await sql<{ id: TaskId }>`
    select k.id from tasks k join sessions v on v.id = k.session_id where ${DUE} order by k.page_at, k.id limit ${MOST_DUE}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Undefined when it is not due (yet, or any more). */
export async function findDueDeskPage(db: Database, id: TaskId): Promise<DueDeskPage | undefined> {
  const { rows } = await sql<DueDeskPage>`
    select k.id as task_id, k.clinic_id, v.starts_at, (select afterglow_now()) as now
    from tasks k join sessions v on v.id = k.session_id where k.id = ${id} and ${DUE}`.execute(db);
  return rows[0];
}

/** How long a page that was claimed and of which nothing is heard belongs to whoever claimed it; clinic time. */
const LEASE_SECONDS = 60;

/** Takes the page; false when somebody else has it, or has taken or closed the task. One guarded statement, so that two processes cannot both. */
export async function claimDeskPage(db: Database, id: TaskId): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update tasks k set page_at = (select afterglow_now()) + make_interval(secs => ${LEASE_SECONDS})
    where k.id = ${id} and k.state = 'open' and k.page_at <= (select afterglow_now())`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Clinic milliseconds from now; null: it was handed over, and is not due again. */
export async function setDeskPage(db: Database, id: TaskId, milliseconds: number | null): Promise<void> {
  await sql`
    update tasks set page_at = (select afterglow_now()) + make_interval(secs => ${milliseconds === null ? null : milliseconds / 1000}::double precision)
    where id = ${id} and page_at is not null`.execute(db);
}
