/** Work about sessions: cancelled with the time that it was about, and asked for where the clinic's own calendar lacks a session. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { Locale } from "../domain/clinic.ts";
import type { ClinicId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { insertRows } from "./rows.ts";

/**
 * The time that these sessions had is gone, or they are: whoever was to be called about it is not. Called once the sessions are written; what a provider still
 * owes an answer for stays.
 */
export async function cancelTasksOf(
  tx: Tx,
  sessionIds: readonly SessionId[],
  { now, actor }: { now: Instant; actor: string },
): Promise<void> {
  const moment = sql`${toTimestamp(now)}::timestamptz`;
  await sql`
    with closed as (
      update tasks k set state = 'cancelled', closed_at = ${moment}, closed_by = ${actor}, revision = k.revision + 1,
        outcome = case when v.status in ('cancelled', 'postponed') then 'session-off' else 'session-moved' end
      from sessions v
      where v.id = k.session_id and k.session_id = any(${sessionIds}::uuid[]) and k.state in ('open', 'taken')
        and k.kind in ('call', 'record-outcome', 'find-driver', 'file-form', 'review')
      returning k.id, k.clinic_id, k.kind, k.outcome)
    insert into events (clinic_at, clinic_id, actor, kind, subject_id, data)
    select ${moment}, clinic_id, ${actor}, 'task.cancelled', id, jsonb_build_object('kind', kind, 'because', outcome) from closed`.execute(
    tx,
  );
}

/** A session that the calendar of the clinic lacks: somebody has to say what became of it. */
export type MissingSession = {
  readonly id: SessionId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
};

/** The script of the task that asks. */
export const MISSING_TEMPLATE = "missing-from-calendar";

/** Of how many of these sessions nobody has been asked yet. */
export async function countUnasked(db: Database, sessionIds: readonly SessionId[]): Promise<number> {
  return sessionIds.length - (await findAsked(db, sessionIds)).size;
}

async function findAsked(db: Database, sessionIds: readonly SessionId[]): Promise<Set<SessionId>> {
  const { rows } = await sql<{ sessionId: SessionId }>`
    select session_id from tasks where template = ${MISSING_TEMPLATE} and session_id = any(${sessionIds}::uuid[])`.execute(db);
  return new Set(rows.map(({ sessionId }) => sessionId));
}

/** Asks about each session once: whatever became of the question, it is not asked again. Returns the sessions that are asked about now. */
export async function askAboutMissing(
  tx: Tx,
  missing: readonly MissingSession[],
  { now, dueBy, locale }: { now: Instant; dueBy: Instant; locale: Locale },
): Promise<SessionId[]> {
  const asked = await findAsked(
    tx,
    missing.map(({ id }) => id),
  );
  const fresh = missing.filter(({ id }) => !asked.has(id));
  await insertRows(tx, "tasks", {
    rows: fresh,
    columns: {
      id: ["uuid", () => newId<"task">()],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      series_id: ["uuid", ({ seriesId }) => seriesId],
      session_id: ["uuid", ({ id }) => id],
      kind: ["text", () => "review"],
      template: ["text", () => MISSING_TEMPLATE],
      locale: ["text", () => locale],
      importance: ["text", () => "high"],
      opened_at: ["timestamptz", () => formatInstant(now)],
      due_by: ["timestamptz", () => formatInstant(dueBy)],
    },
    onConflict: "on conflict do nothing",
  });
  return fresh.map(({ id }) => id);
}
