/** The call list as the console shows it, page by page by key; reads only. */
import { sql } from "kysely";
import type { ClinicId, TaskId } from "../domain/ids.ts";
import type { Database } from "./database.ts";
import { findTasks, type TaskView } from "./tasks.ts";
import type { PageWish } from "./view-lists.ts";

export type TaskShow = {
  readonly clinicId: ClinicId;
  /** `open`: due first; `closed`: the last one closed first. */
  readonly show: "open" | "closed";
  readonly kind: string | null;
  readonly assignee: string | null;
};

export type ListedTask = TaskView & { readonly order: string };

export async function listTaskPage(
  db: Database,
  { clinicId, show, kind, assignee }: TaskShow,
  { after, limit }: PageWish,
): Promise<ListedTask[]> {
  const [at, id] = after ?? [null, null];
  const column = show === "open" ? sql`due_by` : sql`closed_at`;
  const isBeyond =
    show === "open" ? sql`(due_by, id) > (${at}::timestamptz, ${id}::uuid)` : sql`(closed_at, id) < (${at}::timestamptz, ${id}::uuid)`;
  const order = show === "open" ? sql`due_by, id` : sql`closed_at desc, id desc`;
  const { rows } = await sql<{ id: TaskId; order: string }>`
    select id, ${column}::text as "order" from tasks
    where clinic_id = ${clinicId} and ${show === "open" ? sql`state in ('open', 'taken')` : sql`state in ('done', 'dropped', 'cancelled')`}
      and (${kind}::text is null or kind = ${kind}::text) and (${assignee}::text is null or assignee = ${assignee}::text)
      and (${at}::timestamptz is null or ${isBeyond})
    order by ${order} limit ${limit}`.execute(db);
  const tasks = new Map(
    (
      await findTasks(
        db,
        rows.map((row) => row.id),
      )
    ).map((task) => [task.id, task]),
  );
  return rows.flatMap((row) => {
    const task = tasks.get(row.id);
    return task ? [{ ...task, order: row.order }] : [];
  });
}

export type TaskCount = { readonly kind: string; readonly open: number; readonly overdue: number };

/** What waits of each kind. */
export async function countTasks(db: Database, clinicId: ClinicId): Promise<TaskCount[]> {
  const { rows } = await sql<TaskCount>`
    select kind, count(*)::integer as open, (count(*) filter (where due_by < (select afterglow_now())))::integer as overdue
    from tasks where clinic_id = ${clinicId} and state in ('open', 'taken') group by kind order by kind`.execute(db);
  return rows;
}
