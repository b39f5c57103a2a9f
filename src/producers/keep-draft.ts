/**
 * Keeps what somebody has filled in so far of a survey.
 *
 * Trigger: each screen of a patient's page. Re-checks: that it was not sent off meanwhile. Effect: the answers under seal. An answer that calls for help raises its
 * alert in the same transaction, although the survey is not sent off yet: whoever stops there has said it. A repeat keeps the same, and raises nothing more.
 */
import { newId } from "../clock.ts";
import { openDraft, sealDraft } from "../db/survey-drafts.ts";
import { findInvitation, type Invitation, saveDraft } from "../db/survey-invitations.ts";
import type { Answers } from "../domain/check-answers.ts";
import type { AlertId } from "../domain/ids.ts";
import { getInstrument } from "../domain/instruments/find-instrument.ts";
import type { Instrument } from "../domain/instruments/instrument.ts";
import { findGraver } from "../domain/judge-answers.ts";
import { scoreSurvey } from "../domain/score-survey.ts";
import { EMPTY_DRAFT, type SurveyDraft } from "../domain/survey-draft.ts";
import type { SurveyDeps } from "./answer-survey.ts";
import { changeFacts } from "./change-facts.ts";
import { pageAfterCommit } from "./page-after-commit.ts";
import { raiseAlerts } from "./raise-alerts.ts";

/** Returns what is kept now. */
export async function keepDraft(deps: SurveyDeps, invitation: Invitation, answers: Answers): Promise<SurveyDraft> {
  const { db, vault } = deps;
  const instrument = getInstrument(invitation.instrument, invitation.instrumentVersion);
  const before = openDraft(invitation, vault);
  const merged = { ...before, answers: { ...before.answers, ...answers } };
  if (findGraver(alarmsOf(instrument, merged), merged.raised).length > 0) return raise(deps, invitation, answers);
  await saveDraft(db, invitation.id, sealDraft(invitation.id, merged, vault));
  return merged;
}

function alarmsOf(instrument: Instrument, { answers }: SurveyDraft) {
  return scoreSurvey(instrument, answers).alarms;
}

async function raise(deps: SurveyDeps, { id, patientId }: Invitation, answers: Answers): Promise<SurveyDraft> {
  let kept: SurveyDraft = EMPTY_DRAFT;
  let raised: readonly AlertId[] = [];
  await changeFacts(
    deps,
    {
      patientIds: [patientId],
      write: async (tx) => {
        const invitation = await findInvitation(tx, id);
        if (!invitation || invitation.answeredAt !== null) return { kind: "same" };
        const instrument = getInstrument(invitation.instrument, invitation.instrumentVersion);
        const before = openDraft(invitation, deps.vault);
        const merged = { ...before, answers: { ...before.answers, ...answers } };
        const graver = findGraver(alarmsOf(instrument, merged), merged.raised);
        // A graver answer of the same kind is another alert: the one that stands does not change its level.
        const isKindAgain = graver.some(({ kind }) => merged.raised.some((each) => each.kind === kind));
        const responseId = merged.responseId === null || isKindAgain ? newId<"response">() : merged.responseId;
        kept = { ...merged, responseId, raised: [...merged.raised, ...graver] };
        await saveDraft(tx, id, sealDraft(id, kept, deps.vault));
        const { clinicId, seriesId, sessionId } = invitation;
        const about = { clinicId, patientId, seriesId, sessionId, source: "survey-response" as const, sourceId: responseId };
        raised = await raiseAlerts(
          tx,
          graver.map((each) => ({ ...about, ...each })),
          { actor: "patient" },
        );
        return { kind: "written", value: {}, events: [], warnings: [] };
      },
    },
    { actor: "patient", dryRun: false, ifRevision: null },
  );
  await pageAfterCommit(deps, raised);
  return kept;
}
