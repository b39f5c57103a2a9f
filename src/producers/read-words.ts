/** What a patient wrote with an answer that made a task, or whoever helps wrote on the page that was passed on: for whoever does the task, opened from its seal. Reads only. */
import type { Database } from "../db/database.ts";
import { loadAnswers, placeOfAnswer } from "../db/session-answers.ts";
import { listOptIns, openOptIn } from "../db/visit-escorts.ts";
import type { Vault } from "../db/vault.ts";
import type { SessionId } from "../domain/ids.ts";
import type { SessionAnswerKind } from "../domain/patient-facts.ts";
import { toNationalPhone } from "../messages/national-phone.ts";

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
  if (template === "escort-wrote" && sessionId !== null) return readOptIn({ db, vault }, sessionId);
  const kind = ABOUT[template];
  if (!kind || sessionId === null) return null;
  const last = (await loadAnswers(db, sessionId)).findLast((answer) => answer.kind === kind);
  return last?.detailSealed ? vault.open(last.detailSealed, placeOfAnswer(last.id)) : null;
}

/** The newest that staff are to look at: a name, a number, and about what this person wants texts. */
async function readOptIn({ db, vault }: { db: Database; vault: Vault }, sessionId: SessionId): Promise<string | null> {
  const last = (await listOptIns(db, sessionId)).find(({ standing }) => standing === "review");
  if (!last) return null;
  const { name, phone } = openOptIn(vault, last);
  return `${name}, ${toNationalPhone(phone)}, wants texts about ${last.scope === "all" ? "every visit" : "this visit"}`;
}
