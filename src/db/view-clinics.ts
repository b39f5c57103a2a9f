/** What commands ask about clinics; reads only. */
import { sql } from "kysely";
import type { ClinicId, PatientId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

/** The slug of the group a clinic belongs to. */
export async function findGroupOfClinic(db: Database, slug: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("clinics")
    .innerJoin("groups", "groups.id", "clinics.groupId")
    .select("groups.slug")
    .where("clinics.slug", "=", slug)
    .executeTakeFirst();
  return row?.slug;
}

/** Every clinic, by slug. */
export async function listClinics(db: Database): Promise<{ id: ClinicId; slug: string }[]> {
  return db.selectFrom("clinics").select(["id", "slug"]).orderBy("slug").execute();
}

/** Patients with a series of this clinic that is planned, in id order. */
export async function listPlannedPatients(db: Database, clinicId: ClinicId): Promise<PatientId[]> {
  const { rows } = await sql<{ patientId: PatientId }>`
    select distinct patient_id from series where clinic_id = ${clinicId} and status in ('enqueued', 'active', 'paused') order by patient_id`.execute(
    db,
  );
  return rows.map(({ patientId }) => patientId);
}
