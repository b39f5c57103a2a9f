/** Finds patients for commands: by chart number or by id; reads only, opens nothing that is sealed. */
import { sql } from "kysely";
import type { PatientId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

/** Patients with this chart number, one a group; `group` is its slug. */
export async function findPatientsByRef(db: Database, refIndex: Buffer): Promise<{ id: PatientId; group: string }[]> {
  const { rows } = await sql<{ id: PatientId; group: string }>`
    select p.id, g.slug as "group" from patients p join groups g on g.id = p.group_id where p.ref_index = ${refIndex} order by g.slug`.execute(
    db,
  );
  return rows;
}

/** Whether there is such a patient. */
export async function hasPatient(db: Database, id: PatientId): Promise<boolean> {
  return (await db.selectFrom("patients").select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
}
