/**
 * The statements of the sweep. Each is set-based, bounded, and finds its rows through an index on clinic time or a partial index on state. `now` is clinic time
 * as the database gave it, passed as a value: the planner sees that few rows are due, where a subquery makes it reckon with a third of the table and scan it.
 */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId, SenderId, SeriesId, TouchpointId } from "../domain/ids.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";

/** One sweeper at a time; the lock ends with the transaction. */
export async function tryLockSweep(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(hashtext('afterglow sweep')) as locked`.execute(tx);
  return rows[0]?.locked ?? false;
}

/** Rows hinted in one sweep: the rest follows in the next, a moment later. */
const MOST_HINTS = 5_000;
/** A due row that is still unclaimed after this long has lost its hint. */
const HINT_LOST_AFTER_SECONDS = 10;

export type HintableRow = {
  readonly id: TouchpointId;
  readonly channel: "email" | "sms";
  readonly senderId: SenderId;
  readonly tryAt: Instant;
};

/** Marks the rows to hint, earliest first: not hinted yet and due within the horizon, or due and unclaimed since their last hint. */
export async function markHinted(tx: Tx, { now, horizon }: { now: Instant; horizon: Instant }): Promise<HintableRow[]> {
  const { rows } = await sql<HintableRow>`
    update touchpoints t set hinted_at = clock_timestamp()
    where t.id in (
      select c.id from claimable_touchpoints c
      where c.channel in ('email', 'sms') and c.try_at <= ${toTimestamp(horizon)}::timestamptz
        and (c.hinted_at is null or (c.try_at <= ${toTimestamp(now)}::timestamptz and c.hinted_at < clock_timestamp() - make_interval(secs => ${HINT_LOST_AFTER_SECONDS})))
      order by c.try_at limit ${MOST_HINTS} for update of c skip locked)
    returning t.id, t.channel, t.sender_id, t.try_at`.execute(tx);
  return rows;
}

/** A worker that has to wait with these rows, for tokens of their sender, says that their hint is not lost. */
export async function keepHinted(db: Database, ids: readonly TouchpointId[]): Promise<void> {
  await sql`update touchpoints set hinted_at = clock_timestamp() where id = any(${ids}::uuid[]) and state = 'planned'`.execute(db);
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

/** Opens the tasks that are due and ends their touchpoints, in one statement. */
export async function openDueTasks(tx: Tx, now: Instant): Promise<number> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { numAffectedRows } = await sql`
    with due as (
      update touchpoints t set state = 'tasked'
      where t.id in (
        select c.id from claimable_touchpoints c
        where c.channel = 'task' and c.try_at <= ${moment} and c.legal_at @> ${moment} limit 1000 for update of c skip locked)
      returning t.*)
    insert into tasks (id, clinic_id, patient_id, series_id, session_id, touchpoint_id, kind, template, locale, importance, opened_at, due_by)
    select gen_random_uuid(), clinic_id, patient_id, series_id, session_id, id, coalesce(task_kind, 'call'), template, locale, importance,
      ${moment}, coalesce(task_due_by, send_by)
    from due`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/**
 * Ends what can no longer be said. What mattered (critical, to a patient or escort) becomes a call task in the same statement; work for staff that nobody
 * could be shown in time is opened rather than dropped.
 */
export async function expireTouchpoints(tx: Tx, now: Instant): Promise<number> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { rows } = await sql<{ expired: number }>`
    with over as (
      update touchpoints t set state = 'expired', reason = 'too-late'
      where t.id in (
        select id from touchpoints
        where state = 'planned' and awaits is null and try_at <= ${moment} and send_by <= ${moment}
        limit 1000 for update skip locked)
      returning t.*),
    calls as (
      insert into tasks (id, clinic_id, patient_id, series_id, session_id, touchpoint_id, kind, template, locale, importance, opened_at, due_by)
      select gen_random_uuid(), clinic_id, patient_id, series_id, session_id, id, coalesce(task_kind, 'call'), template, locale, importance,
        ${moment}, greatest(expires_at, ${moment})
      from over where importance = 'critical' or channel = 'task')
    select count(*) as expired from over`.execute(tx);
  return rows[0]?.expired ?? 0;
}

/** A session whose outcome nobody recorded: what waited for it is suppressed, and one call task a session is opened. */
export async function suppressUnrecorded(tx: Tx, now: Instant): Promise<number> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { rows } = await sql<{ suppressed: number }>`
    with over as (
      update touchpoints t set state = 'suppressed', reason = 'no-outcome'
      where t.id in (
        select id from touchpoints where state = 'planned' and awaits is not null and send_by <= ${moment} limit 1000 for update skip locked)
      returning t.*),
    calls as (
      insert into tasks (id, clinic_id, patient_id, series_id, session_id, touchpoint_id, kind, template, locale, importance, opened_at, due_by)
      select distinct on (session_id) gen_random_uuid(), clinic_id, patient_id, series_id, session_id, id, 'call', 'no-outcome-call', locale, 'high',
        ${moment}, ${moment} + interval '1 day'
      from over where recipient = 'patient' and session_id is not null
      on conflict do nothing)
    select count(*) as suppressed from over`.execute(tx);
  return rows[0]?.suppressed ?? 0;
}

/** Longer than any call to a provider may take, and than its outcome is tried to be stored. */
const SEND_LOST_AFTER_SECONDS = 120;

/**
 * What a dead worker had in its hands may have been sent: unknown, never planned again by itself. So may what a living one has held for longer than a call can
 * last: its record was lost.
 */
export async function abandonDeadSends(tx: Tx, { deadAfterSeconds }: { deadAfterSeconds: number }): Promise<number> {
  const { rows } = await sql<{ abandoned: number }>`
    with dead as (
      update touchpoints t set state = 'unknown', reason = 'worker-lost'
      where t.state = 'sending' and (t.claimed_at < clock_timestamp() - make_interval(secs => ${SEND_LOST_AFTER_SECONDS}) or not exists (
        select from workers w where w.id = t.worker_id and w.stopped_at is null and w.beat_at > clock_timestamp() - make_interval(secs => ${deadAfterSeconds})))
      returning t.id, t.attempts),
    attempts as (
      update deliveries d set state = 'unknown', code = 'worker-lost' from dead where d.touchpoint_id = dead.id and d.attempt = dead.attempts and d.state = 'sending')
    select count(*) as abandoned from dead`.execute(tx);
  return rows[0]?.abandoned ?? 0;
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
