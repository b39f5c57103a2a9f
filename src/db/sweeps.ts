/**
 * The statements with which the sweep finds what is to be sent and planned. Each is set-based, bounded, and finds its rows through an index on clinic time or a
 * partial index on state. `now` is clinic time as the database gave it, passed as a value: the planner sees that few rows are due, where a subquery makes it
 * reckon with a third of the table and scan it.
 */
import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId, SenderId, SeriesId, TouchpointId } from "../domain/ids.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { isSameReader } from "./same-reader.ts";

/** One sweeper at a time; the lock ends with the transaction. */
export async function tryLockSweep(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(hashtext('afterglow sweep')) as locked`.execute(tx);
  return rows[0]?.locked ?? false;
}

/** Rows hinted in one sweep: the rest follows in the next, a moment later. */
export const MOST_HINTS = 5_000;
/** Rows looked at for them, so that after an outage the most urgent of every sender are among those hinted. */
const MOST_LOOKED_AT = 20_000;
/** A row that has been due, and hinted, for so long and is still unclaimed has lost its hint. */
export const HINT_LOST_AFTER_SECONDS = 10;

export type HintableRow = {
  readonly id: TouchpointId;
  readonly channel: "email" | "sms";
  readonly senderId: SenderId;
  readonly tryAt: Instant;
};

/** `now`, how far ahead rows are hinted, and since when a row must have been due to have lost its hint, all in clinic time; and how many rows at most. */
export type Hinting = { readonly now: Instant; readonly horizon: Instant; readonly lostSince: Instant; readonly most?: number };

/**
 * Marks the rows to hint: not hinted yet and due within the horizon, or due and unclaimed since their last hint. In the order returned: what is due before what
 * will be, the senders in turn, and of each what must go first. Of several stages of one story that are due, as after an outage, only the newest is hinted and
 * the others end `suppressed(newer-stage)`.
 */
export async function markHinted(tx: Tx, { now, horizon, lostSince, most = MOST_HINTS }: Hinting): Promise<HintableRow[]> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { rows } = await sql<HintableRow>`
    with candidates as materialized (
      select c.id, c.sender_id, c.send_by, c.try_at > ${moment} as is_early from claimable_touchpoints c
      where c.channel in ('email', 'sms') and c.try_at <= ${toTimestamp(horizon)}::timestamptz
        and (c.hinted_at is null or (c.try_at <= ${toTimestamp(lostSince)}::timestamptz
          and c.hinted_at < clock_timestamp() - make_interval(secs => ${HINT_LOST_AFTER_SECONDS})))
      order by c.try_at limit ${MOST_LOOKED_AT}),
    turns as (select id, is_early, send_by, row_number() over (partition by sender_id order by is_early, send_by) as turn from candidates),
    picked as (
      select t.id, k.is_early, k.turn, k.send_by from touchpoints t
      join (select * from turns order by is_early, turn, send_by limit ${most}) k on k.id = t.id
      where t.state = 'planned' for update of t skip locked),
    marked as (
      update touchpoints t set hinted_at = clock_timestamp(),
        state = case when ${hasNewerStage(moment)} then 'suppressed' else t.state end,
        reason = case when ${hasNewerStage(moment)} then 'newer-stage' else t.reason end
      from picked p where t.id = p.id
      returning t.id, t.channel, t.sender_id, t.try_at, t.state, p.is_early, p.turn, p.send_by)
    select id, channel, sender_id, try_at from marked where state = 'planned' order by is_early, turn, send_by`.execute(tx);
  return rows;
}

/** Whether a newer stage of the same story (of `t`) is due as well, or was sent already. Asked only of rows that are stages. */
export function hasNewerStage(moment: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(t.story is not null and exists (
    select from touchpoints n
    where n.series_id = t.series_id and n.story = t.story and n.session_id is not distinct from t.session_id and ${isSameReader("n", "t")}
      and n.due_at > t.due_at and (n.rule, n.occurrence) <> (t.rule, t.occurrence)
      and (n.state in ('sending', 'unknown', 'sent', 'tasked')
        or (n.state = 'planned' and n.awaits is null and n.unwanted_at is null and n.try_at <= ${moment} and n.send_by > ${moment}))))`;
}

/** The queue did not take the hints of these rows: they are hinted again as soon as it does. */
export async function forgetHints(db: Database, ids: readonly TouchpointId[]): Promise<void> {
  await sql`update touchpoints set hinted_at = null where id = any(${ids}::uuid[]) and state = 'planned'`.execute(db);
}

/** A worker that has to wait with these rows, for tokens of their sender, says that their hint is not lost. */
export async function keepHinted(db: Database, ids: readonly TouchpointId[]): Promise<void> {
  await sql`update touchpoints set hinted_at = clock_timestamp() where id = any(${ids}::uuid[]) and state = 'planned'`.execute(db);
}

/** Rows of a hint that came before their moment, because two computers' clocks differ: they would wait for the sweep to find their hint lost. */
export async function findEarly(db: Database, ids: readonly TouchpointId[]): Promise<HintableRow[]> {
  const { rows } = await sql<HintableRow>`
    select id, channel, sender_id, try_at from touchpoints
    where id = any(${ids}::uuid[]) and state = 'planned' and awaits is null and hinted_at is not null and try_at > (select afterglow_now())`.execute(
    db,
  );
  return rows;
}

/** A row that came due outside its legal hours, after a back-off say, waits for the next legal moment. */
export async function waitForLegalHours(tx: Tx, now: Instant): Promise<void> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  await sql`
    update touchpoints t set hinted_at = null,
      try_at = (select min(lower(span)) from unnest(t.legal_at) as spans (span) where lower(span) > ${moment})
    where t.id in (
      select id from touchpoints
      where state = 'planned' and awaits is null and try_at <= ${moment} and send_by > ${moment} and not legal_at @> ${moment}
      limit 1000 for update skip locked)`.execute(tx);
}

/** Patients whose plan has been stale for a moment: the queue should have planned them by now. */
export async function findUnplanned(db: Database, { staleSeconds, limit }: { staleSeconds: number; limit: number }): Promise<PatientId[]> {
  const { rows } = await sql<{ id: PatientId }>`
    select id from patients where plan_revision <> planned_revision and unplanned_since < (select clock_timestamp()) - make_interval(secs => ${staleSeconds})
    order by unplanned_since limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

/** Series with an open-ended phase whose sessions were made for less than `ahead` days from now. */
export async function findShortHorizons(db: Database, { aheadDays }: { aheadDays: number }): Promise<SeriesId[]> {
  const { rows } = await sql<{ id: SeriesId }>`
    select id from series where status = 'active' and horizon_until is not null and horizon_until < ((select afterglow_now()) + make_interval(days => ${aheadDays}))::date
    order by horizon_until limit 100`.execute(db);
  return rows.map(({ id }) => id);
}
