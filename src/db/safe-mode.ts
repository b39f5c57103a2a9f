/**
 * Safe mode: after a restore the rows may speak of a time that is over, and of messages whose sending they have forgotten. So the database remembers on which
 * server, timeline and database it lives; where that has changed, nothing is sent until somebody has looked. The view `claimable_touchpoints` holds to it.
 */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { ENDED, type EndedRows } from "./opened-tasks.ts";
import { callsAbout, finishEnded } from "./sweep-ends.ts";

/**
 * Where this database lives at this moment: system identifier, timeline and the database's own id. The timeline comes from the log that is being written: what
 * the control file says of it is as old as the last checkpoint, and a server that was just promoted has none yet.
 */
const HOME = sql`
  select (pg_control_system()).system_identifier::text as server, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int::text as timeline,
    (select oid::text from pg_database where datname = current_database()) as base`;

export type Guarded =
  /** Everything is where it was. */
  | { readonly kind: "home" }
  /** Remembered for the first time, or outside production, where a database is often the copy of another. */
  | { readonly kind: "adopted" }
  | { readonly kind: "safe-mode"; readonly since: Instant; readonly reason: string };

/**
 * Compares where the database lives with where it lived, in one statement: of several processes that start at once, all find the same. In production a
 * difference begins safe mode, which ends only by hand. Not noticed: a server put back as a whole, with its log, as if its power had failed.
 */
export async function guardHome(db: Database): Promise<Guarded> {
  const { rows } = await sql<{ before: string | null; safeModeSince: Instant | null; safeModeReason: string | null; isHome: boolean }>`
    with h as (${HOME}), here as (select server || '/' || timeline || '/' || base as home, server, timeline, base from h),
    known as (
      select home, string_to_array(home, '/') as parts, environment = 'production' and home is not null as is_guarded from clinic_clock for update)
    update clinic_clock k set
      home = case when known.is_guarded then k.home else here.home end,
      safe_mode_since = case when known.is_guarded and known.home <> here.home then coalesce(k.safe_mode_since, afterglow_now()) else k.safe_mode_since end,
      safe_mode_reason = case when known.is_guarded and known.home <> here.home then coalesce(k.safe_mode_reason, concat_ws('; ',
        case when known.parts[1] <> here.server then 'the database runs on another server than before' end,
        case when known.parts[2] <> here.timeline
          then format('its server was restored or promoted (timeline %s, before %s)', here.timeline, known.parts[2]) end,
        case when known.parts[3] <> here.base then 'it was copied into another database' end)) else k.safe_mode_reason end
    from here, known
    returning known.home as before, k.safe_mode_since, k.safe_mode_reason, known.home is not distinct from here.home as is_home`.execute(
    db,
  );
  const [row] = rows;
  if (!row) throw new Error("The database has no clinic clock; run `afterglow db migrate`");
  if (row.safeModeSince !== null) return { kind: "safe-mode", since: row.safeModeSince, reason: row.safeModeReason ?? "unknown" };
  return { kind: row.isHome ? "home" : "adopted" };
}

export type SafeMode = { readonly since: Instant; readonly reason: string };

/** Undefined when messages are sent as usual. */
export async function findSafeMode(db: Database): Promise<SafeMode | undefined> {
  const { rows } = await sql<SafeMode>`
    select safe_mode_since as since, coalesce(safe_mode_reason, 'unknown') as reason from clinic_clock where safe_mode_since is not null`.execute(
    db,
  );
  return rows[0];
}

/** Ends safe mode, and remembers where the database lives now. Returns what it was; undefined when there was none. */
export async function endSafeMode(tx: Tx): Promise<SafeMode | undefined> {
  const { rows } = await sql<SafeMode>`
    with h as (${HOME}), before as (select safe_mode_since as since, coalesce(safe_mode_reason, 'unknown') as reason from clinic_clock for update)
    update clinic_clock k set home = h.server || '/' || h.timeline || '/' || h.base, safe_mode_since = null, safe_mode_reason = null
    from h, before where before.since is not null returning before.since, before.reason`.execute(tx);
  return rows[0];
}

export type Waiting = {
  /** Messages that a worker would claim at this moment. */
  readonly wouldGo: number;
  /** Messages still of use whose moment is over, whatever stops them. */
  readonly overdue: number;
  /** Messages that fall due within the next day. */
  readonly withinADay: number;
  readonly oldestDueAt: Instant | null;
};

/** What waits to be sent. Asked where safe mode has been ended, in a transaction that is taken back, it says what would go. */
export async function countWaiting(db: Database): Promise<Waiting> {
  const { rows } = await sql<Waiting>`
    with clock as materialized (select afterglow_now() as now)
    select
      (select count(*) from claimable_touchpoints c, clock where c.channel <> 'task' and c.try_at <= clock.now and c.legal_at @> clock.now) as would_go,
      count(*) filter (where t.due_at <= clock.now) as overdue,
      count(*) filter (where t.due_at > clock.now) as within_a_day,
      min(t.due_at) filter (where t.due_at <= clock.now) as oldest_due_at
    from touchpoints t, clock
    where t.state = 'planned' and t.awaits is null and t.channel <> 'task' and t.send_by > clock.now and t.due_at <= clock.now + interval '1 day'`.execute(
    db,
  );
  return rows[0] ?? { wouldGo: 0, overdue: 0, withinADay: 0, oldestDueAt: null };
}

export type Ended = {
  readonly suppressed: number;
  readonly expired: number;
  /** Calls that came of them. */
  readonly calls: number;
  /** In the hands of a provider, perhaps, and never sent again. */
  readonly inFlight: number;
};

/**
 * Ends every message that was due before `notBefore`: `suppressed(past)` while it would still be of use, else `expired(too-late)`; what mattered becomes a call in
 * the same statement. What may have been sent is never sent again by itself; what waits for the decision of staff still does.
 */
export async function endDueBefore(tx: Tx, { notBefore, now }: { notBefore: Instant; now: Instant }): Promise<Ended> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const due = sql`t.channel <> 'task' and t.due_at < ${toTimestamp(notBefore)}::timestamptz`;
  const open = sql`${due} and (t.state = 'planned' or (t.state = 'held' and t.reason is distinct from 'unknown'))`;
  const before = await countCalls(tx);
  const { rows: flying } = await sql<{ inFlight: number }>`
    with over as (
      update touchpoints t set unwanted_at = coalesce(t.unwanted_at, clock_timestamp()) where ${due} and t.state in ('sending', 'unknown') returning t.id)
    select count(*) as in_flight from over`.execute(tx);
  const { rows: late } = await sql<EndedRows>`
    with over as (
      update touchpoints t set state = 'expired', reason = 'too-late' where ${open} and t.send_by <= ${moment} returning t.*),
    ${callsAbout(moment, "expired")}
    ${ENDED}`.execute(tx);
  const { rows: past } = await sql<EndedRows>`
    with over as (
      update touchpoints t set state = 'suppressed', reason = 'past' where ${open} returning t.*),
    ${callsAbout(moment, "suppressed")}
    ${ENDED}`.execute(tx);
  return {
    suppressed: await finishEnded(tx, past, now),
    expired: await finishEnded(tx, late, now),
    calls: (await countCalls(tx)) - before,
    inFlight: flying[0]?.inFlight ?? 0,
  };
}

async function countCalls(tx: Tx): Promise<number> {
  const { rows } = await sql<{ calls: number }>`select count(*) as calls from tasks where kind = 'call' and state = 'open'`.execute(tx);
  return rows[0]?.calls ?? 0;
}
