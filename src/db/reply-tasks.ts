/** What has to be known before work that comes of a text is opened. */
import { sql } from "kysely";
import type { ClinicId, PatientId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

/** The patients for whom a task of these words waits already: one task a conversation, however many texts it has. */
export async function findWaitingFor(db: Database, template: string, patientIds: readonly PatientId[]): Promise<Set<PatientId>> {
  const { rows } = await sql<{ patientId: PatientId }>`
    select distinct patient_id from tasks where patient_id = any(${patientIds}::uuid[]) and template = ${template} and state in ('open', 'taken')`.execute(
    db,
  );
  return new Set(rows.map(({ patientId }) => patientId));
}

/** The language in which a clinic's staff read. */
export async function loadClinicLocales(db: Database, ids: readonly ClinicId[]): Promise<ReadonlyMap<ClinicId, string>> {
  const { rows } = await sql<{
    id: ClinicId;
    locale: string;
  }>`select id, locale from clinics where id = any(${[...new Set(ids)]}::uuid[])`.execute(db);
  return new Map(rows.map(({ id, locale }) => [id, locale]));
}
