/** Promises about when a provider was called, and for whom: never late, never early, never against what was known at the claim. */
import { sql } from "kysely";
import { CLAIM_TO_CALL, CLINIC_NOW, COMMIT, type LedgerCheck, SKEW, toCheck } from "./ledger-check.ts";

/** The last attempt of each touchpoint that is not to be sent again: its times are still those of the claim. */
const LAST_CALLS = sql`
  deliveries d join touchpoints t on t.id = d.touchpoint_id and t.attempts = d.attempt and t.state not in ('planned', 'held') and d.called_at is not null`;
const LAST_MOMENT = sql`least(t.send_by, t.expires_at) + ${CLAIM_TO_CALL}`;
/** A UUIDv7 begins with the milliseconds at which it was made. */
const MADE_AT = sql`to_timestamp(('x' || substr(replace(t.id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)`;

export const CALL_CHECKS: readonly LedgerCheck[] = [
  toCheck({
    name: "never-late",
    promise: "nothing is sent after its last moment",
    needsRealTime: true,
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'called at ' || d.called_at || ', the last moment was ' || least(t.send_by, t.expires_at)
      from ${LAST_CALLS} where d.called_at > ${LAST_MOMENT} and ${inClinic("t.clinic_id")}`,
  }),
  toCheck({
    name: "never-early",
    promise: "nothing is sent before it is due",
    needsRealTime: true,
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'called at ' || d.called_at || ', first due at ' || t.first_try_at
      from ${LAST_CALLS} where d.called_at < t.first_try_at - ${SKEW} and ${inClinic("t.clinic_id")}`,
  }),
  toCheck({
    name: "in-its-hours",
    promise: "nothing is sent in quiet hours, nor at any other moment that its plan did not allow",
    needsRealTime: true,
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, t.purpose || ' called at ' || d.called_at || ', legal ' || t.legal_at
      from ${LAST_CALLS}
      where d.called_at between t.first_try_at - ${SKEW} and ${LAST_MOMENT} and ${inClinic("t.clinic_id")}
        and not t.legal_at && tstzrange(d.called_at - ${CLAIM_TO_CALL}, d.called_at + ${SKEW}, '[]')`,
  }),
  toCheck({
    name: "unwanted-is-not-called",
    promise: "nothing is claimed once a newer fact forbids it, or once it has ended",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, t.state || ', claimed at ' || d.claimed_at || ', forbidden since ' || least(t.unwanted_at, t.ended_at)
      from deliveries d join touchpoints t on t.id = d.touchpoint_id
      where d.claimed_at > least(t.unwanted_at, t.ended_at) and ${inClinic("t.clinic_id")}`,
  }),
  toCheck({
    name: "opt-out-is-kept",
    promise: "no address is written to after it has opted out",
    needsRealTime: true,
    // Two answers go all the same, to a text that has just come: the one that confirms the opt-out, and the crisis text.
    // The address that was written to is that of the newest consent before the claim; it may be another one today.
    offenders: ({ inClinic }) => sql`
      select distinct 'tp_' || t.id, 'claimed at ' || d.claimed_at || ', the address had opted out at ' || o.at
      from opt_outs o
        join consents c on c.group_id = o.group_id and c.channel = o.channel and c.address_index = o.address_index and c.action = 'granted'
        join touchpoints t on t.patient_id = c.patient_id and t.recipient = c.person and t.channel = c.channel and t.attempts > 0
        join deliveries d on d.touchpoint_id = t.id
      where d.called_at is not null and d.claimed_at > o.at + ${COMMIT} and c.recorded_at <= d.claimed_at and ${inClinic("t.clinic_id")}
        and not (t.purpose = 'answer' and t.template in ('answer-stopped', 'answer-crisis'))
        and not exists (
          select from consents n
          where n.patient_id = c.patient_id and n.person = c.person and n.channel = c.channel and n.action = 'granted'
            and n.recorded_at <= d.claimed_at and n.at > c.at and n.address_index is distinct from c.address_index)`,
  }),
  toCheck({
    name: "consent-came-first",
    promise: "nobody is written to without a consent that stood at that moment",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'no consent to ' || t.channel || ' was ever given'
      from touchpoints t
      where t.attempts > 0 and t.channel in ('email', 'sms') and ${inClinic("t.clinic_id")}
        and not exists (select from consents c where c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel and c.action = 'granted')
      union
      select 'tp_' || t.id, 'claimed at ' || d.claimed_at || ', the consent had been revoked at ' || r.recorded_at
      from consents r
        join touchpoints t on t.patient_id = r.patient_id and t.recipient = r.person and t.channel = r.channel and t.attempts > 0
        join deliveries d on d.touchpoint_id = t.id
      where r.action = 'revoked' and d.claimed_at > r.recorded_at + ${COMMIT} and ${inClinic("t.clinic_id")}
        and not exists (
          select from consents g
          where g.patient_id = r.patient_id and g.person = r.person and g.channel = r.channel and g.action = 'granted'
            and g.recorded_at >= r.recorded_at and g.recorded_at <= d.claimed_at)`,
  }),
  toCheck({
    name: "never-for-a-time-that-is-gone",
    promise: "nothing is sent about a session's time after the session was moved, postponed or cancelled",
    needsRealTime: true,
    // What was made after the change speaks of it.
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'claimed at ' || d.claimed_at || ', the session had changed at ' || v.changed_at
      from sessions v join touchpoints t on t.session_id = v.id and t.attempts > 0 join deliveries d on d.touchpoint_id = t.id
      where d.called_at is not null and d.claimed_at > v.changed_at + ${COMMIT} and ${inClinic("t.clinic_id")}
        and (t.arming < v.arming or v.status in ('cancelled', 'postponed')) and ${MADE_AT} < v.changed_at - ${SKEW}`,
  }),
  toCheck({
    name: "switches-are-kept",
    promise: "nothing is sent while a switch stops it",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'claimed at ' || d.claimed_at || ', ' || s.scope || ' was off from ' || s.off_at
      from switches s
        join touchpoints t on t.attempts > 0 and (s.clinic_id is null or s.clinic_id = t.clinic_id) and case s.scope
          when 'channel' then s.subject = t.channel
          when 'template' then s.subject = t.template
          when 'patient' then s.subject = t.patient_id::text
          else true end
        join deliveries d on d.touchpoint_id = t.id and d.claimed_at > s.off_at + ${COMMIT} and d.claimed_at < coalesce(s.on_at, 'infinity')
      where ${inClinic("t.clinic_id")}`,
  }),
  toCheck({
    name: "budget-is-kept",
    promise: "a patient gets no more texts in a week than the clinic allows, but for what is critical or cannot wait",
    // By the week in which they were due, as they were planned; a clinic that allows fewer from now on looks back two weeks at most.
    offenders: ({ inClinic }) => sql`
      select 'pat_' || t.patient_id, count(*) || ' texts in one week, allowed are ' || max(c.texts_per_week)
      from touchpoints t join patients p on p.id = t.patient_id join clinics c on c.id = t.clinic_id
      where t.channel = 'sms' and t.recipient = 'patient' and t.state = 'sent' and t.importance <> 'critical' and t.purpose <> 'urgent-change'
        and t.due_at > ${CLINIC_NOW} - interval '14 days' and ${inClinic("t.clinic_id")}
      group by t.patient_id, date_trunc('week', t.due_at at time zone p.zone) having count(*) > max(c.texts_per_week)`,
  }),
  toCheck({
    name: "safe-mode-is-kept",
    promise: "nothing is sent in safe mode",
    needsRealTime: true,
    offenders: ({ inClinic }) => sql`
      select 'tp_' || d.touchpoint_id, 'claimed at ' || d.claimed_at || ', safe since ' || k.safe_mode_since
      from clinic_clock k join deliveries d on d.claimed_at > k.safe_mode_since + ${COMMIT} where ${inClinic("d.clinic_id")}`,
  }),
];
