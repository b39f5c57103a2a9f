/** Against what a change of a patient is read: a clinic's country and zone, and the moment. */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { findClinicOfPatient } from "../db/patient-changes.ts";
import type { PatientId } from "../domain/ids.ts";
import type { SeriesContext } from "../domain/intake.ts";
import { Refusal } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";

/** The clinic that was named, or that of the patient's newest series. */
export async function patientContext(
  { db }: { readonly db: Database },
  id: PatientId,
  { clinic: named }: { readonly clinic?: string },
): Promise<SeriesContext> {
  const slug = named ?? (await findClinicOfPatient(db, id));
  if (slug === undefined) throw new Refusal([{ path: "clinic", expected: "--clinic SLUG, because the patient has no series yet" }]);
  const { now } = await readClinicTime(db);
  return { clinic: await getClinic(db, slug), now };
}
