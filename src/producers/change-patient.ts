/** What every change of a patient has in common: the patient is locked, read as they stand behind that lock, and work for staff is closed that the change settles. */
import type { Tx } from "../db/database.ts";
import type { AuditEvent } from "../db/events.ts";
import { findPatientToChange, type PatientToChange } from "../db/patient-changes.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import type { PatientId } from "../domain/ids.ts";
import { type Changed, type ChangeDeps, changeFacts, type ChangeOptions, type Moment, refuse, type Written } from "./change-facts.ts";

/** Changes a patient with `write`; refused when there is none with this id. */
export async function changePatient<Value>(
  deps: ChangeDeps,
  id: PatientId,
  { write, ...options }: ChangeOptions & { write: (tx: Tx, patient: PatientToChange, moment: Moment) => Promise<Written<Value>> },
): Promise<Changed<Value>> {
  const behindLock = async (tx: Tx, moment: Moment) => {
    const patient = await findPatientToChange(tx, id, moment.now);
    if (!patient) return refuse("patient", id, "the id of a patient who is stored");
    const written = await write(tx, patient, moment);
    if (written.kind === "written") await closeSettledTasks(tx, [id]);
    return written;
  };
  return changeFacts(deps, { patientIds: [id], write: behindLock }, options);
}

/** The audit event of a change of this patient. */
export function tellPatient({ id, clinicId }: PatientToChange, event: Pick<AuditEvent, "kind" | "actor" | "data">): AuditEvent {
  return { ...event, clinicId, subjectId: id };
}
