/** Days and hours on which a clinic closes unexpectedly, beside the holidays of its settings. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { type CalendarDay, formatDay, type Instant } from "../domain/calendar.ts";
import type { ClinicId, ClosureId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { Span } from "../domain/touchpoint.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";

/** Locks a clinic against other facts about the whole of it, before any of its patients is locked; returns its revision. Bookings go on. */
export async function lockClinic(tx: Tx, id: ClinicId): Promise<number> {
  const { rows } = await sql<{ revision: number }>`select revision from clinics where id = ${id} for no key update`.execute(tx);
  const [clinic] = rows;
  if (!clinic) throw new Error(`Clinic ${id} is not stored`);
  return clinic.revision;
}

/** A fact about the whole clinic has changed. Returns the new revision. */
export async function raiseClinicRevision(tx: Tx, id: ClinicId): Promise<number> {
  const { rows } = await sql<{ revision: number }>`update clinics set revision = revision + 1 where id = ${id} returning revision`.execute(
    tx,
  );
  return rows[0]?.revision ?? 0;
}

export type Closure = {
  readonly id: ClosureId;
  readonly clinicId: ClinicId;
  readonly clinic: string;
  readonly zone: Zone;
  readonly from: Instant;
  readonly to: Instant;
  /** The day that this closure added to the clinic's closed days; null for a part of a day, and for a day that was closed already. */
  readonly wholeDay: string | null;
  readonly reason: string;
  readonly actor: string;
  readonly closedAt: Instant;
  readonly reopenedAt: Instant | null;
};

const COLUMNS = sql`
  k.id, k.clinic_id, c.slug as clinic, c.zone, k.from_at as "from", k.to_at as "to", k.whole_day, k.reason, k.actor, k.closed_at, k.reopened_at
  from clinic_closures k join clinics c on c.id = k.clinic_id`;

export async function findClosure(db: Database, id: ClosureId): Promise<Closure | undefined> {
  const { rows } = await sql<Closure>`select ${COLUMNS} where k.id = ${id}`.execute(db);
  return rows[0];
}

/** The closures of a clinic that touch `from` or later, in order of time, reopened ones included. */
export async function listClosures(db: Database, clinicId: ClinicId, from: Instant): Promise<Closure[]> {
  const { rows } = await sql<Closure>`
    select ${COLUMNS} where k.clinic_id = ${clinicId} and k.to_at > ${toTimestamp(from)}::timestamptz order by k.from_at, k.id`.execute(db);
  return rows;
}

/** When the clinic is closed within a span, as far as somebody closed it: its settings know of whole days besides. */
export async function listClosedSpans(db: Database, clinicId: ClinicId, { from, to }: Span): Promise<Span[]> {
  const { rows } = await sql<Span>`
    select from_at as "from", to_at as "to" from clinic_closures
    where clinic_id = ${clinicId} and reopened_at is null and from_at < ${toTimestamp(to)}::timestamptz and to_at > ${toTimestamp(from)}::timestamptz`.execute(
    db,
  );
  return rows;
}

/** The closure of exactly this span that stands. */
export async function findStandingClosure(db: Database, clinicId: ClinicId, { from, to }: Span): Promise<ClosureId | undefined> {
  const { rows } = await sql<{ id: ClosureId }>`
    select id from clinic_closures
    where clinic_id = ${clinicId} and reopened_at is null and from_at = ${toTimestamp(from)}::timestamptz and to_at = ${toTimestamp(to)}::timestamptz
    order by closed_at limit 1`.execute(db);
  return rows[0]?.id;
}

export type NewClosure = Span & {
  readonly clinicId: ClinicId;
  /** The day to add to the clinic's closed days. */
  readonly wholeDay: CalendarDay | null;
  readonly reason: string;
  readonly actor: string;
  readonly now: Instant;
};

/** Stores a closure; its whole day joins the clinic's closed days, unless it is one already. */
export async function insertClosure(tx: Tx, { clinicId, from, to, wholeDay, reason, actor, now }: NewClosure): Promise<ClosureId> {
  const id = newId<"closure">();
  const day = wholeDay !== null && (await addClosedDay(tx, clinicId, formatDay(wholeDay))) ? formatDay(wholeDay) : null;
  await tx
    .insertInto("clinicClosures")
    .values({
      id,
      clinicId,
      reason,
      actor,
      fromAt: toTimestamp(from),
      toAt: toTimestamp(to),
      wholeDay: day,
      closedAt: toTimestamp(now),
    })
    .execute();
  return id;
}

async function addClosedDay(tx: Tx, clinicId: ClinicId, day: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update clinics set closures = (select array_agg(d order by d) from unnest(closures || ${day}::date) as days (d))
    where id = ${clinicId} and not ${day}::date = any(closures)`.execute(tx);
  return numAffectedRows === 1n;
}

/** Ends a closure; the day that it had added is open again, unless another closure that stands keeps it. False when it had ended already. */
export async function reopenClosure(tx: Tx, id: ClosureId, now: Instant): Promise<boolean> {
  const { rows } = await sql<{ clinicId: ClinicId; wholeDay: string | null }>`
    update clinic_closures set reopened_at = ${toTimestamp(now)}::timestamptz where id = ${id} and reopened_at is null returning clinic_id, whole_day`.execute(
    tx,
  );
  const [closure] = rows;
  if (closure?.wholeDay)
    await sql`
      update clinics set closures = array_remove(closures, ${closure.wholeDay}::date)
      where id = ${closure.clinicId} and not exists (
        select from clinic_closures k where k.clinic_id = clinics.id and k.whole_day = ${closure.wholeDay}::date and k.reopened_at is null)`.execute(
      tx,
    );
  return closure !== undefined;
}

/** New settings of a clinic know nothing of the days that staff closed since: those stay closed. */
export async function keepClosedDays(tx: Tx, clinicId: ClinicId): Promise<void> {
  await sql`
    update clinics c set closures = (
      select coalesce(array_agg(distinct d order by d), '{}') from (
        select unnest(c.closures) as d union select k.whole_day from clinic_closures k
        where k.clinic_id = c.id and k.whole_day is not null and k.reopened_at is null) as days)
    where c.id = ${clinicId}`.execute(tx);
}
