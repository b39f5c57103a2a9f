/**
 * Puts a patient on hold: deceased, in hospital, a complaint.
 *
 * Trigger: staff (`patient hold`). Re-checks: what is stored, under the patient's lock. Effect: nothing of any series leaves for the patient or the escort, and
 * personal links open nothing, until the hold is lifted; sessions stay booked. The reason is kept sealed. A repeat with the same code and reason changes
 * nothing.
 */
import { type PatientToChange, setHold } from "../db/patient-changes.ts";
import type { Vault } from "../db/vault.ts";
import type { PatientId } from "../domain/ids.ts";
import type { HoldCode } from "../domain/patient-facts.ts";
import type { Changed, ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";

export type HeldPatient = { readonly hold: HoldCode; readonly sessionsToCome: number };

export type Holding = ChangeOptions & { readonly code: HoldCode; readonly reason: string };

export async function holdPatient(deps: ChangeDeps, id: PatientId, { code, reason, ...options }: Holding): Promise<Changed<HeldPatient>> {
  return changePatient<HeldPatient>(deps, id, {
    ...options,
    write: async (tx, patient, { now }) => {
      if (patient.holdCode === code && openReason(patient, deps.vault) === reason) return { kind: "same" };
      const reasonSealed = deps.vault.seal(reason, placeOf(id));
      // Held since the first of its codes: a change of mind about why is no new hold.
      await setHold(tx, id, { code, reasonSealed, at: patient.heldAt ?? now });
      const { sessionsToCome } = patient;
      return {
        kind: "written",
        value: { hold: code, sessionsToCome },
        // Without the code: why somebody is on hold is health information.
        events: [tellPatient(patient, { kind: "patient.held", actor: options.actor })],
        warnings: sessionsToCome > 0 ? [`${sessionsToCome} sessions to come stay booked (afterglow series stop calls them off)`] : [],
      };
    },
  });
}

function openReason({ id, holdReasonSealed }: PatientToChange, vault: Vault): string | null {
  return holdReasonSealed === null ? null : vault.open(holdReasonSealed, placeOf(id));
}

function placeOf(row: PatientId) {
  return { table: "patients", column: "hold_reason_sealed", row };
}
