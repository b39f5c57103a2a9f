/** Tasks to call about visits that are not ready, set-based. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { BECAME_READY } from "../domain/task.ts";
import type { ClinicId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { unnest } from "./rows.ts";

/** The script of the call. */
export const NOT_READY = "not-ready";

export async function listClinicIds(db: Database): Promise<ClinicId[]> {
  return (await db.selectFrom("clinics").select("id").execute()).map(({ id }) => id);
}

export type UnreadyVisit = {
  readonly sessionId: SessionId;
  readonly seriesId: SeriesId;
  readonly patientId: PatientId;
  readonly clinicId: ClinicId;
  readonly dueBy: Instant;
};

/** Opens one a visit, in the clinic's language, and returns how many are new; a visit that has had one, whatever became of it, gets no second. */
export async function openUnreadyTasks(tx: Tx, visits: readonly UnreadyVisit[], now: Instant): Promise<number> {
  if (visits.length === 0) return 0;
  const values = unnest(visits, {
    id: ["uuid", () => newId<"task">()],
    clinic_id: ["uuid", ({ clinicId }) => clinicId],
    patient_id: ["uuid", ({ patientId }) => patientId],
    series_id: ["uuid", ({ seriesId }) => seriesId],
    session_id: ["uuid", ({ sessionId }) => sessionId],
    due_by: ["timestamptz", ({ dueBy }) => formatInstant(dueBy)],
  });
  const { rows } = await sql`
    insert into tasks (id, clinic_id, patient_id, series_id, session_id, kind, template, locale, importance, opened_at, due_by)
    select v.id, v.clinic_id, v.patient_id, v.series_id, v.session_id, 'call', ${NOT_READY}, c.locale, 'high', ${toTimestamp(now)}::timestamptz, v.due_by
    from ${values} as v (id, clinic_id, patient_id, series_id, session_id, due_by) join clinics c on c.id = v.clinic_id
    on conflict (session_id, template, touchpoint_id) where session_id is not null or touchpoint_id is not null do nothing
    returning 1`.execute(tx);
  return rows.length;
}

/** What has become ready, or is no visit to come any more, needs no call. */
export async function closeReadyTasks(tx: Tx, sessionIds: readonly SessionId[], now: Instant): Promise<void> {
  if (sessionIds.length === 0) return;
  await sql`
    with closed as (
      update tasks set state = 'cancelled', outcome = ${BECAME_READY}, closed_by = 'afterglow', closed_at = ${toTimestamp(now)}::timestamptz, revision = revision + 1
      where session_id = any(${sessionIds}::uuid[]) and template = ${NOT_READY} and state = 'open'
      returning id, clinic_id, kind)
    insert into events (clinic_at, clinic_id, actor, kind, subject_id, data)
    select ${toTimestamp(now)}::timestamptz, clinic_id, 'afterglow', 'task.cancelled', id, jsonb_build_object('kind', kind, 'because', ${BECAME_READY}::text) from closed`.execute(
    tx,
  );
}
