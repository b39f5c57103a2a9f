/** Assessments that a clinician made with an instrument that does not ship: that it was made, when, by whom, and its level under seal. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { AssessmentId, ClinicId, PatientId, SessionId } from "../domain/ids.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import type { Vault } from "./vault.ts";

export type NewAssessment = {
  readonly id: AssessmentId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly sessionId: SessionId | null;
  readonly kind: string;
  readonly madeAt: Instant;
  readonly madeBy: string;
  readonly level: string;
  readonly actor: string;
};

export async function insertAssessment(tx: Tx, { level, madeAt, ...columns }: NewAssessment, vault: Vault): Promise<void> {
  await tx
    .insertInto("assessments")
    .values({ ...columns, madeAt: toTimestamp(madeAt), resultSealed: vault.seal(level, placeOf(columns.id)) })
    .execute();
}

export type Assessment = Omit<NewAssessment, "clinicId" | "patientId"> & { readonly zone: string };

/** Of a patient, in order of time. */
export async function loadAssessments(db: Database, patientId: PatientId, vault: Vault): Promise<Assessment[]> {
  const { rows } = await sql<Omit<Assessment, "level"> & { resultSealed: Buffer }>`
    select a.id, a.session_id, a.kind, a.made_at, a.made_by, a.actor, a.result_sealed, c.zone
    from assessments a join clinics c on c.id = a.clinic_id where a.patient_id = ${patientId} order by a.made_at, a.id`.execute(db);
  return rows.map(({ resultSealed, ...row }) => ({ ...row, level: vault.open(resultSealed, placeOf(row.id)) }));
}

function placeOf(row: AssessmentId) {
  return { table: "assessments", column: "result_sealed", row };
}
