/** A patient by what somebody typed: the chart number, or the id. */
import { findGroupOfClinic } from "../db/view-clinics.ts";
import { findPatientsByRef, hasPatient } from "../db/view-patients.ts";
import type { StoreDeps } from "../deps.ts";
import { type PatientId, parsePublicId } from "../domain/ids.ts";
import { Refusal, UsageError } from "./failures.ts";

/** A chart number that several groups know needs a clinic of one of them. Throws {@link Refusal} for somebody who is not stored. */
export async function getPatient(
  { db, vault }: Pick<StoreDeps, "db" | "vault">,
  text: string,
  { clinic }: { clinic: string | undefined },
): Promise<PatientId> {
  const id = parsePublicId("patient", text);
  if (id && (await hasPatient(db, id))) return id;
  const group = clinic === undefined ? undefined : await findGroupOfClinic(db, clinic);
  const found = (await findPatientsByRef(db, vault.blindIndex("ref", text))).filter((patient) => !group || patient.group === group);
  if (found.length > 1)
    throw new UsageError(
      `Several groups know this chart number (${found.map((patient) => patient.group).join(", ")}); say which clinic: --clinic SLUG.`,
    );
  const [patient] = found;
  if (!patient)
    throw new Refusal(
      [{ path: "patient", value: text, expected: "the chart number or the id of a patient who is stored" }],
      "nothing was done",
    );
  return patient.id;
}
