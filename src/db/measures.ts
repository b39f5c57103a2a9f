/**
 * What operations watch, as numbers. Cheap beside a million standing rows: partial indexes, windows and caps instead of full counts, in one read-only transaction
 * that gives up after a few seconds. Opaque and neutral words only: they become labels.
 */
import { sql } from "kysely";
import { HOUR, type Instant, instant, MINUTE } from "../domain/calendar.ts";
import type { Database, Tx } from "./database.ts";

/** No group is counted further than this. */
export const COUNTED_AT_MOST = 50_000;
const GIVE_UP_AFTER_MS = 3_000;
/** A worker process is dead after this long without a heartbeat. */
const DEAD_AFTER_SECONDS = 20;

export type Measures = {
  /** In flight, unsettled, and planned for the next 24 hours. */
  readonly touchpoints: readonly { state: string; channel: string; count: number }[];
  /** Attempts that began in the last hour. */
  readonly deliveries: readonly { state: string; channel: string; count: number }[];
  /** Of attempts that began in the last five minutes. */
  readonly lateness: readonly { channel: string; p50Ms: number; p99Ms: number }[];
  /** What may be claimed now and is not; age in seconds of machine time, 0 when there is none. */
  readonly due: { readonly count: number; readonly oldestSeconds: number };
  readonly openTasks: readonly { kind: string; count: number }[];
  readonly unplanned: { readonly count: number; readonly oldestSeconds: number };
  /** Touchpoints with an automatic re-send. */
  readonly resent: number;
  /** Reports of providers that nobody has folded. */
  readonly unfolded: number;
  readonly workers: number;
};

/** Reads all of them as of about `now`, the machine's time. */
export async function readMeasures(db: Database, now: Instant): Promise<Measures> {
  return db
    .transaction()
    .setAccessMode("read only")
    .execute(async (tx) => {
      await sql`select set_config('statement_timeout', ${String(GIVE_UP_AFTER_MS)}, true)`.execute(tx);
      return {
        touchpoints: await countTouchpoints(tx),
        deliveries: await countDeliveries(tx, now),
        lateness: await measureLateness(tx, now),
        due: await measureDue(tx),
        openTasks: await countOpenTasks(tx),
        unplanned: await measureUnplanned(tx),
        resent: await countResent(tx),
        unfolded: await countUnfolded(tx),
        workers: await countWorkers(tx),
      };
    });
}

export const atMost = sql.lit(COUNTED_AT_MOST);
type Count = { state: string; channel: string; count: number };

async function countTouchpoints(tx: Tx): Promise<Count[]> {
  const soon = sql`(select afterglow_now() + interval '24 hours')`;
  const { rows } = await sql<Count>`
    select state, channel, count(*)::integer as count from (
      (select state, channel from touchpoints where state = 'planned' and awaits is null and try_at <= ${soon} limit ${atMost})
      union all (select state, channel from touchpoints where state = 'planned' and awaits is not null and send_by <= ${soon} limit ${atMost})
      union all (select state, channel from touchpoints where state = 'sending' limit ${atMost})
      union all (select state, channel from touchpoints where state in ('unknown', 'held') limit ${atMost})) t
    group by state, channel`.execute(tx);
  return rows;
}

/** Ids are ordered by the moment at which they were made, so the primary key finds the newest deliveries. */
export function firstIdOf(at: Instant): string {
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

function newestDeliveries(since: Instant) {
  return sql`(select state, channel, lateness_ms from deliveries where id >= ${firstIdOf(since)}::uuid order by id desc limit ${atMost}) d`;
}

async function countDeliveries(tx: Tx, now: Instant): Promise<Count[]> {
  const { rows } =
    await sql<Count>`select state, channel, count(*)::integer as count from ${newestDeliveries(instant(now - HOUR))} group by state, channel`.execute(
      tx,
    );
  return rows;
}

async function measureLateness(tx: Tx, now: Instant): Promise<Measures["lateness"]> {
  const { rows } = await sql<Measures["lateness"][number]>`
    select channel, percentile_cont(0.5) within group (order by lateness_ms) as p50_ms, percentile_cont(0.99) within group (order by lateness_ms) as p99_ms
    from ${newestDeliveries(instant(now - 5 * MINUTE))} where lateness_ms is not null group by channel`.execute(tx);
  return rows;
}

async function measureDue(tx: Tx): Promise<Measures["due"]> {
  const { rows } = await sql<Measures["due"]>`
    select count(*)::integer as count, coalesce(greatest(0, extract(epoch from clock_timestamp() - machine_time_of(min(try_at)))), 0)::double precision as oldest_seconds
    from (select try_at from claimable_touchpoints where try_at <= (select afterglow_now()) order by try_at limit ${atMost}) t`.execute(tx);
  return rows[0] ?? { count: 0, oldestSeconds: 0 };
}

async function countOpenTasks(tx: Tx): Promise<Measures["openTasks"]> {
  const { rows } = await sql<Measures["openTasks"][number]>`
    select kind, count(*)::integer as count from (select kind from tasks where state = 'open' limit ${atMost}) t group by kind`.execute(tx);
  return rows;
}

async function measureUnplanned(tx: Tx): Promise<Measures["unplanned"]> {
  const { rows } = await sql<Measures["unplanned"]>`
    select count(*)::integer as count, coalesce(extract(epoch from clock_timestamp() - min(unplanned_since)), 0)::double precision as oldest_seconds
    from (select unplanned_since from patients where plan_revision <> planned_revision order by unplanned_since limit ${atMost}) p`.execute(
    tx,
  );
  return rows[0] ?? { count: 0, oldestSeconds: 0 };
}

async function countResent(tx: Tx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from (select from touchpoints where resends > 0 limit ${atMost}) t`.execute(tx);
  return rows[0]?.count ?? 0;
}

async function countUnfolded(tx: Tx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from (select from provider_events where folded_at is null limit ${atMost}) e`.execute(tx);
  return rows[0]?.count ?? 0;
}

async function countWorkers(tx: Tx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from workers where stopped_at is null and beat_at > clock_timestamp() - make_interval(secs => ${DEAD_AFTER_SECONDS})`.execute(
    tx,
  );
  return rows[0]?.count ?? 0;
}
