/** Whether anybody works, from the rows: not what a process says of itself, but whether what is due is taken. */
import { sql } from "kysely";
import type { Database } from "./database.ts";

export type Liveness = {
  /**
   * For how long, in seconds of machine time, something has been due that nobody takes: the oldest touchpoint that may be claimed, counted from the last time
   * anybody asked for its sender's rate. A backlog that is worked off at its sender's pace is not waiting. 0 when nothing is.
   */
  readonly waitingSeconds: number;
  /** For how long the oldest fact that its patient's plan does not know yet has waited. */
  readonly unplannedSeconds: number;
  /** Worker processes with a heartbeat, and those of them whose clock is right. */
  readonly alive: number;
  readonly working: number;
};

/** A worker whose clock is off by more than this claims nothing; promises about quiet hours and expiry hang on it. */
export const MOST_SKEW_MS = 2_000;

/** Rows looked at for the oldest one of every sender; the oldest of all is always among them. */
const LOOKED_AT = 5_000;

export async function readLiveness(db: Database, { deadAfterSeconds }: { deadAfterSeconds: number }): Promise<Liveness> {
  const { rows } = await sql<Liveness>`
    with due as (
      select sender_id, min(try_at) as since from (
        select c.sender_id, c.try_at from claimable_touchpoints c
        where c.channel in ('email', 'sms') and c.try_at <= (select afterglow_now()) and c.legal_at @> (select afterglow_now())
        order by c.try_at limit ${LOOKED_AT}) oldest
      group by sender_id),
    alive as (
      select skew_ms from workers where stopped_at is null and beat_at > clock_timestamp() - make_interval(secs => ${deadAfterSeconds}))
    select
      coalesce((select max(extract(epoch from clock_timestamp() - greatest(machine_time_of(d.since), b.refilled_at)))
        from due d left join rate_buckets b on b.sender_id = d.sender_id), 0)::double precision as waiting_seconds,
      coalesce((select extract(epoch from clock_timestamp() - min(unplanned_since)) from patients where plan_revision <> planned_revision), 0)::double precision
        as unplanned_seconds,
      (select count(*) from alive) as alive,
      (select count(*) from alive where abs(skew_ms) <= ${MOST_SKEW_MS}) as working`.execute(db);
  return rows[0] ?? { waitingSeconds: 0, unplannedSeconds: 0, alive: 0, working: 0 };
}
