/** What the door of the API asks beside rights themselves; reads only. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId } from "../domain/ids.ts";
import { findClinic, type StoredClinic } from "./clinics.ts";
import { type Database, toTimestamp } from "./database.ts";

/** The clinic at which somebody was found to be allowed something. */
export async function findClinicById(db: Database, id: ClinicId): Promise<StoredClinic> {
  const slug = (await findClinicSlugs(db, [id])).get(id);
  const clinic = slug === undefined ? undefined : await findClinic(db, slug);
  if (!clinic) throw new Error(`Clinic ${id} is not stored`);
  return clinic;
}

/** The slugs of these clinics. */
export async function findClinicSlugs(db: Database, ids: readonly ClinicId[]): Promise<Map<ClinicId, string>> {
  const { rows } = await sql<{ id: ClinicId; slug: string }>`select id, slug from clinics where id = any(${ids}::uuid[])`.execute(db);
  return new Map(rows.map(({ id, slug }) => [id, slug]));
}

export type AuditView = {
  readonly id: number;
  readonly kind: string;
  readonly actor: string;
  readonly subjectId: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly clinicAt: Instant;
  readonly recordedAt: Instant;
};

/** The audit of a clinic, newest first, before an entry; of one subject or of all. */
export async function listAudit(
  db: Database,
  {
    clinicId,
    subjectId,
    before,
    since,
    limit,
  }: { clinicId: ClinicId; subjectId: string | null; before: number | null; since: Instant | null; limit: number },
): Promise<AuditView[]> {
  const { rows } = await sql<AuditView>`
    select id, kind, actor, subject_id, data, clinic_at, recorded_at from events
    where clinic_id = ${clinicId} and (${subjectId}::uuid is null or subject_id = ${subjectId}::uuid) and (${before}::bigint is null or id < ${before}::bigint)
      and (${since === null ? null : toTimestamp(since)}::timestamptz is null or recorded_at >= ${since === null ? null : toTimestamp(since)}::timestamptz)
    order by id desc limit ${limit}`.execute(db);
  return rows;
}

/** The audit of one subject, oldest first, whichever clinic it was at. */
export async function listAuditOf(db: Database, subjectId: string): Promise<AuditView[]> {
  const { rows } = await sql<AuditView>`
    select id, kind, actor, subject_id, data, clinic_at, recorded_at from events where subject_id = ${subjectId}::uuid order by id`.execute(
    db,
  );
  return rows;
}
