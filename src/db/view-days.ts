/** The days of a clinic with how many visits each has, for whoever closes or moves one. Reads only. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId } from "../domain/ids.ts";
import type { Span } from "../domain/touchpoint.ts";
import { type Database, toTimestamp } from "./database.ts";

export type DayCount = {
  /** `2027-01-11`, on the clinic's wall. */
  readonly day: string;
  readonly visits: number;
  /** Of these, those that somebody else's calendar holds. */
  readonly external: number;
};

/** Days without visits are left out; only visits that take place count. */
export async function countVisitsByDay(db: Database, clinicId: ClinicId, { from, to }: Span): Promise<DayCount[]> {
  const { rows } = await sql<DayCount>`
    select (v.starts_at at time zone c.zone)::date::text as day, count(*)::integer as visits, count(*) filter (where v.owner = 'external')::integer as external
    from sessions v join clinics c on c.id = v.clinic_id join series r on r.id = v.series_id
    where v.clinic_id = ${clinicId} and v.starts_at >= ${toTimestamp(from)}::timestamptz and v.starts_at < ${toTimestamp(to)}::timestamptz
      and v.status not in ('cancelled', 'postponed') and r.status <> 'void'
    group by 1 order by 1`.execute(db);
  return rows;
}

/** The clinic's revision: what changes of the whole clinic are refused by when it is another. */
export async function findClinicRevision(db: Database, clinicId: ClinicId): Promise<number> {
  const { rows } = await sql<{ revision: number }>`select revision from clinics where id = ${clinicId}`.execute(db);
  return rows[0]?.revision ?? 0;
}

export type ClinicFact = { readonly kind: string; readonly actor: string; readonly at: Instant };

/** Who has changed what about the whole clinic since that event, newest first. */
export async function listClinicChangesSince(db: Database, clinicId: ClinicId, seen: number): Promise<ClinicFact[]> {
  const { rows } = await sql<ClinicFact>`
    select kind, actor, clinic_at as at from events
    where clinic_id = ${clinicId} and id > ${seen} and (kind like 'clinic.%' or kind like 'roster.%') order by id desc limit 20`.execute(
    db,
  );
  return rows;
}
