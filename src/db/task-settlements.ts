/** Which fact settles a task, as one expression over the task `k`, its patient `p`, series `s`, session `v`, touchpoint `t` and that touchpoint's rule `r`. */
import { sql } from "kysely";

const ABOUT_VISIT = sql`k.kind in ('call', 'find-driver', 'record-outcome', 'file-form')`;
const TO_PERSON = sql`k.kind in ('call', 'find-driver')`;
/** Somebody to take the patient home is needed until the patient has gone home. */
const ABOUT_COMPANION = sql`(k.kind = 'find-driver' or t.recipient = 'escort' or r.asks_for_escort)`;
/** A call about the end itself: to the patient, or to whoever was about to drive. */
const ABOUT_END = sql`(coalesce(r.anchor, '') = 'series.ended' or (coalesce(r.anchor, '') = 'session.off' and t.recipient = 'escort'))`;

/** The patient has said last who comes, for this visit as it stands. */
const HAS_NAMED = sql`
  (select a.kind = 'driver-named' from session_answers a
    where a.session_id = k.session_id and a.arming = v.arming and a.kind in ('driver-named', 'driver-missing') order by a.at desc, a.id desc limit 1)`;

/**
 * The first fact that settles the task, as one of `SETTLEMENTS`; null while none does. A task without a touchpoint was opened for a fact of its own, so only a
 * change that came after it settles it.
 */
export const SETTLEMENT = sql`
  case
    when k.kind = 'file-form' and v.form_filed_at is not null then 'form-filed'
    when (k.kind = 'record-outcome' or k.template = 'no-outcome-call') and v.status not in ('scheduled', 'arrived') then 'outcome-recorded'
    when ${ABOUT_VISIT} and case when t.id is null then k.opened_at < v.changed_at and v.status = 'scheduled' else t.arming < v.arming end then 'session-moved'
    when ${ABOUT_VISIT} and v.status in ('cancelled', 'postponed')
      and case when t.id is null then k.opened_at < v.changed_at else r.anchor is distinct from 'session.off' end then 'session-off'
    when ${ABOUT_VISIT} and t.id is not null and (v.status in ('not_dosed', 'completed') or (v.status = 'no_show' and r.anchor is distinct from 'session.missed'))
      then 'outcome-recorded'
    when ${TO_PERSON} and r.anchor = 'session.start' and t.due_at < v.starts_at
      and v.status = any(case when ${ABOUT_COMPANION} then '{discharged}'::text[] else '{arrived,dosed,discharged}'::text[] end) then 'visit-begun'
    when r.anchor = 'session.ready' and t.occurrence < v.pickup_round then 'pickup-changed'
    when (k.kind = 'find-driver' or r.asks_for_escort) and (exists (select from escorts e where e.patient_id = k.patient_id and coalesce(e.only_session_id = k.session_id, true)) or ${HAS_NAMED}) then 'driver-named'
    when s.status = 'void' and k.kind <> 'settle-unknown' and case when t.id is null then k.opened_at < s.ended_at else not ${ABOUT_END} end
      then 'series-ended'
    when s.status = 'stopped' and (${TO_PERSON} or k.kind in ('review', 'verify')) and (v.id is null or v.starts_at > s.ended_at)
      and case when t.id is null then k.opened_at < s.ended_at else not ${ABOUT_END} end then 'series-ended'
    when ${TO_PERSON} and p.hold_code = 'deceased' then 'deceased'
    when k.kind = 'verify' and p.verified_at >= k.opened_at then 'verified'
    when k.template = 'decide-held' and not (t.state = 'held' and t.reason = 'open-alert') then 'answered'
    when k.kind = 'settle-unknown' and not (t.state in ('sending', 'unknown') or (t.state = 'held' and t.reason = 'unknown')) then 'answered'
  end`;
