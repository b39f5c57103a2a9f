/** Series that are over: every session a week past, and nothing left to say. */
import { type RawBuilder, sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId, SeriesId } from "../domain/ids.ts";
import { toTimestamp, type Tx } from "./database.ts";

/** Outcomes are still recorded late, and questions asked, in the days after the last session. */
const QUIET_DAYS = 7;

export type SeriesOver = { readonly id: SeriesId; readonly patientId: PatientId };

/** Some of the series that are over, in order of enqueueing. Reads every series that is active: not for every second. */
export async function findSeriesOver(tx: Tx, { now, limit }: { now: Instant; limit: number }): Promise<SeriesOver[]> {
  const { rows } = await sql<SeriesOver>`
    select s.id, s.patient_id from series s join patients p on p.id = s.patient_id where ${isOver(now)} order by s.enqueued_at, s.id limit ${limit}`.execute(
    tx,
  );
  return rows;
}

/** Completes those of them that are still over, with an event each. A statement of its own, behind the patients' locks, so that it sees what was booked meanwhile. */
export async function setCompleted(tx: Tx, ids: readonly SeriesId[], now: Instant): Promise<number> {
  const { numAffectedRows } = await sql`
    with over as (select s.id from series s join patients p on p.id = s.patient_id where s.id = any(${ids}::uuid[]) and ${isOver(now)}),
    completed as (update series s set status = 'completed' from over where s.id = over.id returning s.id, s.clinic_id)
    insert into events (clinic_at, clinic_id, actor, kind, subject_id, data)
    select ${toTimestamp(now)}::timestamptz, clinic_id, 'afterglow', 'series.completed', id, '{}' from completed`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Lets a completed series go on; it is completed anew when nothing is left of it. Nothing of one that is not completed. */
export async function setReopened(tx: Tx, id: SeriesId): Promise<void> {
  await tx.updateTable("series").set({ status: "active" }).where("id", "=", id).where("status", "=", "completed").execute();
}

/** An open-ended one never is, nor one with a session that waits for a new date, nor one whose plan is not made yet. */
function isOver(now: Instant): RawBuilder<unknown> {
  return sql`s.status = 'active' and s.horizon_until is null and p.plan_revision = p.planned_revision
    and exists (select from sessions v where v.series_id = s.id)
    and not exists (
      select from sessions v where v.series_id = s.id
        and (v.status = 'postponed' or v.ends_at > ${toTimestamp(now)}::timestamptz - make_interval(days => ${QUIET_DAYS})))
    and not exists (select from touchpoints t where t.series_id = s.id and t.state in ('planned', 'held', 'sending', 'unknown'))`;
}
