/** Whether alerts reach somebody, from the rows: a pager that is dead is itself an alarm. */
import { sql } from "kysely";
import type { Database } from "./database.ts";

export type PagerHealth = {
  /** Alerts that are not closed. */
  readonly alerts: readonly { level: string; state: string; count: number }[];
  /** How long the oldest one that nobody has acknowledged has waited, seconds of machine time; 0 when there is none. */
  readonly unacknowledgedSeconds: number;
  /** Pages of the last hour that a provider did not take. */
  readonly failedPages: number;
  /** Alerts of which nobody knows although somebody should: no page was taken within five minutes, or one is due and nobody takes it up. */
  readonly unreached: number;
};

/** For how long no provider may have taken a page, and for how long a page may be due. */
export const PAGE_WITHIN_SECONDS = 300;
const TAKEN_UP_WITHIN_SECONDS = 60;

/** Over an alert `a`: it should have reached somebody and has not. */
export const UNREACHED = sql`(
  a.page_at < (select clock_timestamp()) - make_interval(secs => ${sql.lit(TAKEN_UP_WITHIN_SECONDS)})
  or (a.state = 'open' and a.level <> 'medium'
    and (case when a.level = 'critical' then a.stored_at else (select min(g.began_at) from alert_pages g where g.alert_id = a.id) end)
      < (select clock_timestamp()) - make_interval(secs => ${sql.lit(PAGE_WITHIN_SECONDS)})
    and not exists (select from alert_pages g where g.alert_id = a.id and g.outcome = 'sent')))`;

/** Reads only. */
export async function readPagerHealth(db: Database): Promise<PagerHealth> {
  const { rows } = await sql<PagerHealth>`
    select
      coalesce((select jsonb_agg(jsonb_build_object('level', level, 'state', state, 'count', count)) from (
        select level, state, count(*) from alerts where state <> 'closed' group by level, state order by level, state) n), '[]') as alerts,
      coalesce((select extract(epoch from clock_timestamp() - min(stored_at)) from alerts where state = 'open' and level <> 'medium'), 0)::double precision
        as unacknowledged_seconds,
      (select count(*) from alerts a join alert_pages g on g.alert_id = a.id
        where a.state <> 'closed' and g.outcome in ('refused', 'not-sent', 'unknown') and g.began_at > (select clock_timestamp()) - interval '1 hour') as failed_pages,
      (select count(*) from alerts a where a.state <> 'closed' and ${UNREACHED}) as unreached`.execute(db);
  return rows[0] ?? { alerts: [], unacknowledgedSeconds: 0, failedPages: 0, unreached: 0 };
}
