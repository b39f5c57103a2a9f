/** What was filled in so far of a survey, under seal. */
import { getInstrument } from "../domain/instruments/find-instrument.ts";
import type { InvitationId } from "../domain/ids.ts";
import { EMPTY_DRAFT, readDraft, type SurveyDraft, writeDraft } from "../domain/survey-draft.ts";
import type { Invitation } from "./survey-invitations.ts";
import type { Vault } from "./vault.ts";

/** What was kept of an invitation, read by its own version of the instrument; empty where nothing was. */
export function openDraft({ id, instrument, instrumentVersion, draftSealed }: Invitation, vault: Vault): SurveyDraft {
  if (draftSealed === null) return EMPTY_DRAFT;
  return readDraft(getInstrument(instrument, instrumentVersion), vault.open(draftSealed, placeOf(id)));
}

export function sealDraft(id: InvitationId, draft: SurveyDraft, vault: Vault): Buffer {
  return vault.seal(writeDraft(draft), placeOf(id));
}

function placeOf(row: InvitationId) {
  return { table: "survey_invitations", column: "draft_sealed", row };
}
