/** Silence that matters: where somebody was asked how they are, or was alone at home, and nobody has heard from them. */
import { sql } from "kysely";
import type { AlertCause } from "../domain/alert.ts";
import type { Database } from "./database.ts";

/** Six hours after ten in the morning leave an hour in which somebody is at the phone: a default of this project, to be confirmed by the clinic. */
const NEXT_DAY_HOURS = 6;
/** Two hours after the planned end, an hour and a half after the patient was asked: a default of this project, to be confirmed by the clinic. */
const HOME_END_HOURS = 2;
/** What is older was looked at by other means, or stood before this program did. */
const LOOK_BACK_HOURS = 48;

/** Any sign of life since `since`: an answer, a text, a word about a visit, or an alert that somebody has closed by reaching them. */
const heardSince = (since: ReturnType<typeof sql>) => sql`(
  exists (select from survey_responses r where r.patient_id = v.patient_id and r.answered_at >= ${since})
  or exists (select from inbound_messages i where i.patient_id = v.patient_id and i.received_at >= ${since})
  or exists (select from session_answers w where w.patient_id = v.patient_id and w.at >= ${since} and w.via <> 'staff')
  or exists (select from tasks k where k.patient_id = v.patient_id and k.kind = 'call' and k.outcome = 'reached' and k.closed_at >= ${since}))`;

/** A next-day check that was sent to a watched patient and to which nothing has come back; those that were raised before are left out. */
export async function findUnansweredChecks(db: Database): Promise<AlertCause[]> {
  const { rows } = await sql<AlertCause>`
    select v.clinic_id, v.patient_id, v.series_id, v.id as session_id, 'no-next-day-answer' as kind, 'high' as level, 'touchpoint' as source, t.id as source_id
    from clinics c
      cross join (select afterglow_now() as now) n
      join sessions v on v.clinic_id = c.id and v.starts_at between n.now - make_interval(hours => ${LOOK_BACK_HOURS + 48}) and n.now
      join patients p on p.id = v.patient_id and p.watched and p.hold_code is null
      join touchpoints t on t.series_id = v.series_id and t.session_id = v.id and t.rule = 'next-day' and t.recipient = 'patient' and t.state = 'sent'
    where greatest(t.due_at, t.try_at) between n.now - make_interval(hours => ${LOOK_BACK_HOURS}) and n.now - make_interval(hours => ${NEXT_DAY_HOURS})
      and not ${heardSince(sql`t.due_at`)}
      and not exists (select from alerts a where a.source_id = t.id and a.kind = 'no-next-day-answer')`.execute(db);
  return rows;
}

/** A session at home whose end is long over and of which nobody has said that it has ended; those that were raised before are left out. */
export async function findUnreportedEnds(db: Database): Promise<AlertCause[]> {
  const { rows } = await sql<AlertCause>`
    select v.clinic_id, v.patient_id, v.series_id, v.id as session_id, 'no-home-end' as kind, 'critical' as level, 'session' as source, v.id as source_id
    from clinics c
      cross join (select afterglow_now() as now) n
      join sessions v on v.clinic_id = c.id and v.starts_at between n.now - make_interval(hours => ${LOOK_BACK_HOURS}) and n.now
      join patients p on p.id = v.patient_id and p.hold_code is null
      join series s on s.id = v.series_id and s.status in ('enqueued', 'active', 'paused', 'completed')
    where v.setting = 'home' and v.kind in ('dosing', 'booster') and v.owner = 'ours' and v.status in ('scheduled', 'arrived', 'dosed')
      and v.ends_at <= n.now - make_interval(hours => ${HOME_END_HOURS})
      and not ${heardSince(sql`v.ends_at`)}
      and not exists (
        select from session_answers w where w.session_id = v.id and w.arming = v.arming and w.kind in ('session-over', 'home-safe', 'home-trouble'))
      and not exists (select from alerts a where a.source_id = v.id and a.kind = 'no-home-end')`.execute(db);
  return rows;
}
