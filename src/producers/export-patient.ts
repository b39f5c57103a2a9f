/**
 * Hands out everything that is stored of a patient.
 *
 * Trigger: staff (`patient export`), for a request of the patient's to see what is kept of them (45 CFR 164.524). Re-checks nothing. Effect: an event that says who
 * did it, in the same transaction as the reading. A repeat is another export, and another event.
 */
import { appendEvents } from "../db/events.ts";
import type { Database } from "../db/database.ts";
import { type PatientRecord, readPatientRecord } from "../db/patient-record.ts";
import { listAuditOf } from "../db/view-access.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import type { ClinicId, PatientId } from "../domain/ids.ts";

export type PatientExport = { readonly record: PatientRecord; readonly audit: readonly object[] };

export async function exportPatient(
  { db, vault }: { readonly db: Database; readonly vault: Vault },
  id: PatientId,
  { actor, clinicId }: { readonly actor: string; readonly clinicId: ClinicId | null },
): Promise<PatientExport> {
  return transact(db, async (tx) => {
    await appendEvents(tx, [{ kind: "patient.exported", clinicId, subjectId: id, actor }]);
    return { record: await readPatientRecord(tx, id, vault), audit: await listAuditOf(tx, id) };
  });
}
