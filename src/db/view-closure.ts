/** Whom a closure concerns and who has been told of it, as staff look at it to call the rest; reads only. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId, SeriesId, SessionId, TaskId, TouchpointId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { TouchpointState } from "../domain/touchpoint.ts";
import type { Closure } from "./closures.ts";
import { type Database, toTimestamp } from "./database.ts";

/** One message about the closure, or one call: in its place, or to find a new time. */
export type Notice = {
  readonly touchpoint: TouchpointId;
  readonly channel: "email" | "sms" | "task";
  readonly state: TouchpointState;
  readonly reason: string | null;
  /** What the provider reported of the newest attempt, and how far that has come (see `providerRank`). */
  readonly report: string | null;
  readonly rank: number;
  /** The call that is to be made, or was. */
  readonly task: TaskId | null;
  readonly taskState: string | null;
};

export type ClosedOut = {
  readonly sessionId: SessionId;
  readonly seriesId: SeriesId;
  readonly patientId: PatientId;
  readonly refSealed: Buffer;
  readonly zone: Zone;
  /** When it would have been. */
  readonly startsAt: Instant;
  /** Null: nothing had been announced, so nothing is sent. */
  readonly toldStartsAt: Instant | null;
  /** False while the plan that follows is still to be made. */
  readonly planIsFresh: boolean;
  /** False while the patient is on hold for a reason that asks for silence on the phone as well. */
  readonly mayBeCalled: boolean;
  readonly notices: readonly Notice[];
};

/**
 * The sessions that the closure postponed and that have no new time yet, in order of time. A notice that another one tells too stands as that one does; an attempt
 * that nobody confirmed shows what is known.
 */
export async function listClosedOut(db: Database, { clinicId, from, to, closedAt }: Closure): Promise<ClosedOut[]> {
  const [start, end] = [sql`${toTimestamp(from)}::timestamptz`, sql`${toTimestamp(to)}::timestamptz`];
  const { rows } = await sql<ClosedOut>`
    select s.id as session_id, s.series_id, s.patient_id, p.ref_sealed, s.zone, s.starts_at, s.told_starts_at, p.plan_revision = p.planned_revision as plan_is_fresh,
      coalesce(p.hold_code not in ('deceased', 'privacy'), true) as may_be_called,
      coalesce((
        select jsonb_agg(jsonb_build_object('touchpoint', t.id, 'channel', t.channel, 'state', coalesce(m.state, t.state), 'reason', t.reason,
          'report', d.provider_state, 'rank', coalesce(d.rank, 0), 'task', k.id, 'taskState', k.state) order by t.due_at, t.key)
        from touchpoints t
          join series r on r.id = t.series_id join protocol_approvals a on a.id = r.approval_id
          left join touchpoints m on m.id = t.merged_into
          left join lateral (
            select d.provider_state, d.rank from deliveries d where d.touchpoint_id = coalesce(m.id, t.id) order by d.attempt desc limit 1) d on true
          left join lateral (
            select k.id, k.state from tasks k where k.touchpoint_id = t.id and k.kind = 'call' order by k.opened_at desc limit 1) k on true
        where t.series_id = s.series_id and t.session_id = s.id and t.recipient in ('patient', 'staff') and t.due_at >= s.changed_at and exists (
          select from jsonb_array_elements(a.content -> 'rules') as rules (rule) where rule ->> 'id' = t.rule and rule ->> 'anchor' = 'session.off')), '[]') as notices
    from sessions s join patients p on p.id = s.patient_id
    where s.clinic_id = ${clinicId} and s.status = 'postponed' and s.changed_because = 'clinic' and s.changed_at >= ${toTimestamp(closedAt)}::timestamptz
      and s.starts_at < ${end} and s.starts_at > ${start} - interval '2 days' and s.ends_at > ${start}
    order by s.starts_at, s.id`.execute(db);
  return rows;
}
