/** What was answered, with its result; sealed, append-only. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { Answers } from "../domain/check-answers.ts";
import type { Locale } from "../domain/clinic.ts";
import type { ClinicId, InvitationId, PatientId, ResponseId, SeriesId, SessionId } from "../domain/ids.ts";
import type { SurveyResult } from "../domain/score-survey.ts";
import { z } from "zod";
import { ALERT_KINDS, ALERT_LEVELS } from "../domain/alert.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import type { Vault } from "./vault.ts";

export type NewResponse = {
  readonly id: ResponseId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId | null;
  readonly sessionId: SessionId | null;
  readonly invitationId: InvitationId | null;
  readonly source: "patient" | "staff" | "import";
  readonly actor: string;
  readonly instrument: string;
  readonly instrumentVersion: number;
  readonly locale: Locale;
  readonly answeredAt: Instant;
  /** Null: only the total is known. */
  readonly answers: Answers | null;
  readonly result: SurveyResult;
};

/** Stores the answers under seal. A second answer to one invitation is refused by the database. */
export async function insertResponse(tx: Tx, response: NewResponse, vault: Vault): Promise<void> {
  const { id, answers, result, answeredAt, ...columns } = response;
  await tx
    .insertInto("surveyResponses")
    .values({
      id,
      ...columns,
      answeredAt: toTimestamp(answeredAt),
      answersSealed: answers && vault.seal(JSON.stringify(answers), placeOf(id, "answers_sealed")),
      resultSealed: vault.seal(JSON.stringify(result), placeOf(id, "result_sealed")),
    })
    .execute();
}

function placeOf(row: ResponseId, column: "answers_sealed" | "result_sealed") {
  return { table: "survey_responses", column, row };
}

export type StoredResponse = Omit<NewResponse, "clinicId" | "patientId"> & { readonly clinic: string; readonly zone: string };

type ResponseRow = Omit<StoredResponse, "answers" | "result"> & { answersSealed: Buffer | null; resultSealed: Buffer };

const answersSchema = z.record(z.string(), z.int().nullable());
const resultSchema = z.object({
  total: z.int().nullable(),
  band: z.string().nullable(),
  subscales: z.array(z.object({ name: z.string(), total: z.int().nullable() })),
  pattern: z.boolean().nullable(),
  missing: z.array(z.string()),
  alarms: z.array(z.object({ item: z.string(), kind: z.enum(ALERT_KINDS), level: z.enum(ALERT_LEVELS) })),
});

/** All responses of a patient, opened, in order of time; `instrument` null: of every one. */
export async function loadResponses(
  db: Database,
  { patientId, instrument }: { readonly patientId: PatientId; readonly instrument: string | null },
  vault: Vault,
): Promise<StoredResponse[]> {
  const { rows } = await sql<ResponseRow>`
    select r.id, c.slug as clinic, c.zone, r.series_id, r.session_id, r.invitation_id, r.source, r.actor, r.instrument, r.instrument_version, r.locale,
      r.answered_at, r.answers_sealed, r.result_sealed
    from survey_responses r join clinics c on c.id = r.clinic_id
    where r.patient_id = ${patientId} and (${instrument}::text is null or r.instrument = ${instrument}::text)
    order by r.answered_at, r.recorded_at, r.id`.execute(db);
  return rows.map(({ answersSealed, resultSealed, ...row }) => ({
    ...row,
    answers: answersSealed && answersSchema.parse(JSON.parse(vault.open(answersSealed, placeOf(row.id, "answers_sealed")))),
    result: resultSchema.parse(JSON.parse(vault.open(resultSealed, placeOf(row.id, "result_sealed")))),
  }));
}
