/**
 * Marks that silence from a patient matters, or takes the mark away.
 *
 * Trigger: a clinician (`patient watch`, `patient unwatch`). Re-checks: the mark, under the patient's lock. Effect: rules for watched patients plan what they
 * ask for, or no longer do. A repeat changes nothing.
 */
import { setWatched } from "../db/patient-changes.ts";
import type { PatientId } from "../domain/ids.ts";
import type { Changed, ChangeDeps, ChangeOptions } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";

export type Watch = "watched" | "unwatched";

export async function watchPatient(
  deps: ChangeDeps,
  id: PatientId,
  { watch, ...options }: ChangeOptions & { watch: Watch },
): Promise<Changed<{ readonly watch: Watch }>> {
  return changePatient<{ watch: Watch }>(deps, id, {
    ...options,
    write: async (tx, patient) => {
      const watched = watch === "watched";
      if (patient.watched === watched) return { kind: "same" };
      await setWatched(tx, id, watched);
      return {
        kind: "written",
        value: { watch },
        events: [tellPatient(patient, { kind: `patient.${watch}`, actor: options.actor })],
        warnings: [],
      };
    },
  });
}
