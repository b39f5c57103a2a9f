/** What came of the demo, in numbers: the one object of `--json`, and the counts of each series. */
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import type { SeriesId } from "../domain/ids.ts";

export type DemoSummary = {
  /** How many series were lived through. */
  readonly series: number;
  /** How many touchpoints stand in each state. */
  readonly touchpoints: Readonly<Record<string, number>>;
  readonly emails: number;
  readonly sms: number;
  /** Machine time from the moment clinic time reached a touchpoint to the first call of the provider; null when nothing was sent. */
  readonly lateness: { readonly p50Ms: number | null; readonly p99Ms: number | null };
};

export async function summarize(db: Database): Promise<DemoSummary> {
  const { rows } = await sql<DemoSummary>`
    select (select count(*) from series) as series,
      (select coalesce(json_object_agg(state, n order by state), '{}') from (select state, count(*) as n from touchpoints group by state) s) as touchpoints,
      (select count(*) from deliveries where state = 'sent' and channel = 'email') as emails,
      (select count(*) from deliveries where state = 'sent' and channel = 'sms') as sms,
      (select json_build_object(
          'p50Ms', percentile_disc(0.5) within group (order by lateness_ms), 'p99Ms', percentile_disc(0.99) within group (order by lateness_ms))
        from deliveries where lateness_ms is not null) as lateness`.execute(db);
  const [summary] = rows;
  if (!summary) throw new Error("The summary has no row");
  return summary;
}

export type SeriesCounts = {
  readonly seriesId: SeriesId;
  readonly protocol: string;
  readonly sessions: number;
  readonly emails: number;
  readonly sms: number;
  readonly tasks: number;
  /** Ended without being said: merged into another, superseded by a fact, surveys that are not enabled. */
  readonly unsaid: number;
  readonly toCome: number;
  /** A series whose last phase has no end: there is always something to come. */
  readonly openEnded: boolean;
};

/** In the order of enqueueing. */
export async function countBySeries(db: Database): Promise<SeriesCounts[]> {
  const { rows } = await sql<SeriesCounts>`
    select s.id as series_id, a.protocol, s.horizon_until is not null as open_ended,
      (select count(*) from sessions v where v.series_id = s.id) as sessions,
      count(*) filter (where t.state = 'sent' and t.channel = 'email') as emails,
      count(*) filter (where t.state = 'sent' and t.channel = 'sms') as sms,
      count(*) filter (where t.state = 'tasked') as tasks,
      count(*) filter (where t.state in ('suppressed', 'superseded', 'cancelled', 'expired', 'failed')) as unsaid,
      count(*) filter (where t.state in ('planned', 'held', 'sending', 'unknown')) as to_come
    from series s join protocol_approvals a on a.id = s.approval_id left join touchpoints t on t.series_id = s.id
    group by s.id, a.protocol order by s.id`.execute(db);
  return rows;
}

/** What did not go as planned, in numbers. */
export type ChangeCounts = {
  /** At the patient's wish. */
  readonly moved: number;
  readonly closures: number;
  readonly postponed: number;
  readonly rebooked: number;
  readonly cancelled: number;
  readonly added: number;
  readonly noShows: number;
  readonly notDosed: number;
  readonly optOuts: number;
  /** Messages and tasks that facts took back before they went. */
  readonly takenBack: number;
};

export async function countChanges(db: Database): Promise<ChangeCounts> {
  const { rows } = await sql<ChangeCounts>`
    select count(*) filter (where kind = 'session.moved' and data->>'because' = 'patient') as moved, count(*) filter (where kind = 'clinic.closed') as closures,
      count(*) filter (where kind = 'session.postponed') as postponed,
      count(*) filter (where kind = 'session.moved' and data->>'because' = 'clinic') as rebooked,
      count(*) filter (where kind = 'session.cancelled') as cancelled, count(*) filter (where kind = 'session.added') as added,
      count(*) filter (where kind = 'session.no_show') as no_shows, count(*) filter (where kind = 'session.not_dosed') as not_dosed,
      (select count(*) from opt_outs) as opt_outs, (select count(*) from touchpoints where state in ('superseded', 'cancelled')) as taken_back
    from events`.execute(db);
  const [counts] = rows;
  if (!counts) throw new Error("The changes have no row");
  return counts;
}

/** How many touchpoints of series that come to an end have not ended yet. */
export async function countOpen(db: Database): Promise<number> {
  const { rows } = await sql<{ open: number }>`
    select count(*) as open from touchpoints t join series s on s.id = t.series_id
    where s.horizon_until is null and t.state in ('planned', 'held', 'sending', 'unknown')`.execute(db);
  return rows[0]?.open ?? 0;
}
