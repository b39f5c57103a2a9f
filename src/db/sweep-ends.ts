/**
 * The statements with which the sweep ends what is over, and says so to people: tasks that are due, messages that can no longer be sent, blocks that nobody
 * lifted, outcomes that nobody recorded, sends whose worker died. Each is set-based and bounded, and takes `now` as a value (see sweeps.ts). What is looked up for
 * a row is a scalar subquery where `exists` would become a join: beside few rows of unknown number the planner would read the whole table for it.
 */
import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { TaskId } from "../domain/ids.ts";
import { toTimestamp, type Tx } from "./database.ts";
import { ENDED, type EndedRows, NO_OUTCOME_CALL, replaceOlderForms, setDueTimes } from "./opened-tasks.ts";
import { preparesForThePast } from "./prepares-for-the-past.ts";
import { isSameReader, isSameSubject } from "./same-reader.ts";
import { hasNewerStage } from "./sweeps.ts";

/**
 * Opens the tasks that are due and ends their touchpoints, in one statement; of several stages of one story only the newest. One that asks for a form takes the
 * place of an older one; one that opens after it was due is due anew. Returns how many were opened.
 */
export async function openDueTasks(tx: Tx, now: Instant): Promise<number> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { rows } = await sql<{ id: TaskId; kind: string; dueBy: Instant }>`
    with due as (
      update touchpoints t set
        state = case when ${hasNewerStage(moment)} then 'suppressed' else 'tasked' end,
        reason = case when ${hasNewerStage(moment)} then 'newer-stage' else t.reason end
      where t.id in (
        select c.id from claimable_touchpoints c
        where c.channel = 'task' and c.try_at <= ${moment} and c.legal_at @> ${moment} limit 1000 for update of c skip locked)
      returning t.*)
    insert into tasks (id, clinic_id, patient_id, series_id, session_id, touchpoint_id, kind, template, locale, importance, opened_at, due_by)
    select gen_random_uuid(), clinic_id, patient_id, series_id, session_id, id, coalesce(task_kind, 'call'), template, locale, importance,
      ${moment}, greatest(coalesce(task_due_by, send_by), ${moment})
    from due where state = 'tasked'
    returning id, kind, due_by`.execute(tx);
  const idsOf = (which: typeof rows) => which.map(({ id }) => id);
  await setDueTimes(tx, idsOf(rows.filter(({ dueBy }) => dueBy <= now)), now);
  await replaceOlderForms(tx, idsOf(rows.filter(({ kind }) => kind === "file-form")), now);
  return rows.length;
}

/**
 * Ends what can no longer be said. What mattered becomes a call in the same statement, once a rule, session and reader and only if no other channel has said it; work for
 * staff that nobody could be shown in time is opened rather than dropped. A stage of a story whose newer stage is due ends as such and matters no more.
 */
export async function expireTouchpoints(tx: Tx, now: Instant): Promise<number> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { rows } = await sql<EndedRows>`
    with over as (
      update touchpoints t set
        state = case when ${hasNewerStage(moment)} then 'suppressed' else 'expired' end,
        reason = case when ${hasNewerStage(moment)} then 'newer-stage' else 'too-late' end
      where t.id in (
        select id from touchpoints
        where state = 'planned' and awaits is null and try_at <= ${moment} and send_by <= ${moment}
        limit 1000 for update skip locked)
      returning t.*),
    ${callsAbout(moment, "expired")}
    ${ENDED}`.execute(tx);
  return finishEnded(tx, rows, now);
}

/**
 * Ends what is still held at its last moment: the block was not lifted, or another channel has said it meanwhile. What mattered becomes a call. What is held
 * because nobody knows whether it was sent is left to the person whose task that is.
 */
export async function suppressHeld(tx: Tx, now: Instant): Promise<number> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { rows } = await sql<EndedRows>`
    with over as (
      update touchpoints t set state = 'suppressed',
        reason = coalesce((
          select 'already-told' from touchpoints f where f.series_id = t.series_id and f.fallback_of = t.id and f.state = 'sent' limit 1), 'block-not-lifted')
      where t.id in (
        select id from touchpoints where state = 'held' and reason is distinct from 'unknown' and send_by <= ${moment} limit 1000 for update skip locked)
      returning t.*),
    ${callsAbout(moment, "suppressed")}
    ${ENDED}`.execute(tx);
  return finishEnded(tx, rows, now);
}

/**
 * The calls that come of rows in `over` which ended in that state: what was critical, said when to fast, was about the driver, or said that the clinic had closed
 * or moved a session; and what was a task itself and not held from being one. Nobody is called to prepare for a visit that is over. Due at once, until
 * {@link finishEnded} counts the clinic's staffed hours.
 */
export function callsAbout(moment: RawBuilder<unknown>, state: "expired" | "suppressed"): RawBuilder<unknown> {
  return sql`calls as (
    insert into tasks (id, clinic_id, patient_id, series_id, session_id, touchpoint_id, kind, template, locale, importance, opened_at, due_by)
    select distinct on (o.patient_id, o.series_id, o.session_id, o.rule, o.occurrence, o.recipient, split_part(o.key, '/', 4), split_part(o.key, '/', 2))
      gen_random_uuid(), o.clinic_id, o.patient_id, o.series_id, o.session_id, o.id, coalesce(o.task_kind, 'call'), o.template, o.locale, o.importance,
      ${moment}, ${moment}
    from over o
    where o.state = ${state} and o.reason <> 'already-told'
      and (o.importance = 'critical' or o.purpose = 'urgent-change' or (o.importance = 'high' and (o.purpose = 'preparation' or o.recipient = 'escort'))
        or (o.channel = 'task' and (o.state = 'expired' or o.recipient = 'staff')))
      and not ${preparesForThePast("o", moment)}
      and (case when o.recipient = 'staff' then o.state = 'expired' or ${isAlive(sql.ref("o.patient_id"))} else ${mayBeCalled(sql.ref("o.patient_id"))} end)
      and (
        select true from touchpoints s
        where s.series_id = o.series_id and s.rule = o.rule and s.occurrence = o.occurrence and s.arming = o.arming and ${isSameReader("s", "o")} and ${isSameSubject("s", "o")}
          and s.session_id is not distinct from o.session_id and s.state in ('sent', 'tasked') limit 1) is null
    order by o.patient_id, o.series_id, o.session_id, o.rule, o.occurrence, o.recipient, split_part(o.key, '/', 4), split_part(o.key, '/', 2), o.id
    returning id)`;
}

/** What is owed to the calls that a statement over {@link ENDED} opened. Returns how many rows it ended. */
export async function finishEnded(tx: Tx, [result]: readonly EndedRows[], now: Instant): Promise<number> {
  if (!result) return 0;
  await setDueTimes(tx, result.opened, now);
  await replaceOlderForms(tx, result.opened, now);
  return result.ended;
}

/** A hold asks for silence in writing; a sensible call is the front desk's to decide, except where it would reach a family in mourning or the wrong person. */
function mayBeCalled(patientId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (select from patients p where p.id = ${patientId} and (p.hold_code is null or p.hold_code not in ('deceased', 'privacy')))`;
}

/** Work for staff is kept back by a death alone, and is not asked for after it; what the clinic owes all the same is never held. */
function isAlive(patientId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (select from patients p where p.id = ${patientId} and p.hold_code is distinct from 'deceased')`;
}

/** A session whose outcome nobody recorded: what waited for it is suppressed, and one call task a session is opened. */
export async function suppressUnrecorded(tx: Tx, now: Instant): Promise<number> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  const { rows } = await sql<EndedRows>`
    with over as (
      update touchpoints t set state = 'suppressed', reason = 'no-outcome'
      where t.id in (
        select id from touchpoints where state = 'planned' and awaits is not null and send_by <= ${moment} limit 1000 for update skip locked)
      returning t.*),
    calls as (
      insert into tasks (id, clinic_id, patient_id, series_id, session_id, touchpoint_id, kind, template, locale, importance, opened_at, due_by)
      select distinct on (session_id) gen_random_uuid(), clinic_id, patient_id, series_id, session_id, id, 'call', ${NO_OUTCOME_CALL}, locale, 'high',
        ${moment}, ${moment}
      from over where recipient = 'patient' and session_id is not null and ${mayBeCalled(sql.ref("over.patient_id"))}
      on conflict do nothing
      returning id)
    ${ENDED}`.execute(tx);
  return finishEnded(tx, rows, now);
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
