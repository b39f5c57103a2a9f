/**
 * Records that a clinician assessed a patient with an instrument that does not ship here.
 *
 * Trigger: staff (`outcome assess`). Re-checks: that the patient is stored and the moment has passed. Effect: kind, moment, by whom and the level under seal; no
 * questions, because their licences do not allow it. It changes no plan. Two records of one assessment are two records.
 */
import { newId } from "../clock.ts";
import { insertAssessment } from "../db/assessments.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { type ClinicId, type PatientId, toPublicId } from "../domain/ids.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";

/** C-SSRS needs a licence for every electronic form, CADSS and KSET are not cleared: https://clario.com/about/legal-and-privacy/c-ssrs-licensing-application */
export const ASSESSMENT_KINDS = ["c-ssrs", "cadss", "kset", "interview", "other"] as const;
export type AssessmentKind = (typeof ASSESSMENT_KINDS)[number];

export type RecordedAssessment = { readonly assessment: string; readonly kind: AssessmentKind; readonly madeAt: string };

export type Assessing = ChangeOptions & {
  readonly kind: AssessmentKind;
  readonly madeAt: Instant;
  readonly madeBy: string;
  readonly level: string;
  /** Where it is filed when the patient has no series. */
  readonly clinicId: ClinicId;
};

export async function recordAssessment(
  deps: ChangeDeps,
  id: PatientId,
  { kind, madeAt, madeBy, level, clinicId, ...options }: Assessing,
): Promise<Changed<RecordedAssessment>> {
  return changePatient<RecordedAssessment>(deps, id, {
    ...options,
    write: async (tx, patient, { now }) => {
      if (madeAt > now) return refuse("at", formatInstant(madeAt), "a moment that has passed");
      const row = newId<"assessment">();
      const columns = { id: row, clinicId: patient.clinicId ?? clinicId, patientId: id, sessionId: null, kind, madeAt, madeBy, level };
      await insertAssessment(tx, { ...columns, actor: options.actor }, deps.vault);
      return {
        kind: "written",
        value: { assessment: toPublicId("assessment", row), kind, madeAt: formatInstant(madeAt) },
        events: [tellPatient(patient, { kind: "assessment.recorded", actor: options.actor })],
        warnings: [],
      };
    },
  });
}
