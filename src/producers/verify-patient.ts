/**
 * Records that staff have checked contact, consent, escort and protocol version with the patient.
 *
 * Trigger: staff (`patient verify`), after a quiet time say. Re-checks: nothing but that the patient is stored. Effect: what waited for the check is planned
 * again. A repeat at a later moment is a later check.
 */
import { setVerified } from "../db/patient-changes.ts";
import { formatInstant } from "../domain/calendar.ts";
import type { PatientId } from "../domain/ids.ts";
import type { Changed, ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";

export type VerifiedPatient = { readonly verifiedAt: string };

export async function verifyPatient(deps: ChangeDeps, id: PatientId, options: ChangeOptions): Promise<Changed<VerifiedPatient>> {
  return changePatient<VerifiedPatient>(deps, id, {
    ...options,
    write: async (tx, patient, { now }) => {
      if (patient.verifiedAt === now) return { kind: "same" };
      await setVerified(tx, id, now);
      return {
        kind: "written",
        value: { verifiedAt: formatInstant(now) },
        events: [tellPatient(patient, { kind: "patient.verified", actor: options.actor })],
        warnings: [],
      };
    },
  });
}
