/**
 * Records what somebody answered to a survey.
 *
 * Trigger: a patient's page, or staff who asked on the phone. Re-checks: that all is answered that must be, and whether the invitation was answered before, under
 * the patient's lock. Effect, in one transaction: the answers and their result under seal, the invitation's end, the alerts that they raise, and the plan, which
 * asks and reminds no more. Afterwards staff are paged. The first answer wins; a repeat stores nothing, unless it says something graver than what was said before:
 * that is kept beside it and raises its alert. An answer counts although the invitation has closed meanwhile: somebody has said how they are.
 */
import { newId } from "../clock.ts";
import { getApprovals } from "../db/approvals.ts";
import type { Tx } from "../db/database.ts";
import { findSeriesApproval } from "../db/series-approval.ts";
import { openDraft } from "../db/survey-drafts.ts";
import { closeTasksOfSurvey, findInvitation, type Invitation, markAnswered } from "../db/survey-invitations.ts";
import { insertResponse, loadResponses, type StoredResponse } from "../db/survey-responses.ts";
import { type Answers, findUnanswered } from "../domain/check-answers.ts";
import type { Locale } from "../domain/clinic.ts";
import { type AlertId, type InvitationId, parsePublicId, toPublicId } from "../domain/ids.ts";
import { getInstrument } from "../domain/instruments/find-instrument.ts";
import type { Instrument } from "../domain/instruments/instrument.ts";
import { findGraver, judgeAnswers, type Raised } from "../domain/judge-answers.ts";
import { findWorseningRule } from "../domain/protocol.ts";
import { scoreSurvey, type SurveyResult } from "../domain/score-survey.ts";
import { type Changed, type ChangeDeps, changeFacts, type ChangeOptions, type Moment, refuse, type Written } from "./change-facts.ts";
import { pageAfterCommit, type PageDeps } from "./page-after-commit.ts";
import { raiseAlerts } from "./raise-alerts.ts";
import { recordHome } from "./record-home.ts";

export type SurveyDeps = ChangeDeps & Pick<PageDeps, "pageStaff">;

export type SurveyAnswer = ChangeOptions & {
  readonly answers: Answers;
  readonly locale: Locale;
  readonly source: "patient" | "staff";
};

export type AnsweredSurvey = { readonly invitation: string; readonly response: string; readonly alerts: readonly Raised[] };

export async function answerSurvey(deps: SurveyDeps, id: InvitationId, answer: SurveyAnswer): Promise<Changed<AnsweredSurvey>> {
  const invitation = await findInvitation(deps.db, id);
  if (!invitation) return refuse("invitation", toPublicId("invitation", id), "an invitation that is stored");
  let raised: readonly AlertId[] = [];
  const changed = await changeFacts<AnsweredSurvey>(
    deps,
    {
      patientIds: [invitation.patientId],
      write: async (tx, moment) => {
        const written = await write(tx, { id, answer, deps, moment });
        raised = written.kind === "written" ? written.raised : [];
        return written;
      },
    },
    answer,
  );
  if (changed.kind === "changed" && !changed.dryRun) await pageAfterCommit(deps, raised);
  return changed;
}

type Work = { readonly id: InvitationId; readonly answer: SurveyAnswer; readonly deps: SurveyDeps; readonly moment: Moment };
type NotWritten = Exclude<Written<AnsweredSurvey>, { kind: "written" }>;
type WrittenAnswer = Extract<Written<AnsweredSurvey>, { kind: "written" }> & { readonly raised: readonly AlertId[] };

async function write(tx: Tx, { id, answer, deps, moment: { now } }: Work): Promise<WrittenAnswer | NotWritten> {
  const invitation = await findInvitation(tx, id);
  if (!invitation) return refuse("invitation", toPublicId("invitation", id), "an invitation that is stored");
  const instrument = getInstrument(invitation.instrument, invitation.instrumentVersion);
  const faults = findUnanswered(instrument, answer.answers);
  if (faults.length > 0) return { kind: "refused", faults };
  const { vault } = deps;
  const result = scoreSurvey(instrument, answer.answers);
  const stored = await loadResponses(tx, { patientId: invitation.patientId, instrument: instrument.id }, vault);
  const raises = await judge(tx, { invitation, instrument, result, stored });
  if (raises === null) return { kind: "same" };
  const draft = openDraft(invitation, vault);
  // What the draft has raised speaks of this very response.
  const response = parsePublicId("response", draft.responseId ?? "") ?? newId<"response">();
  const isFirst = await markAnswered(tx, id, now);
  const { actor, source, locale, answers } = answer;
  const about = {
    clinicId: invitation.clinicId,
    patientId: invitation.patientId,
    seriesId: invitation.seriesId,
    sessionId: invitation.sessionId,
  };
  await insertResponse(
    tx,
    {
      ...about,
      id: response,
      invitationId: isFirst ? id : null,
      source,
      actor,
      locale,
      instrument: instrument.id,
      instrumentVersion: instrument.version,
      answeredAt: now,
      answers,
      result,
    },
    vault,
  );
  const raised = await raiseAlerts(
    tx,
    findGraver(raises, draft.raised).map((each) => ({ ...about, ...each, source: "survey-response" as const, sourceId: response })),
    { actor },
  );
  await recordHome(tx, { ...about, instrument: instrument.id, answers, source, actor, at: now });
  await closeTasksOfSurvey(tx, invitation);
  return {
    kind: "written",
    value: { invitation: toPublicId("invitation", id), response: toPublicId("response", response), alerts: raises },
    events: [{ kind: "survey.answered", clinicId: invitation.clinicId, subjectId: id, actor, data: { by: source } }],
    warnings: [],
    raised,
  };
}

type Judging = {
  readonly invitation: Invitation;
  readonly instrument: Instrument;
  readonly result: SurveyResult;
  readonly stored: readonly StoredResponse[];
};

/** The alerts to be raised; null when it repeats what was answered, and says nothing graver. */
async function judge(tx: Tx, { invitation, instrument, result, stored }: Judging): Promise<Raised[] | null> {
  const { id, answeredAt } = invitation;
  if (answeredAt === null) return judgeAnswers(result, { rule: await findRule(tx, invitation, instrument), earlier: comparedWith(stored) });
  const said = stored.filter((each) => each.invitationId === id || each.answeredAt >= answeredAt);
  const graver = findGraver(
    result.alarms,
    said.flatMap((each) => each.result.alarms),
  );
  return graver.length > 0 ? graver : null;
}

/** The first total and the last one before. */
export function comparedWith(stored: readonly StoredResponse[]): number[] {
  const totals = stored.flatMap(({ result: { total } }) => (total === null ? [] : [total]));
  return [...totals.slice(0, 1), ...totals.slice(-1)];
}

async function findRule(tx: Tx, { seriesId }: Invitation, { id, scoring }: Instrument) {
  const approvalId = await findSeriesApproval(tx, seriesId);
  const approval = approvalId && (await getApprovals(tx, [approvalId])).get(approvalId);
  return (approval && findWorseningRule(approval.protocol, id)) ?? scoring?.worsening ?? null;
}
