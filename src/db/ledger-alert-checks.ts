/** Promises about alerts: somebody is told, and only people end one. */
import { sql } from "kysely";
import { LOCALES } from "../domain/clinic.ts";
import { CLINIC_NOW, type LedgerCheck, MACHINE_NOW, toCheck } from "./ledger-check.ts";
import { MOST_UNANSWERED } from "./crisis-answers.ts";
import { IN_USE } from "./missing-words.ts";
import { UNREACHED } from "./pager-health.ts";

export const ALERT_CHECKS: readonly LedgerCheck[] = [
  toCheck({
    name: "alert-paged",
    promise: "an alert that nobody has acknowledged is paged until somebody does",
    offenders: ({ inClinic }) => sql`
      select 'alr_' || a.id, 'open, ' || a.level || ', and nobody is to be paged'
      from alerts a where a.state = 'open' and a.level <> 'medium' and a.page_at is null and ${inClinic("a.clinic_id")}`,
  }),
  toCheck({
    name: "pager-alive",
    promise: "a page is taken by a provider within five minutes",
    offenders: ({ inClinic }) => sql`
      select 'alr_' || a.id, a.level || ': no page of it has reached a provider, or one is due and nobody takes it up'
      from alerts a where a.state <> 'closed' and ${UNREACHED} and ${inClinic("a.clinic_id")}`,
  }),
  toCheck({
    name: "crisis-words",
    promise: "every approval in use can write the crisis text in both languages",
    offenders: ({ inClinic }) => sql`
      select 'apr_' || a.id, a.protocol || '@' || a.version || ' has no crisis text in ' || l.locale || ': approve it again; until then the shipped one goes'
      from protocol_approvals a cross join unnest(${[...LOCALES]}::text[]) as l (locale)
      where coalesce(btrim(a.templates #>> array['answer-crisis', l.locale, 'sms']), '') = '' and ${IN_USE} and ${inClinic("a.clinic_id")}`,
  }),
  toCheck({
    name: "crisis-text-sent",
    promise: "a crisis text to a number without a chart is handed over or given up within an hour, and never sent more than twice",
    // In safe mode it waits as everything does.
    offenders: ({ inClinic }) => sql`
      select coalesce('alr_' || l.id, 'in_' || r.inbound_id), r.state || ', calls whose answer is lost: ' || r.unanswered || ', stored at ' || r.stored_at
      from crisis_answers r left join lateral (select id from alerts where source_id = r.inbound_id order by raised_at limit 1) l on true
      where ${inClinic("r.clinic_id")} and (
        r.unanswered + case when r.provider_message_id is null then 0 else 1 end > ${sql.lit(MOST_UNANSWERED)}
        or (r.state in ('planned', 'sending') and (r.try_at < ${MACHINE_NOW} - interval '5 minutes' or r.stored_at < ${MACHINE_NOW} - interval '70 minutes')
          and (select safe_mode_since is null from clinic_clock)))`,
  }),
  toCheck({
    name: "desk-paged",
    promise:
      "the desk is paged about a visit within a day that somebody wants to move, within five minutes of the hour at which it is there",
    offenders: ({ inClinic }) => sql`
      select 'tsk_' || k.id, 'open, its page is due since ' || to_char(k.page_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') || ' and nobody has taken it up'
      from tasks k join sessions v on v.id = k.session_id
      where k.state = 'open' and k.page_at < ${CLINIC_NOW} - interval '5 minutes' and v.starts_at > ${CLINIC_NOW} and ${inClinic("k.clinic_id")}`,
  }),
  toCheck({
    name: "alert-ended-by-people",
    promise: "an alert is acknowledged and closed by a named person, with an outcome",
    offenders: ({ inClinic }) => sql`
      select 'alr_' || a.id, 'its state is ' || a.state || ' and nobody is named, or no outcome'
      from alerts a where ${inClinic("a.clinic_id")} and (
        (a.state = 'acknowledged' and (a.owner is null or a.acknowledged_at is null))
        or (a.state = 'closed' and (a.closed_by is null or a.outcome is null or a.closed_by = 'afterglow'))
        or (a.state = 'closed' and a.page_at is not null))`,
  }),
  toCheck({
    name: "alert-silence",
    promise: "nothing but what staff release or say goes to a patient with an open critical alert",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'planned, ' || t.purpose || ', although alert alr_' || a.id || ' is open'
      from alerts a join series s on s.patient_id = a.patient_id join touchpoints t on t.series_id = s.id join patients p on p.id = a.patient_id
      where a.state <> 'closed' and a.level = 'critical' and t.state = 'planned' and t.recipient <> 'staff' and t.released_at is null
        and t.purpose in ('survey', 'check-in', 'notice', 'preparation', 'reminder', 'urgent-change')
        and p.plan_revision = p.planned_revision and ${inClinic("a.clinic_id")}`,
  }),
];
