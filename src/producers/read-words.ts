/** What a patient wrote with an answer that made a task: for whoever does the task, opened from its seal. Reads only. */
import type { Database } from "../db/database.ts";
import { loadAnswers, placeOfAnswer } from "../db/session-answers.ts";
import type { Vault } from "../db/vault.ts";
import type { SessionId } from "../domain/ids.ts";
import type { SessionAnswerKind } from "../domain/patient-facts.ts";

/** Which answer a task of this script is about. */
const ABOUT: { readonly [template: string]: SessionAnswerKind } = {
  "wants-to-move": "asks-to-move",
  "home-trouble": "home-trouble",
  "call-location": "location-confirmed",
};

/** The newest words about the visit as it stands; null where there are none, or the task is about something else. */
export async function readWords(
  { db, vault }: { db: Database; vault: Vault },
  { template, sessionId }: { readonly template: string; readonly sessionId: SessionId | null },
): Promise<string | null> {
  const kind = ABOUT[template];
  if (!kind || sessionId === null) return null;
  const last = (await loadAnswers(db, sessionId)).findLast((answer) => answer.kind === kind);
  return last?.detailSealed ? vault.open(last.detailSealed, placeOfAnswer(last.id)) : null;
}
