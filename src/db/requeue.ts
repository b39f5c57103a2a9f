/** Rows whose hint is forgotten on purpose, so that the sweep gives them another one within a second. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import { toTimestamp, type Tx } from "./database.ts";

/** As many at a time as the sweep hints within some ten seconds. */
export const REQUEUED_AT_MOST = 50_000;

export type Requeued = { readonly channel: string; readonly count: number };

/** Of everything that may be claimed now and is not: by channel, how many hints were forgotten. `channel` null: of every one. */
export async function forgetDueHints(tx: Tx, { channel, now }: { channel: string | null; now: Instant }): Promise<Requeued[]> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { rows } = await sql<Requeued>`
    with due as (
      select c.id from claimable_touchpoints c
      where c.channel in ('email', 'sms') and (${channel}::text is null or c.channel = ${channel}::text)
        and c.try_at <= ${moment} and c.legal_at @> ${moment} and c.hinted_at is not null
      order by c.try_at limit ${REQUEUED_AT_MOST}),
    forgotten as (
      update touchpoints t set hinted_at = null from due where t.id = due.id and t.state = 'planned' returning t.channel)
    select channel, count(*)::integer as count from forgotten group by channel order by channel`.execute(tx);
  return rows;
}

/** No back-off is longer than this many minutes. */
const LONGEST_BACK_OFF_MINUTES = 60;

/** Ends the rest of what waits after a failed attempt and may be sent at this moment: by channel, how many are tried now. */
export async function endBackOff(tx: Tx, { channel, now }: { channel: string | null; now: Instant }): Promise<Requeued[]> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { rows } = await sql<Requeued>`
    with resting as (
      select c.id from claimable_touchpoints c
      where c.channel in ('email', 'sms') and (${channel}::text is null or c.channel = ${channel}::text)
        and c.attempts > 0 and c.try_at > ${moment} and c.try_at <= ${moment} + make_interval(mins => ${LONGEST_BACK_OFF_MINUTES})
        and c.legal_at @> ${moment} and c.send_by > ${moment}
      order by c.try_at limit ${REQUEUED_AT_MOST}),
    ended as (
      update touchpoints t set try_at = ${moment}, hinted_at = null from resting where t.id = resting.id and t.state = 'planned' returning t.channel)
    select channel, count(*)::integer as count from ended group by channel order by channel`.execute(tx);
  return rows;
}
