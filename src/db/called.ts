/** What came of the call that a touchpoint `t` became, as one expression: by the outcome that staff gave, never by time. */
import { sql } from "kysely";

/**
 * `told`: done, and the person was reached, or staff say otherwise how it ended. `perhaps`: a voicemail, or somebody had taken it when the fact changed that it was
 * about. Null: nobody was reached, it is still on the list, it was dropped, or there is none. Rows that are waiting or under way have no task yet.
 */
export const CALLED = sql`case when t.state in ('tasked', 'expired', 'suppressed', 'failed') then (
  select case when bool_or(k.state = 'done' and k.outcome not in ('voicemail', 'no-answer')) then 'told'
    when bool_or((k.state = 'done' and k.outcome = 'voicemail') or k.state = 'taken' or (k.state = 'cancelled' and k.assignee is not null)) then 'perhaps' end
  from tasks k where k.touchpoint_id = t.id and k.kind <> 'settle-unknown') end`;

/** Machine time at which a call about `t` was last taken or made; null: never. */
export const CALLED_AT = sql`(
  select max(e.recorded_at) from tasks k join events e on e.subject_id = k.id and e.kind in ('task.taken', 'task.done') where k.touchpoint_id = t.id)`;
