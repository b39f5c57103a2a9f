/** Where sessions happen and what they are read against: clinics and their closed days, patients' homes, series by their id or the clinic's own. */
import { sql } from "kysely";
import type { CalendarDay, Instant } from "../domain/calendar.ts";
import type { Locale } from "../domain/clinic.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import type { SeriesStatus } from "../domain/patient-facts.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { readClosures } from "./clinics.ts";
import { type Database, toTimestamp } from "./database.ts";

/** The days on which each of these clinics is closed, by its settings or because somebody closed the whole day. */
export async function loadClinicDays(db: Database, ids: readonly ClinicId[]): Promise<Map<ClinicId, ReadonlySet<CalendarDay>>> {
  const { rows } = await sql<{ id: ClinicId; closures: string[] }>`
    select id, closures::text[] || array(
      select whole_day::text from clinic_closures k where k.clinic_id = c.id and k.whole_day is not null and k.reopened_at is null) as closures
    from clinics c where id = any(${ids}::uuid[])`.execute(db);
  return new Map(rows.map(({ id, closures }) => [id, readClosures(closures)]));
}

export type SeriesPlace = {
  readonly id: SeriesId;
  readonly patientId: PatientId;
  readonly approvalId: ApprovalId;
  readonly status: SeriesStatus;
  readonly clinicId: ClinicId;
  readonly slug: string;
  readonly country: string;
  readonly locale: Locale;
  readonly clinicZone: Zone;
  readonly patientZone: Zone;
  readonly externalIdIndex: Buffer | null;
};

/** The series with this id, with where its sessions may happen. */
export async function findSeriesPlace(db: Database, id: SeriesId): Promise<SeriesPlace | undefined> {
  const { rows } = await sql<SeriesPlace>`${PLACES} where s.id = ${id}`.execute(db);
  return rows[0];
}

/** The series of a clinic under these external ids, by the hexadecimal of the index. */
export async function findSeriesPlaces(db: Database, clinicId: ClinicId, indexes: readonly Buffer[]): Promise<Map<string, SeriesPlace>> {
  const { rows } =
    await sql<SeriesPlace>`${PLACES} where s.clinic_id = ${clinicId} and s.external_id_index = any(${indexes}::bytea[])`.execute(db);
  return new Map(rows.map((row) => [row.externalIdIndex?.toString("hex") ?? "", row]));
}

const PLACES = sql`
  select s.id, s.patient_id, s.approval_id, s.status, s.clinic_id, s.external_id_index, c.slug, c.country, c.locale, c.zone as clinic_zone, p.zone as patient_zone
  from series s join clinics c on c.id = s.clinic_id join patients p on p.id = s.patient_id`;

export type KnownSession = {
  readonly id: SessionId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly externalIdIndex: Buffer;
};

/** The sessions a clinic has under these external ids. */
export async function findSessionsByExternalId(db: Database, clinicId: ClinicId, indexes: readonly Buffer[]): Promise<KnownSession[]> {
  const { rows } = await sql<KnownSession>`
    select id, patient_id, series_id, external_id_index from sessions where clinic_id = ${clinicId} and external_id_index = any(${indexes}::bytea[])`.execute(
    db,
  );
  return rows;
}

export type ExpectedSession = {
  readonly id: SessionId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly number: number;
  readonly zone: Zone;
  readonly startsAt: Instant;
  /** Null: the clinic's own system does not know it. */
  readonly externalIdIndex: Buffer | null;
};

/** The scheduled sessions of a clinic within a span, of series under way: what its own system should know too. */
export async function listExpectedSessions(
  db: Database,
  clinicId: ClinicId,
  { from, to }: { from: Instant; to: Instant },
): Promise<ExpectedSession[]> {
  const { rows } = await sql<ExpectedSession>`
    select v.id, v.clinic_id, v.patient_id, v.series_id, v.number, v.zone, v.starts_at, v.external_id_index
    from sessions v join series s on s.id = v.series_id
    where v.clinic_id = ${clinicId} and v.starts_at >= ${toTimestamp(from)}::timestamptz and v.starts_at < ${toTimestamp(to)}::timestamptz
      and v.status = 'scheduled' and v.owner = 'ours' and s.status in ('enqueued', 'active', 'paused')
    order by v.starts_at, v.id`.execute(db);
  return rows;
}
