/** Promises about the schedule: one ending each, nothing forgotten, nothing left over. */
import { type RawBuilder, sql } from "kysely";
import { CLINIC_NOW, type LedgerCheck, MACHINE_NOW, toCheck } from "./ledger-check.ts";
import { preparesForThePast } from "./prepares-for-the-past.ts";
import { isSameReader, isSameSubject } from "./same-reader.ts";

/** When it ended, by the clock of the visits; where clinic time is not machine time only now is known. */
const endOf = (alias: string) =>
  sql`(select case c.mode when 'real' then ${sql.ref(`${alias}.ended_at`)} else ${CLINIC_NOW} end from clinic_clock c)`;

/** Whether another channel of the same rule, session and reader has said it, or somebody has a task about it. */
function isSaidOrCalled(alias: string): RawBuilder<unknown> {
  const of = (column: string) => sql.ref(`${alias}.${column}`);
  return sql`exists (
    select from touchpoints s left join tasks k on k.touchpoint_id = s.id
    where s.series_id = ${of("series_id")} and s.rule = ${of("rule")} and s.occurrence = ${of("occurrence")} and s.arming = ${of("arming")}
      and ${isSameReader("s", alias)} and ${isSameSubject("s", alias)} and s.session_id is not distinct from ${of("session_id")} and (s.state = 'sent' or k.id is not null))`;
}

export const PLAN_CHECKS: readonly LedgerCheck[] = [
  toCheck({
    name: "ended-or-to-come",
    promise: "every planned touchpoint has ended, or its last moment is still to come, or somebody has a task about it",
    // An answer that was lost is looked for within minutes; after an hour it is a person's work.
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, t.state || coalesce(' (' || t.reason || ')', '') || ', its last moment was ' || t.send_by
      from touchpoints t
      where t.state in ('planned', 'held', 'unknown') and ${inClinic("t.clinic_id")}
        and case t.state when 'unknown' then coalesce(t.claimed_at, '-infinity') < ${MACHINE_NOW} - interval '1 hour'
          else t.send_by < ${CLINIC_NOW} - interval '5 minutes' end
        and not exists (select from tasks k where k.touchpoint_id = t.id and k.state in ('open', 'taken'))`,
  }),
  toCheck({
    name: "due-is-claimed",
    promise: "nothing that may go out now has been waiting for more than five minutes",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, t.channel || ', due since ' || t.try_at
      from claimable_touchpoints t
      where t.try_at < ${CLINIC_NOW} - interval '5 minutes' and t.legal_at @> ${CLINIC_NOW} and ${inClinic("t.clinic_id")}
        and (select max(lower(span)) from unnest(t.legal_at) as spans (span) where lower(span) <= ${CLINIC_NOW}) < ${CLINIC_NOW} - interval '5 minutes'`,
  }),
  toCheck({
    name: "ends-are-recorded",
    promise: "a touchpoint has a moment at which it ended exactly when it has ended",
    // One that is planned with a reason against it is stored as suppressed at once.
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, t.state || case when t.ended_at is null then ' without an end' else ', and yet ended' end
      from touchpoints t
      where ${inClinic("t.clinic_id")} and case when t.state in ('planned', 'sending', 'unknown', 'held') then t.ended_at is not null
        else t.ended_at is null and t.state <> 'suppressed' end`,
  }),
  toCheck({
    name: "hours-agree",
    promise: "the last moment of a planned touchpoint is the end of its legal hours, and not past its use",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'legal ' || t.legal_at || ', last moment ' || t.send_by || ', of use until ' || t.expires_at
      from touchpoints t
      where t.state = 'planned' and ${inClinic("t.clinic_id")} and (upper(t.legal_at) <> t.send_by or t.expires_at < t.send_by)`,
  }),
  toCheck({
    name: "series-is-planned",
    promise: "a series is planned as a whole or still waits for it",
    offenders: ({ inClinic }) => sql`
      select 'ser_' || s.id, s.status || case s.status when 'enqueued' then ', although its patient is planned' else ' without a touchpoint' end
      from series s join patients p on p.id = s.patient_id
      where ${inClinic("s.clinic_id")} and p.plan_revision = p.planned_revision
        and (s.status = 'enqueued' or (s.status = 'active' and not exists (select from touchpoints t where t.series_id = s.id)))`,
  }),
  toCheck({
    name: "plans-are-fresh",
    promise: "a fact is in its patient's plan within a minute",
    offenders: ({ inClinicOfPatient }) => sql`
      select 'pat_' || p.id, 'unplanned since ' || coalesce(p.unplanned_since::text, 'nobody knows when')
      from patients p
      where p.plan_revision <> p.planned_revision and coalesce(p.unplanned_since, '-infinity') < ${MACHINE_NOW} - interval '1 minute'
        and ${inClinicOfPatient("p.id")}`,
  }),
  toCheck({
    name: "merged-is-said",
    promise: "what was merged away is said by a touchpoint of the same patient, or somebody calls",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, case when m.id is null then 'said by nobody' when m.patient_id <> t.patient_id then 'said to somebody else'
        else 'said by one that is ' || m.state || coalesce(' (' || m.reason || ')', '') end
      from touchpoints t left join touchpoints m on m.id = t.merged_into
      where t.state = 'suppressed' and t.reason = 'merged' and ${inClinic("t.clinic_id")}
        and (m.id is null or m.patient_id <> t.patient_id or (m.state = 'suppressed' and m.reason = 'merged')
          or (m.state = 'expired' and t.importance = 'critical' and not ${isSaidOrCalled("m")} and not ${preparesForThePast("m", endOf("m"))}))`,
  }),
  toCheck({
    name: "what-matters-is-called",
    promise: "a touchpoint that became a task has one, and what mattered and could not be said in time is called about",
    // A family in mourning is not called, and neither is somebody who must not be.
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, t.state || ', ' || t.importance || ', and no task'
      from touchpoints t join patients p on p.id = t.patient_id
      where ${inClinic("t.clinic_id")} and case t.state
        when 'tasked' then not exists (select from tasks k where k.touchpoint_id = t.id)
        when 'expired' then (t.importance = 'critical' or t.channel = 'task') and p.hold_code is distinct from 'deceased' and p.hold_code is distinct from 'privacy'
          and not ${isSaidOrCalled("t")} and not ${preparesForThePast("t", endOf("t"))}
        else false end`,
  }),
  toCheck({
    name: "digests-are-mailed",
    promise: "where visits are not ready before a weekend each person of the desk gets one mail about that day, within hours or not at all",
    // In safe mode it waits as everything does.
    offenders: ({ inClinic }) => sql`
      select 'cli_' || g.clinic_id, g.unready || ' visits are not ready for ' || g.about || ', and nobody is mailed'
      from digests g
      where g.unready > 0 and ${inClinic("g.clinic_id")} and not exists (select from digest_mails m where m.clinic_id = g.clinic_id and m.about = g.about)
      union all
      select 'cli_' || m.clinic_id, count(*) || ' mails to one person about ' || m.about
      from digest_mails m where ${inClinic("m.clinic_id")} group by m.clinic_id, m.about, lower(btrim(m.person)) having count(*) > 1
      union all
      select 'cli_' || m.clinic_id, 'the mail about ' || m.about || ' is ' || m.state || ' since ' || m.stored_at
      from digest_mails m
      where m.state in ('planned', 'sending') and (m.try_at < ${MACHINE_NOW} - interval '10 minutes' or m.stored_at < ${MACHINE_NOW} - interval '7 hours')
        and (select safe_mode_since is null from clinic_clock) and ${inClinic("m.clinic_id")}`,
  }),
  toCheck({
    name: "tasks-are-closed-by-somebody",
    promise: "a closed task says by whom and when, a taken one who has it, one that is done what came of it",
    offenders: ({ inClinic }) => sql`
      select 'tsk_' || k.id, k.state
      from tasks k
      where ${inClinic("k.clinic_id")} and case k.state
        when 'open' then k.closed_at is not null or k.closed_by is not null or k.assignee is not null
        when 'taken' then k.closed_at is not null or k.closed_by is not null or k.assignee is null
        when 'done' then k.closed_at is null or k.closed_by is null or k.outcome is null
        else k.closed_at is null or k.closed_by is null end`,
  }),
];
