/** Sessions to come whose instants were computed with other time-zone data than this process has. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, PatientId, SessionId } from "../domain/ids.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { unnest } from "./rows.ts";

export type ZonedSession = {
  readonly id: SessionId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly localStart: string;
  readonly zone: string;
  readonly resolution: "exact" | "overlap-first" | "overlap-second";
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};

/** Versions are a year and a letter, `2026a`, and stand in order; older data never takes back what newer data said, while both run. */
const isOlder = (version: string) => sql<boolean>`(tz_version < ${version} or tz_version !~ '^[0-9]{4}[a-z]')`;
/** What took place, or will not, keeps its instant. */
const toCome = sql<boolean>`starts_at > (select afterglow_now()) and status in ('scheduled', 'postponed')`;

/** Patients with such sessions, in order; at most `limit`. */
export async function findOutdatedPatients(db: Database, { version, limit }: { version: string; limit: number }): Promise<PatientId[]> {
  const { rows } = await sql<{ patientId: PatientId }>`
    select distinct patient_id from sessions where ${toCome} and ${isOlder(version)} order by patient_id limit ${limit}`.execute(db);
  return rows.map(({ patientId }) => patientId);
}

/** Their sessions, to be read under the patients' locks. */
export async function loadOutdatedSessions(tx: Tx, patientIds: readonly PatientId[], version: string): Promise<ZonedSession[]> {
  const { rows } = await sql<ZonedSession>`
    select id, clinic_id, patient_id, local_start, zone, resolution, starts_at, ends_at from sessions
    where patient_id = any(${patientIds}::uuid[]) and ${toCome} and ${isOlder(version)}`.execute(tx);
  return rows;
}

export type Resolved = { readonly id: SessionId; readonly startsAt: Instant; readonly endsAt: Instant; readonly isMoved: boolean };

/** Stores the instants. Where one has moved, the invitation's sequence rises; what patients were told, a time on the wall, still holds. */
export async function storeResolved(tx: Tx, sessions: readonly Resolved[], version: string): Promise<void> {
  const rows = unnest(sessions, {
    id: ["uuid", ({ id }) => id],
    starts_at: ["timestamptz", ({ startsAt }) => toTimestamp(startsAt)],
    ends_at: ["timestamptz", ({ endsAt }) => toTimestamp(endsAt)],
    is_moved: ["boolean", ({ isMoved }) => isMoved],
  });
  await sql`
    update sessions v set starts_at = r.starts_at, ends_at = r.ends_at, tz_version = ${version}, sequence = v.sequence + case when r.is_moved then 1 else 0 end
    from ${rows} as r (id, starts_at, ends_at, is_moved) where v.id = r.id`.execute(tx);
}
