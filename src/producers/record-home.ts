/**
 * What somebody answers to the check-in after a session, as a word about that session: that they are safely home, or that something is wrong.
 *
 * Trigger: an answer to a check-in that asks for it, in its transaction and under the patient's lock. Re-checks: that the session is one of which it can be said,
 * and what stands already. Effect: the word, as if it had been said on the session's page, so that readiness, silence and the page know it. A repeat of what
 * stands stores nothing. The work comes of the alert that the answer raises, not of this.
 */
import { newId } from "../clock.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { insertAnswers, loadAnswers } from "../db/session-answers.ts";
import { loadSessionsOf } from "../db/sessions.ts";
import { isAnswerable } from "../domain/answerable.ts";
import type { Instant } from "../domain/calendar.ts";
import type { Answers } from "../domain/check-answers.ts";
import type { PatientId, SessionId } from "../domain/ids.ts";
import { saysOfHome } from "../domain/instruments/says-of-home.ts";
import { standingAnswers } from "../domain/standing-answers.ts";

export type SaidOfHome = {
  readonly patientId: PatientId;
  readonly sessionId: SessionId | null;
  readonly instrument: string;
  readonly answers: Answers;
  readonly source: "patient" | "staff";
  readonly actor: string;
  readonly at: Instant;
};

export async function recordHome(tx: Tx, { patientId, sessionId, instrument, answers, source, actor, at }: SaidOfHome): Promise<void> {
  const kind = saysOfHome(instrument, answers);
  if (kind === null || sessionId === null) return;
  const session = (await loadSessionsOf(tx, [patientId])).find(({ id }) => id === sessionId);
  if (!session || !isAnswerable(kind, { session, now: at })) return;
  const stored = await loadAnswers(tx, sessionId);
  if (standingAnswers(stored.map((answer) => answer.kind)).has(kind)) return;
  const via = source === "patient" ? "page" : "staff";
  await insertAnswers(tx, session, { answers: [{ id: newId<"answer">(), kind, detailSealed: null }], via, actor, at });
  await appendEvents(tx, [
    { kind: "session.answered", clinicId: session.clinicId, subjectId: sessionId, actor, data: { answer: kind, via, survey: true } },
  ]);
}
