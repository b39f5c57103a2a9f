/** How everything stands, in numbers; reads only. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { TouchpointState } from "../domain/touchpoint.ts";
import type { Database } from "./database.ts";

/** Touchpoints in each state that occurs. */
export async function countTouchpoints(db: Database): Promise<Partial<Record<TouchpointState, number>>> {
  const { rows } = await sql<{
    state: TouchpointState;
    number: number;
  }>`select state, count(*) as number from touchpoints group by state`.execute(db);
  return Object.fromEntries(rows.map(({ state, number }) => [state, number]));
}

export type Backlog = {
  /** Clinic time. */
  readonly now: Instant;
  /** Rows that may go out at this moment and have not been claimed. */
  readonly due: number;
  /** For how long the oldest of them could have gone, in seconds of clinic time. */
  readonly oldestDueSeconds: number | null;
  readonly unplannedPatients: number;
  readonly openTasks: number;
  readonly overdueTasks: number;
};

/** A row that is due but outside its legal hours, or blocked, is not late: it waits. */
export async function readBacklog(db: Database): Promise<Backlog> {
  const { rows } = await sql<Backlog>`
    with clock as materialized (select afterglow_now() as now),
    due as materialized (
      select greatest(c.try_at, (select max(lower(span)) from unnest(c.legal_at) as spans (span) where lower(span) <= clock.now)) as since
      from claimable_touchpoints c, clock where c.try_at <= (select afterglow_now()) and c.legal_at @> clock.now)
    select clock.now,
      (select count(*) from due) as due,
      (select extract(epoch from clock.now - min(since))::double precision from due) as oldest_due_seconds,
      (select count(*) from patients where plan_revision <> planned_revision) as unplanned_patients,
      (select count(*) from tasks where state = 'open') as open_tasks,
      (select count(*) from tasks where state = 'open' and due_by < clock.now) as overdue_tasks
    from clock`.execute(db);
  const [backlog] = rows;
  if (!backlog) throw new Error("The database has no clinic clock; run `afterglow db migrate`");
  return backlog;
}

export type Lateness = { readonly sends: number; readonly p50Ms: number | null; readonly p99Ms: number | null };

/** How late the first calls of the last 24 hours of machine time came, in machine time. */
export async function measureLateness(db: Database): Promise<Lateness> {
  const { rows } = await sql<Lateness>`
    select count(*) as sends,
      percentile_disc(0.5) within group (order by lateness_ms) as p50_ms,
      percentile_disc(0.99) within group (order by lateness_ms) as p99_ms
    from deliveries where attempt = 1 and lateness_ms is not null and claimed_at > clock_timestamp() - interval '1 day'`.execute(db);
  return rows[0] ?? { sends: 0, p50Ms: null, p99Ms: null };
}
