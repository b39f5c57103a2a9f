/**
 * What the people who run the queues ask: what is ready and what is to come, how late it is, what will miss its last moment, what went wrong and why. Cheap beside
 * a million standing rows: partial indexes, windows and caps instead of full counts, in one read-only transaction that gives up after a few seconds.
 */
import { sql } from "kysely";
import { DAY, type Instant, instant, MINUTE } from "../domain/calendar.ts";
import { atMost, firstIdOf } from "./measures.ts";
import type { Database, Tx } from "./database.ts";
import { HINT_LOST_AFTER_SECONDS } from "./sweeps.ts";

const GIVE_UP_AFTER_MS = 3_000;
/** How far ahead the drain is foreseen. */
const FORESEEN_HOURS = 2;

export type ChannelBacklog = {
  readonly channel: string;
  /** May be claimed now and is not. */
  readonly ready: number;
  /** For how long the oldest of these could have gone, in seconds of clinic time. */
  readonly oldestReadySeconds: number | null;
  /** Due and outside its legal hours, or blocked. */
  readonly waiting: number;
  readonly nextHour: number;
  readonly nextDay: number;
  /** Messages a second over the last minute, and what its senders permit at most. */
  readonly rate: number;
  readonly permitted: number;
  /** Of what is due and must leave within two hours: how many will not, at the present rate, and the first moment at which one is missed. What a switch, safe mode or the like stops is missed. */
  readonly willMiss: number;
  readonly firstMissAt: Instant | null;
};

export type OpsView = {
  readonly now: Instant;
  readonly backlog: readonly ChannelBacklog[];
  readonly lateness: readonly {
    readonly channel: string;
    readonly window: "now" | "day";
    readonly sends: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
  }[];
  /** Attempts of the last day by what became of them; `delivered` and `undelivered` as the provider reported. */
  readonly attempts: readonly { readonly channel: string; readonly state: string; readonly count: number }[];
  readonly unsettled: readonly {
    readonly state: string;
    readonly reason: string | null;
    readonly count: number;
    readonly oldestSeconds: number;
  }[];
  /** Codes of providers over the last day, the most frequent first. */
  readonly codes: readonly { readonly channel: string; readonly code: string; readonly count: number }[];
  /** Of the rows that may be claimed now: hinted lately; hinted longer ago than a hint needs, so that it is lost or nobody takes it; not hinted. */
  readonly hints: { readonly hinted: number; readonly stale: number; readonly unhinted: number };
  readonly unplanned: number;
};

/** Reads all of it as of about `machineNow`. */
export async function readOps(db: Database, machineNow: Instant): Promise<OpsView> {
  return db
    .transaction()
    .setAccessMode("read only")
    .execute(async (tx) => {
      await sql`select set_config('statement_timeout', ${String(GIVE_UP_AFTER_MS)}, true)`.execute(tx);
      const { rows } = await sql<{ now: Instant; unplanned: number }>`
        select afterglow_now() as now, (select count(*)::integer from patients where plan_revision <> planned_revision) as unplanned`.execute(
        tx,
      );
      const [clock] = rows;
      if (!clock) throw new Error("The database has no clinic clock; run `afterglow db migrate`");
      const lately = newest(instant(machineNow - 5 * MINUTE));
      const day = newest(instant(machineNow - DAY));
      return {
        ...clock,
        backlog: await readChannels(tx, newest(instant(machineNow - MINUTE))),
        lateness: await measureLateness(tx, { lately, day }),
        attempts: await select(
          tx,
          sql`select channel, coalesce(provider_state, state) as state, count(*)::integer as count from ${day} group by 1, 2 order by 1, 2`,
        ),
        unsettled: await countUnsettled(tx),
        codes: await select(
          tx,
          sql`select channel, coalesce(provider_code, code) as code, count(*)::integer as count from ${day}
            where coalesce(provider_code, code) is not null group by 1, 2 order by 3 desc, 1, 2 limit 20`,
        ),
        hints: await countHints(tx),
      };
    });
}

type Newest = ReturnType<typeof newest>;

/** Ids are ordered by the moment at which they were made, so the primary key finds the newest deliveries. */
function newest(since: Instant) {
  return sql`(select channel, state, provider_state, code, provider_code, lateness_ms, attempt from deliveries where id >= ${firstIdOf(since)}::uuid order by id desc limit ${atMost}) d`;
}

async function select<Row>(tx: Tx, query: ReturnType<typeof sql>): Promise<Row[]> {
  return (await sql<Row>`${query}`.execute(tx)).rows;
}

async function readChannels(tx: Tx, lastMinute: Newest): Promise<ChannelBacklog[]> {
  const backlog = await countBacklog(tx);
  const rates = await select<{ channel: string; rate: number; permitted: number }>(
    tx,
    sql`select s.channel, sum(b.per_second)::double precision as permitted,
        coalesce((select count(*) from ${lastMinute} where d.channel = s.channel), 0)::double precision / ${MINUTE / 1_000} as rate
      from senders s join rate_buckets b on b.sender_id = s.id group by s.channel order by s.channel`,
  );
  return Promise.all(
    rates.map(async ({ channel, rate, permitted }) => {
      const counts = { ...NOTHING, ...backlog.find((each) => each.channel === channel) };
      return { ...counts, channel, rate, permitted, ...(await foresee(tx, channel, drainOf({ ...counts, rate, permitted }))) };
    }),
  );
}

/** For so long something may be ready before it says at which rate it leaves. */
const TELLS_AFTER_SECONDS = 60;

/** Messages a second from now on. What has stood ready for a minute leaves as it does now, and if nothing leaves then not at all; before that, as its senders permit. */
function drainOf({ oldestReadySeconds, rate, permitted }: Pick<ChannelBacklog, "oldestReadySeconds" | "rate" | "permitted">): number {
  return (oldestReadySeconds ?? 0) > TELLS_AFTER_SECONDS ? Math.min(rate, permitted) : permitted;
}

const NOTHING = { ready: 0, oldestReadySeconds: null, waiting: 0, nextHour: 0, nextDay: 0 };
type Counts = { channel: string } & { [Name in keyof typeof NOTHING]: (typeof NOTHING)[Name] extends null ? number | null : number };

async function countBacklog(tx: Tx): Promise<Counts[]> {
  return select<Counts>(
    tx,
    sql`
    with clock as materialized (select afterglow_now() as now),
    soon as materialized (
      select t.id, t.channel, t.try_at, t.legal_at from touchpoints t
      where t.state = 'planned' and t.awaits is null and t.try_at <= (select afterglow_now() + interval '24 hours') order by t.try_at limit ${atMost}),
    ready as materialized (
      select c.id, c.channel, greatest(c.try_at, (select max(lower(span)) from unnest(c.legal_at) as spans (span) where lower(span) <= clock.now)) as since
      from claimable_touchpoints c, clock where c.try_at <= (select afterglow_now()) and c.legal_at @> clock.now order by c.try_at limit ${atMost})
    select s.channel,
      count(r.id)::integer as ready,
      max(extract(epoch from clock.now - r.since))::double precision as oldest_ready_seconds,
      count(*) filter (where s.try_at <= clock.now and r.id is null)::integer as waiting,
      count(*) filter (where s.try_at > clock.now and s.try_at <= clock.now + interval '1 hour')::integer as next_hour,
      count(*) filter (where s.try_at > clock.now)::integer as next_day
    from soon s cross join clock left join ready r on r.id = s.id group by s.channel`,
  );
}

/** Whoever must leave first goes first; each takes one turn of the rate, from its own first moment on. What may not be claimed takes none, and misses its moment. */
async function foresee(tx: Tx, channel: string, perSecond: number): Promise<Pick<ChannelBacklog, "willMiss" | "firstMissAt">> {
  const turnSeconds = perSecond > 0 ? 1 / perSecond : NEVER_SECONDS;
  const [found] = await select<Pick<ChannelBacklog, "willMiss" | "firstMissAt">>(
    tx,
    sql`
    with clock as materialized (select afterglow_now() as now),
    leaving as (
      select t.send_by, exists (select from claimable_touchpoints c where c.id = t.id) as may_go from touchpoints t, clock
      where t.state = 'planned' and t.awaits is null and t.channel = ${channel} and t.try_at <= (select afterglow_now())
        and t.send_by > clock.now and t.send_by <= clock.now + make_interval(hours => ${FORESEEN_HOURS}) order by t.send_by limit ${atMost}),
    turns as (select send_by, may_go, row_number() over (partition by may_go order by send_by) as turn from leaving)
    select count(*)::integer as will_miss, min(l.send_by) as first_miss_at from turns l, clock
    where not l.may_go or clock.now + make_interval(secs => l.turn * ${turnSeconds}::double precision) > l.send_by`,
  );
  return found ?? { willMiss: 0, firstMissAt: null };
}

/** Longer than is foreseen. */
const NEVER_SECONDS = (FORESEEN_HOURS * DAY) / 1_000;

async function measureLateness(tx: Tx, { lately, day }: { lately: Newest; day: Newest }): Promise<OpsView["lateness"]> {
  const measure = (window: "now" | "day", from: Newest) =>
    select<OpsView["lateness"][number]>(
      tx,
      sql`select channel, ${window}::text as "window", count(*)::integer as sends,
          percentile_disc(0.5) within group (order by lateness_ms) as p50_ms, percentile_disc(0.99) within group (order by lateness_ms) as p99_ms
        from ${from} where attempt = 1 and lateness_ms is not null group by channel order by channel`,
    );
  return [...(await measure("now", lately)), ...(await measure("day", day))];
}

export type Unsent = { readonly state: string; readonly reason: string | null; readonly count: number };

/** What ended unsent in the last day, by state and reason. Reads every row: no index on the end is worth what it would cost each send. To be kept for a minute. */
export async function countUnsent(db: Database): Promise<Unsent[]> {
  const { rows } = await sql<Unsent>`
    select state, reason, count(*)::integer as count from touchpoints
    where ended_at > clock_timestamp() - interval '1 day' and state in ('suppressed', 'expired', 'superseded', 'cancelled', 'failed', 'tasked')
    group by state, reason order by count desc, state, reason limit 40`.execute(db);
  return rows;
}

async function countUnsettled(tx: Tx): Promise<OpsView["unsettled"]> {
  return select(
    tx,
    sql`select state, reason, count(*)::integer as count,
        coalesce(max(extract(epoch from clock_timestamp() - claimed_at)), 0)::double precision as oldest_seconds
      from (select state, reason, claimed_at from touchpoints where state in ('unknown', 'held') limit ${atMost}) t
      group by state, reason order by state, reason`,
  );
}

async function countHints(tx: Tx): Promise<OpsView["hints"]> {
  const [found] = await select<OpsView["hints"]>(
    tx,
    sql`select count(*) filter (where hinted_at >= lost_since)::integer as hinted, count(*) filter (where hinted_at < lost_since)::integer as stale,
        count(*) filter (where hinted_at is null)::integer as unhinted
      from (select c.hinted_at, clock_timestamp() - make_interval(secs => ${HINT_LOST_AFTER_SECONDS}) as lost_since from claimable_touchpoints c
        where c.channel <> 'task' and c.try_at <= (select afterglow_now()) and c.legal_at @> (select afterglow_now()) order by c.try_at limit ${atMost}) t`,
  );
  return found ?? { hinted: 0, stale: 0, unhinted: 0 };
}
