/** Reads clinic time, and moves it where that is allowed: the database refuses any mode but `real` in production. */
import { sql } from "kysely";
import type { ClinicTime } from "../clock.ts";
import type { Instant } from "../domain/calendar.ts";
import { type Database, toTimestamp } from "./database.ts";

export async function readClinicTime(db: Database): Promise<ClinicTime> {
  const { rows } = await sql<ClinicTime>`select afterglow_now() as now, mode, scale from clinic_clock`.execute(db);
  const [time] = rows;
  if (!time) throw new Error("The database has no clinic clock; run `afterglow db migrate`");
  return time;
}

/** The environment that a migrated database was made for. */
export async function findEnvironment(db: Database): Promise<string> {
  const row = await db.selectFrom("clinicClock").select("environment").executeTakeFirst();
  if (!row) throw new Error("The database has no clinic clock; run `afterglow db migrate`");
  return row.environment;
}

/** Stops the clock at `at`; from now on it only moves by {@link stepClock}. */
export async function setSteppedClock(db: Database, at: Instant): Promise<void> {
  await sql`update clinic_clock set mode = 'stepped', clinic_at = ${toTimestamp(at)}, machine_at = clock_timestamp()`.execute(db);
}

/** Moves a stepped clock forward to `to`, never back, and wakes every sweeper. Whoever is to be paged in so many minutes has waited for as long as the clock has moved. */
export async function stepClock(db: Database, to: Instant): Promise<void> {
  await sql`
    update alerts a set page_at = a.page_at - (${toTimestamp(to)}::timestamptz - c.clinic_at) from clinic_clock c
    where a.page_at is not null and c.mode = 'stepped' and c.clinic_at < ${toTimestamp(to)}::timestamptz`.execute(db);
  await sql`update clinic_clock set clinic_at = greatest(clinic_at, ${toTimestamp(to)}), machine_at = clock_timestamp() where mode = 'stepped'`.execute(
    db,
  );
  await sql`select pg_notify('afterglow_clock', '')`.execute(db);
}

/** Nobody but staff ends such a row. As a parameter it makes the statement a prepared one, which is asked again every few milliseconds. */
const UNKNOWN = "unknown";

/**
 * What a stepped clock waits for: how many rows still want something at this very moment, and the next moment at which one will. A row that is due and blocked
 * (no consent, a hold) wants nothing until its last moment.
 */
export async function findNextStep(db: Database): Promise<{ busy: number; nextAt: Instant | null }> {
  const { rows } = await sql<{ busy: number; nextAt: Instant | null }>`
    with clock as materialized (select afterglow_now() as now),
    due as materialized (
      select t.*, exists (select from claimable_touchpoints c where c.id = t.id) as claimable from touchpoints t, clock
      where t.state = 'planned' and t.awaits is null and t.try_at <= clock.now)
    select
      (select count(*) from touchpoints where state = 'sending')
        + (select count(*) from due, clock where due.claimable or due.send_by <= clock.now)
        + (select count(*) from touchpoints, clock where state = 'planned' and awaits is not null and send_by <= clock.now)
        + (select count(*) from touchpoints, clock where state = 'held' and reason is distinct from ${UNKNOWN} and send_by <= clock.now)
        + (select count(*) from inbound_messages where handled_at is null)
        + (select count(*) from patients where plan_revision <> planned_revision) as busy,
      least(
        (select min(try_at) from touchpoints, clock where state = 'planned' and awaits is null and try_at > clock.now),
        (select min(send_by) from due where not claimable),
        (select min(send_by) from touchpoints where state = 'planned' and awaits is not null),
        (select min(send_by) from touchpoints where state = 'held' and reason is distinct from ${UNKNOWN})) as next_at`.execute(db);
  return rows[0] ?? { busy: 0, nextAt: null };
}
