/**
 * Lifts a patient's hold.
 *
 * Trigger: staff (`patient release`), who have been shown what would go. Re-checks: that there is a hold, under the patient's lock. Effect: what is still of use is
 * planned again, links open again; what the hold outlasted is not made up for. A repeat changes nothing.
 */
import { setHold } from "../db/patient-changes.ts";
import type { PatientId } from "../domain/ids.ts";
import type { HoldCode } from "../domain/patient-facts.ts";
import type { Changed, ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";

export type ReleasedPatient = { readonly wasHeld: HoldCode; readonly sessionsToCome: number };

export async function releasePatient(deps: ChangeDeps, id: PatientId, options: ChangeOptions): Promise<Changed<ReleasedPatient>> {
  return changePatient<ReleasedPatient>(deps, id, {
    ...options,
    write: async (tx, patient) => {
      if (patient.holdCode === null) return { kind: "same" };
      await setHold(tx, id, null);
      return {
        kind: "written",
        value: { wasHeld: patient.holdCode, sessionsToCome: patient.sessionsToCome },
        events: [tellPatient(patient, { kind: "patient.released", actor: options.actor })],
        warnings: [],
      };
    },
  });
}
