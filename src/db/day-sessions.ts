/** The sessions of a clinic within a span, and the silence about them when the clinic closes or moves them: each statement for all of them at once. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import type { SessionStatus } from "../domain/patient-facts.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { SessionKind } from "../domain/protocol.ts";
import type { Span } from "../domain/touchpoint.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";

export type DaySession = {
  readonly id: SessionId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly clinicId: ClinicId;
  readonly approvalId: ApprovalId;
  readonly refSealed: Buffer;
  readonly kind: SessionKind;
  readonly owner: "ours" | "external";
  readonly status: SessionStatus;
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly arming: number;
  readonly toldStartsAt: Instant | null;
  readonly toldOff: boolean;
  /** Machine time of its last move, postponement or cancellation. */
  readonly alteredAt: Instant | null;
  /** Channels over which the patient may be told something now. */
  readonly channels: readonly ("email" | "sms")[];
  /** False while the patient is on hold for a reason that asks for silence on the phone as well. */
  readonly mayBeCalled: boolean;
};

/** No session lasts longer; lets the index on the start bound the search from below. */
const LONGEST = sql`interval '2 days'`;

/** Sessions to come or under way that overlap the span, of series that have not ended, in order of time. */
export async function listSessionsWithin(db: Database, clinicId: ClinicId, { from, to }: Span): Promise<DaySession[]> {
  return select(
    db,
    sql`s.clinic_id = ${clinicId} and s.starts_at < ${toTimestamp(to)}::timestamptz and s.starts_at > ${toTimestamp(from)}::timestamptz - ${LONGEST}
      and s.ends_at > ${toTimestamp(from)}::timestamptz`,
  );
}

/** All sessions to come or under way of these patients, at whatever clinic: what may stand in the way of a move. */
export async function listSessionsOfPatients(db: Database, patientIds: readonly PatientId[]): Promise<DaySession[]> {
  return select(db, sql`s.patient_id = any(${patientIds}::uuid[])`);
}

async function select(db: Database, which: ReturnType<typeof sql>): Promise<DaySession[]> {
  const { rows } = await sql<DaySession>`
    select s.id, s.patient_id, s.series_id, s.clinic_id, r.approval_id, p.ref_sealed, s.kind, s.owner, s.status, s.zone, s.starts_at, s.ends_at,
      s.arming, s.told_starts_at, s.told_off,
      (select max(e.recorded_at) from events e where e.subject_id = s.id and e.kind in ('session.moved', 'session.postponed', 'session.cancelled')) as altered_at,
      case when p.hold_code is not null then '{}' else array(
        select c.channel from contact_points c
        where c.patient_id = s.patient_id and c.person = 'patient' and c.granted and c.dead_at is null and c.address_index is not null
          and not exists (select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index)
        order by c.channel) end as channels,
      coalesce(p.hold_code not in ('deceased', 'privacy'), true) as may_be_called
    from sessions s join series r on r.id = s.series_id join patients p on p.id = s.patient_id
    where ${which} and s.status in ('scheduled', 'arrived', 'dosed') and r.status in ('enqueued', 'active', 'paused')
    order by s.starts_at, s.id`.execute(db);
  return rows;
}

export type Silenced = {
  /** Rows that will never be sent. */
  readonly ended: number;
  /** Rows that may be on their way already: never sent again. */
  readonly inFlight: number;
};

/** Ends what was going to be said about these sessions, decided on each row as it is now: a worker may have claimed it a moment ago. */
export async function silenceSessions(
  tx: Tx,
  sessions: readonly Pick<DaySession, "id" | "seriesId">[],
  as: "cancelled" | "superseded",
): Promise<Silenced> {
  const { rows } = await sql<Silenced>`
    with silenced as (
      update touchpoints t set
        state = case when t.state in ('planned', 'held') then ${as} else t.state end,
        unwanted_at = case when t.state in ('sending', 'unknown') then coalesce(t.unwanted_at, clock_timestamp()) else t.unwanted_at end
      where t.series_id = any(${[...new Set(sessions.map(({ seriesId }) => seriesId))]}::uuid[])
        and t.session_id = any(${sessions.map(({ id }) => id)}::uuid[]) and t.state in ('planned', 'held', 'sending', 'unknown')
      returning t.state)
    select count(*) filter (where state = ${as}) as ended, count(*) filter (where state <> ${as}) as in_flight from silenced`.execute(tx);
  return rows[0] ?? { ended: 0, inFlight: 0 };
}
