/** `patient export`: everything that is stored of a patient, for a request of theirs to see it. */
import { toPublicId } from "../domain/ids.ts";
import { exportPatient } from "../producers/export-patient.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { getPatient } from "./get-patient.ts";
import { printJson, say } from "./terminal.ts";
import { withStore } from "./with-store.ts";

export type ExportFlags = { readonly clinic?: string; readonly actor?: string };

/** One JSON object on stdout; health information throughout, so nothing of it goes anywhere else. */
export async function exportPatientRecord(ref: string, { clinic, actor }: ExportFlags): Promise<ExitCode> {
  const exported = await withStore(async (store) => {
    const id = await getPatient(store, ref, { clinic });
    return { patient: toPublicId("patient", id), ...(await exportPatient(store, id, { actor: toActor(actor), clinicId: null })) };
  });
  printJson(exported);
  say("This is everything that is stored of the patient: keep it where only they can read it. The audit holds that it was exported.");
  return EXIT.done;
}
