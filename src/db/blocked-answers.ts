/** Crisis texts that did not come through: the carrier blocked them, or nobody could send them in time. */
import { sql } from "kysely";
import type { AlertId, ClinicId, CrisisAnswerId, TouchpointId } from "../domain/ids.ts";
import type { Tx } from "./database.ts";

export type BlockedAnswer = {
  readonly alertId: AlertId;
  readonly clinicId: ClinicId;
  /** The touchpoint that carried it, or the answer to a number without one. */
  readonly answerId: TouchpointId | CrisisAnswerId;
  readonly why: string;
};

/** Not handed over by then, it has not been read either. */
const WAITING_MINUTES = 2;

const NOT_SAID_YET = sql`not exists (select from events e where e.subject_id = a.id and e.kind = 'alert.answer-blocked')`;

/** Of alerts that are not closed, each once: those whose story says so already are left out. */
export async function findBlockedAnswers(tx: Tx): Promise<BlockedAnswer[]> {
  const { rows } = await sql<BlockedAnswer>`
    select a.id as alert_id, a.clinic_id, t.id as answer_id, coalesce(d.provider_code, d.code, t.reason, t.state) as why
    from clinics c
      join alerts a on a.clinic_id = c.id and a.state <> 'closed' and a.source = 'inbound-message'
      join series s on s.patient_id = a.patient_id
      join touchpoints t on t.series_id = s.id and t.key = 'answer/' || a.source_id || '/answer-crisis'
      left join lateral (select provider_code, code, rank from deliveries where touchpoint_id = t.id order by attempt desc limit 1) d on true
    where (t.state in ('failed', 'held', 'suppressed', 'expired', 'superseded', 'cancelled') or (t.state = 'sent' and d.rank between 50 and 59)
        or (t.state in ('planned', 'sending', 'unknown') and a.stored_at < clock_timestamp() - make_interval(mins => ${WAITING_MINUTES})))
      and ${NOT_SAID_YET}
    union all
    select a.id, a.clinic_id, r.id, coalesce(r.code, r.state)
    from crisis_answers r join alerts a on a.source_id = r.inbound_id and a.state <> 'closed' and a.source = 'inbound-message'
    where (r.state = 'failed' or (r.state = 'sent' and r.rank between 50 and 59)
        or (r.state in ('planned', 'sending', 'unknown') and r.stored_at < clock_timestamp() - make_interval(mins => ${WAITING_MINUTES})))
      and ${NOT_SAID_YET}`.execute(tx);
  return rows;
}
