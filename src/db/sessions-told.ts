/** The sessions of which one message speaks beside its own: what was merged into it, and what a series that has ended leaves in a calendar. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

export type ToldSession = {
  readonly id: SessionId;
  readonly kind: string;
  readonly setting: string;
  readonly zone: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly dischargedAt: Instant | null;
  readonly place: string | null;
  readonly withWhom: string | null;
  readonly joinUrl: string | null;
  readonly sequence: number;
  readonly sessionStatus: string;
  readonly toldStartsAt: Instant | null;
  readonly changedBecause: string | null;
  readonly pickupAt: Instant | null;
};

const COLUMNS = sql`
  v.id, v.kind, v.setting, v.zone, v.starts_at, v.ends_at, v.discharged_at, v.place, v.with_whom, v.join_url, v.sequence, v.status as session_status,
  v.told_starts_at, v.changed_because, v.pickup_at`;

/** The sessions of the touchpoints that were merged into these, in any series of the patient; not those that changed again since, which are told anew. */
export async function loadToldTogether(
  db: Database,
  ids: readonly TouchpointId[],
): Promise<(ToldSession & { readonly touchpointId: TouchpointId })[]> {
  const { rows } = await sql<ToldSession & { readonly touchpointId: TouchpointId }>`
    select t.id as touchpoint_id, ${COLUMNS}
    from touchpoints t
      join series s on s.patient_id = t.patient_id
      join touchpoints m on m.series_id = s.id and m.merged_into = t.id
      join sessions v on v.id = m.session_id
    where t.id = any(${ids}::uuid[]) and m.state = 'suppressed' and m.reason = 'merged' and m.arming = v.arming and m.session_id <> t.session_id
    order by coalesce(v.told_starts_at, v.starts_at), v.id`.execute(db);
  return rows;
}

/** What the end of these series took out of the patient's calendar: sessions called off with it that a mail had invited to. */
export async function loadCalledOff(
  db: Database,
  seriesIds: readonly SeriesId[],
): Promise<(ToldSession & { readonly seriesId: SeriesId })[]> {
  const { rows } = await sql<ToldSession & { readonly seriesId: SeriesId }>`
    select v.series_id, ${COLUMNS}
    from series s join sessions v on v.series_id = s.id
    where s.id = any(${seriesIds}::uuid[]) and v.status = 'cancelled' and v.changed_at >= s.ended_at
      and exists (
        select from touchpoints t
        where t.series_id = s.id and t.session_id = v.id and t.recipient = 'patient' and t.channel = 'email' and t.state in ('sending', 'unknown', 'sent'))
    order by v.starts_at, v.id`.execute(db);
  return rows;
}

/** The sessions that a question back offers, in the order of their letters. */
export async function loadOfferedSessions(
  db: Database,
  ids: readonly TouchpointId[],
): Promise<(ToldSession & { readonly touchpointId: TouchpointId })[]> {
  const { rows } = await sql<ToldSession & { readonly touchpointId: TouchpointId }>`
    select t.id as touchpoint_id, ${COLUMNS}
    from touchpoints t
      join inbound_messages m on m.id = split_part(t.key, '/', 2)::uuid
      cross join unnest(m.offered) with ordinality as o (id, place)
      join sessions v on v.id = o.id
    where t.id = any(${ids}::uuid[]) and t.key like 'answer/%' order by t.id, o.place`.execute(db);
  return rows;
}
