/** Promises about live rows and the facts of today: nothing is left of what a fact has forbidden, and nothing is held without a block. */
import { type RawBuilder, sql } from "kysely";
import { type LedgerCheck, toCheck } from "./ledger-check.ts";

/** A plan that is being made may still hold what the fact will take out of it; the revision says so. */
const PLANNED = sql`p.plan_revision = p.planned_revision`;

/** Whether the touchpoint's rule, as approved, is measured from one of these anchors. */
function isAbout(...anchors: readonly string[]): RawBuilder<unknown> {
  return sql`exists (
    select from series s join protocol_approvals a on a.id = s.approval_id, jsonb_array_elements(a.content -> 'rules') r
    where s.id = t.series_id and r ->> 'id' = t.rule and r ->> 'anchor' = any(${sql.lit(`{${anchors.join(",")}}`)}::text[]))`;
}

/** It follows the plan. What is held because its answer was lost does not: only evidence, or staff, settle it. */
const LIVE = sql`(t.state = 'planned' or (t.state = 'held' and t.reason is distinct from 'unknown'))`;
/** A provider may have it. */
const IN_FLIGHT = sql`(t.state in ('sending', 'unknown') or (t.state = 'held' and t.reason = 'unknown'))`;

const STANDING = sql`t.state || coalesce(' (' || t.reason || ')', '')`;

export const FACT_CHECKS: readonly LedgerCheck[] = [
  toCheck({
    name: "ended-series-is-silent",
    promise:
      "of a series that was stopped or voided nothing is to come but what is said about its end, and, if stopped, after a dose that was given",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, ${STANDING} || ', the series is ' || s.status
      from series s join patients p on p.id = s.patient_id join touchpoints t on t.series_id = s.id left join sessions v on v.id = t.session_id
      where s.status in ('stopped', 'void') and ${LIVE} and ${PLANNED} and ${inClinic("t.clinic_id")} and not ${isAbout("series.ended")}
        and not (t.recipient = 'escort' and ${isAbout("session.off")})
        and not (s.status = 'stopped' and v.status in ('dosed', 'discharged'))`,
  }),
  toCheck({
    name: "old-times-are-silent",
    promise: "of a session that was moved nothing is to come that belongs to its old time",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, ${STANDING} || ', of arming ' || t.arming || ' and the session is at ' || v.arming
      from touchpoints t join sessions v on v.id = t.session_id join patients p on p.id = t.patient_id
      where t.arming <> v.arming and ${PLANNED} and ${inClinic("t.clinic_id")}
        and (${LIVE} or (${IN_FLIGHT} and t.unwanted_at is null))`,
  }),
  toCheck({
    name: "lost-sessions-are-silent",
    promise: "of a session that does not take place nothing is to come but what is said about that",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, ${STANDING} || ', the session is ' || v.status
      from sessions v join touchpoints t on t.session_id = v.id and t.arming = v.arming join patients p on p.id = t.patient_id
      where v.status in ('cancelled', 'postponed', 'no_show', 'not_dosed') and ${LIVE} and ${PLANNED} and ${inClinic("t.clinic_id")}
        and not ${isAbout("session.off", "session.missed", "series.ended")}`,
  }),
  toCheck({
    name: "blocks-hold",
    promise: "while a patient is on hold or a series paused, nothing of it is planned for the patient or the escort",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'planned, ' || case when p.hold_code is null then 'the series is paused' else 'the patient is on hold (' || p.hold_code || ')' end
      from series s join patients p on p.id = s.patient_id join touchpoints t on t.series_id = s.id
      where (p.hold_code is not null or s.status = 'paused') and t.state = 'planned' and t.recipient <> 'staff' and ${PLANNED} and ${inClinic("t.clinic_id")}`,
  }),
  toCheck({
    name: "held-has-its-block",
    promise: "what is held says why, and that block still stands",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'held for ' || coalesce(t.reason, 'no reason') || ', which does not stand'
      from touchpoints t join patients p on p.id = t.patient_id join series s on s.id = t.series_id
        left join contact_points c on c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel
      where t.state = 'held' and ${PLANNED} and ${inClinic("t.clinic_id")} and case t.reason
        when 'patient-hold' then p.hold_code is null
        when 'series-paused' then s.status <> 'paused'
        when 'no-consent' then coalesce(c.granted, false)
        when 'opted-out' then not exists (
          select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index)
        when 'unknown' then t.attempts = 0
        when 'open-alert' then not exists (select from alerts a where a.patient_id = t.patient_id and a.state <> 'closed' and a.level = 'critical')
        when 'unverified' then false
        else true end`,
  }),
  toCheck({
    name: "consent-is-the-ledgers",
    promise: "the consent that a claim reads is what the newest entry of the ledger says of that address",
    offenders: ({ inClinicOfPatient }) => sql`
      select 'pat_' || c.patient_id, c.person || ' over ' || c.channel || ': ' || case when c.granted then 'granted' else 'not granted' end
        || ', and the ledger says ' || coalesce(l.action, 'nothing')
      from contact_points c left join lateral (
        select action from consents l
        where l.patient_id = c.patient_id and l.person = c.person and l.channel = c.channel and l.address_index is not distinct from c.address_index
        order by l.at desc, l.recorded_at desc, l.id desc limit 1) l on true
      where c.granted <> (coalesce(l.action, 'revoked') = 'granted') and ${inClinicOfPatient("c.patient_id")}
      union all
      select 'pat_' || p.id, 'detail: ' || p.detail_accepted || ', and the ledger says ' || coalesce(l.action, 'nothing')
      from patients p left join lateral (
        select action from consents l where l.patient_id = p.id and l.channel = 'detail' order by l.at desc, l.recorded_at desc, l.id desc limit 1) l on true
      where p.detail_accepted <> (coalesce(l.action, 'revoked') = 'granted') and ${inClinicOfPatient("p.id")}`,
  }),
];
