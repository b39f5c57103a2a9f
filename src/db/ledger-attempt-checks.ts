/** Promises about attempts: the right to send is claimed before the call, once, and what came of it stands in both tables. */
import { sql } from "kysely";
import { type LedgerCheck, MACHINE_NOW, SKEW, toCheck } from "./ledger-check.ts";

export const ATTEMPT_CHECKS: readonly LedgerCheck[] = [
  toCheck({
    name: "intent-before-effect",
    promise: "every call was claimed before it began, and nothing is recorded as sent without an attempt",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || d.touchpoint_id, 'attempt ' || d.attempt || ' was called at ' || d.called_at || ' and claimed at ' || d.claimed_at
      from deliveries d where d.called_at < d.claimed_at - ${SKEW} and ${inClinic("d.clinic_id")}
      union all
      select 'tp_' || t.id, 'sent without an attempt'
      from touchpoints t
      where t.state = 'sent' and ${inClinic("t.clinic_id")} and not exists (select from deliveries d where d.touchpoint_id = t.id)`,
  }),
  toCheck({
    name: "sent-is-recorded",
    promise: "what a provider accepted is recorded as sent, and nothing else is",
    // What a provider reports, or a process that was gone for long brings, of a touchpoint that had ended otherwise is known and cannot be changed any more.
    offenders: ({ inClinic }) => sql`
      select 'tp_' || d.touchpoint_id, 'attempt ' || d.attempt || ' was accepted, and the touchpoint is ' || coalesce(t.state, 'not stored')
      from deliveries d left join touchpoints t on t.id = d.touchpoint_id
      where d.state = 'sent' and t.state is distinct from 'sent' and not (t.ended_at is not null and (d.provider_state is not null or d.answered_at > t.ended_at)) and ${inClinic("d.clinic_id")}
      union all
      select 'tp_' || t.id, 'sent, and no attempt was accepted'
      from touchpoints t
      where t.state = 'sent' and ${inClinic("t.clinic_id")}
        and exists (select from deliveries d where d.touchpoint_id = t.id)
        and not exists (select from deliveries d where d.touchpoint_id = t.id and d.state in ('sent', 'unknown'))`,
  }),
  toCheck({
    name: "one-attempt-in-flight",
    promise: "a touchpoint that is being sent has one attempt under way, its newest, and no other touchpoint has one",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || d.touchpoint_id, 'attempt ' || d.attempt || ' is under way, and the touchpoint is ' || coalesce(t.state || ' after ' || t.attempts, 'not stored')
      from deliveries d left join touchpoints t on t.id = d.touchpoint_id
      where d.state = 'sending' and ${inClinic("d.clinic_id")} and (t.id is null or t.state <> 'sending' or t.attempts <> d.attempt)
      union all
      select 'tp_' || t.id, 'being sent without an attempt under way'
      from touchpoints t
      where t.state = 'sending' and ${inClinic("t.clinic_id")}
        and not exists (select from deliveries d where d.touchpoint_id = t.id and d.attempt = t.attempts and d.state = 'sending')`,
  }),
  toCheck({
    name: "sending-is-held",
    promise: "what is being sent is in a worker's hands, and for no longer than a call can last",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, 'claimed at ' || coalesce(t.claimed_at::text, 'no time') || ' by ' || coalesce(t.worker_id::text, 'no worker')
      from touchpoints t
      where t.state = 'sending' and ${inClinic("t.clinic_id")}
        and (t.worker_id is null or t.claimed_at is null or t.claimed_at < ${MACHINE_NOW} - interval '5 minutes')`,
  }),
  toCheck({
    name: "attempts-are-counted",
    promise: "a touchpoint counts as many attempts as there are",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, t.attempts || ' counted, ' || coalesce(d.number, 0) || ' stored'
      from touchpoints t left join (select touchpoint_id, count(*) as number from deliveries group by touchpoint_id) d on d.touchpoint_id = t.id
      where t.attempts <> coalesce(d.number, 0) and ${inClinic("t.clinic_id")}`,
  }),
  toCheck({
    name: "sent-once",
    promise: "a touchpoint is accepted at most once, and at most once more where a repeat was decided and recorded",
    offenders: ({ inClinic }) => sql`
      select 'tp_' || t.id, d.number || ' attempts accepted or unknown, ' || t.resends || ' repeats recorded'
      from (
        select touchpoint_id, count(*) as number from deliveries where state in ('sent', 'unknown') group by touchpoint_id having count(*) > 1) d
        join touchpoints t on t.id = d.touchpoint_id
      where d.number > 1 + t.resends and ${inClinic("t.clinic_id")}`,
  }),
  toCheck({
    name: "provider-ids-are-unique",
    promise: "no two texts have the same id at the provider",
    offenders: ({ inClinic }) => sql`
      select 'del_' || min(d.id::text), count(*) || ' attempts over sms have one id'
      from deliveries d where d.channel = 'sms' and d.provider_message_id is not null and ${inClinic("d.clinic_id")}
      group by d.provider_message_id having count(*) > 1`,
  }),
  toCheck({
    name: "reports-are-folded",
    promise: "what a provider reports is folded into its attempt within ten minutes",
    // A report on an attempt that is still under way waits for the attempt's own record.
    offenders: ({ inClinic }) => sql`
      select coalesce('del_' || e.delivery_id, e.id::text), e.provider || ', received at ' || e.received_at
      from provider_events e left join deliveries d on d.id = e.delivery_id
      where e.folded_at is null and e.received_at < ${MACHINE_NOW} - interval '10 minutes' and d.state is distinct from 'sending' and ${inClinic("d.clinic_id")}`,
  }),
];
