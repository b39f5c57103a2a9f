/**
 * Records what somebody answered on the phone.
 *
 * Trigger: staff (`survey answer --by-phone`). Re-checks: whether an invitation to this instrument is open; then it is answered, as if the page had been used. Effect
 * otherwise: the answers stand without an invitation, with the alerts that they raise, and the plan asks the same not again within days. A repeat within the same
 * minute is refused by nobody: two calls are two answers.
 */
import { newId } from "../clock.ts";
import type { Tx } from "../db/database.ts";
import type { PatientToChange } from "../db/patient-changes.ts";
import { findOpenInvitation } from "../db/survey-invitations.ts";
import { insertResponse, loadResponses } from "../db/survey-responses.ts";
import { type Answers, findUnanswered } from "../domain/check-answers.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { ClinicId } from "../domain/ids.ts";
import { type AlertId, type PatientId, toPublicId } from "../domain/ids.ts";
import type { Instrument } from "../domain/instruments/instrument.ts";
import { judgeAnswers } from "../domain/judge-answers.ts";
import { scoreSurvey } from "../domain/score-survey.ts";
import { readLocale } from "../db/clinics.ts";
import type { Instant } from "../domain/calendar.ts";
import { answerSurvey, type AnsweredSurvey, comparedWith, type SurveyDeps } from "./answer-survey.ts";
import type { Changed, ChangeOptions, Written } from "./change-facts.ts";
import { changePatient, tellPatient } from "./change-patient.ts";
import { pageAfterCommit } from "./page-after-commit.ts";
import { raiseAlerts } from "./raise-alerts.ts";

export type ToldSurvey = Omit<AnsweredSurvey, "invitation"> & { readonly invitation: string | null };

export type Telling = ChangeOptions & {
  readonly instrument: Instrument;
  readonly answers: Answers;
  /** Where it is filed when the patient has no series. */
  readonly clinicId: ClinicId;
};

export async function tellSurvey(deps: SurveyDeps, id: PatientId, telling: Telling): Promise<Changed<ToldSurvey>> {
  const { instrument, answers, clinicId, ...options } = telling;
  const { now } = await readClinicTime(deps.db);
  const invitation = await findOpenInvitation(deps.db, { patientId: id, instrument: instrument.id, now });
  if (invitation) {
    const locale = readLocale(
      (await deps.db.selectFrom("patients").select("locale").where("id", "=", id).executeTakeFirstOrThrow()).locale,
    );
    return answerSurvey(deps, invitation.id, { ...options, answers, locale, source: "staff" });
  }
  let raised: readonly AlertId[] = [];
  const changed = await changePatient<ToldSurvey>(deps, id, {
    ...options,
    write: async (tx, patient, moment) => {
      const written = await write(tx, patient, { instrument, answers, clinicId, actor: options.actor, deps, now: moment.now });
      raised = written.kind === "written" ? written.raised : [];
      return written;
    },
  });
  if (changed.kind === "changed" && !changed.dryRun) await pageAfterCommit(deps, raised);
  return changed;
}

type Work = Pick<Telling, "instrument" | "answers" | "clinicId" | "actor"> & { readonly deps: SurveyDeps; readonly now: Instant };
type WrittenTold = Extract<Written<ToldSurvey>, { kind: "written" }> & { readonly raised: readonly AlertId[] };

async function write(
  tx: Tx,
  patient: PatientToChange,
  { instrument, answers, clinicId, actor, deps, now }: Work,
): Promise<WrittenTold | Exclude<Written<ToldSurvey>, { kind: "written" }>> {
  const faults = findUnanswered(instrument, answers);
  if (faults.length > 0) return { kind: "refused", faults };
  const { vault } = deps;
  const result = scoreSurvey(instrument, answers);
  const stored = await loadResponses(tx, { patientId: patient.id, instrument: instrument.id }, vault);
  const raises = judgeAnswers(result, { rule: instrument.scoring?.worsening ?? null, earlier: comparedWith(stored) });
  const id = newId<"response">();
  const about = { clinicId: patient.clinicId ?? clinicId, patientId: patient.id, seriesId: null, sessionId: null };
  const what = { instrument: instrument.id, instrumentVersion: instrument.version, locale: readLocale(patient.locale) };
  await insertResponse(tx, { ...about, ...what, id, invitationId: null, source: "staff", actor, answeredAt: now, answers, result }, vault);
  const raised = await raiseAlerts(
    tx,
    raises.map((each) => ({ ...about, ...each, source: "survey-response" as const, sourceId: id })),
    { actor },
  );
  return {
    kind: "written",
    value: { invitation: null, response: toPublicId("response", id), alerts: raises },
    events: [tellPatient(patient, { kind: "survey.answered", actor, data: { by: "staff" } })],
    warnings: [],
    raised,
  };
}
