/** What staff change of a series after it was enqueued. Called under the patient's lock. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId } from "../domain/ids.ts";
import type { HoldCode, SeriesStatus } from "../domain/patient-facts.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";

/** Whose series it is; undefined when there is none with this id. It never changes hands. */
export async function findSeriesPatient(db: Database, id: SeriesId): Promise<PatientId | undefined> {
  return (await db.selectFrom("series").select("patientId").where("id", "=", id).executeTakeFirst())?.patientId;
}

export type SeriesToChange = {
  readonly id: SeriesId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly approvalId: ApprovalId;
  readonly protocol: string;
  readonly version: number;
  readonly status: SeriesStatus;
  readonly quietUntil: Instant;
  /** Why nothing may be sent to the patient for now. */
  readonly holdCode: HoldCode | null;
  /** Sessions that are booked and have not begun. */
  readonly sessionsToCome: number;
};

/** The series as it stands at this moment. */
export async function loadSeriesToChange(tx: Tx, id: SeriesId, now: Instant): Promise<SeriesToChange> {
  const { rows } = await sql<SeriesToChange>`
    select s.id, s.clinic_id, s.patient_id, s.approval_id, a.protocol, a.version, s.status, s.quiet_until, p.hold_code,
      (select count(*) from sessions v where v.series_id = s.id and v.status = 'scheduled' and v.starts_at > ${toTimestamp(now)}::timestamptz) as sessions_to_come
    from series s join protocol_approvals a on a.id = s.approval_id join patients p on p.id = s.patient_id where s.id = ${id}`.execute(tx);
  const [row] = rows;
  if (!row) throw new Error(`Series ${id} has gone`);
  return row;
}

/** Nothing of a paused series is sent; null lets it go on. */
export async function setPaused(tx: Tx, id: SeriesId, at: Instant | null): Promise<void> {
  const paused = at === null ? { status: "active", pausedAt: null } : { status: "paused", pausedAt: toTimestamp(at) };
  await tx.updateTable("series").set(paused).where("id", "=", id).execute();
}

/** Ends a series. A void one also gives up its external ids, so that the same order can be enqueued again, rightly. */
export async function setEnded(tx: Tx, id: SeriesId, { status, now }: { status: "stopped" | "void"; now: Instant }): Promise<void> {
  const released = status === "void" && { externalIdIndex: null };
  await tx
    .updateTable("series")
    .set({ status, endedAt: toTimestamp(now), ...released })
    .where("id", "=", id)
    .execute();
  if (status === "void") await tx.updateTable("sessions").set({ externalIdIndex: null }).where("seriesId", "=", id).execute();
}

/** The series that stands in for one that was a mistake. */
export async function setReplacedBy(tx: Tx, id: SeriesId, by: SeriesId): Promise<void> {
  await tx.updateTable("series").set({ replacedBy: by }).where("id", "=", id).execute();
}

/** Pins the series to another approval; its plan follows from that. */
export async function setApproval(tx: Tx, id: SeriesId, approvalId: ApprovalId): Promise<void> {
  await tx.updateTable("series").set({ approvalId }).where("id", "=", id).execute();
}

/** The series of a clinic that are under way on a version of a protocol, in order of enqueueing. */
export async function listSeriesOn(
  db: Database,
  clinicId: ClinicId,
  { id, version }: { id: string; version: number },
): Promise<{ id: SeriesId; patientId: PatientId }[]> {
  const { rows } = await sql<{ id: SeriesId; patientId: PatientId }>`
    select s.id, s.patient_id from series s join protocol_approvals a on a.id = s.approval_id
    where s.clinic_id = ${clinicId} and a.protocol = ${id} and a.version = ${version} and s.status in ('enqueued', 'active', 'paused')
    order by s.enqueued_at, s.id`.execute(db);
  return rows;
}
