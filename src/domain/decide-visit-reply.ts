/** What follows from a text about a visit: an answer to the last question, a letter that says which visit was meant, a word that may have meant one. */
import { DAY, type Instant } from "./calendar.ts";
import type { PatientId, SeriesId, SessionId, TouchpointId } from "./ids.ts";
import type { AskedText, ReplyCase, ReplyDecision, ReplyPerson, ReplyTask } from "./reply-case.ts";
import { answerOf, freeText, nothing } from "./reply-decision.ts";

/** A word for a visit counts as one only when there is a visit so soon. */
export const MEANT_VISIT_WITHIN_MS = 14 * DAY;
/** More do not fit into a text; whoever means another one calls. */
const MOST_OFFERED = 4;

type Intent = "confirm" | "asks-to-move";

/** Yes, or another time, please: to what was asked last. */
export function decideAnswer(each: ReplyCase, main: ReplyPerson | undefined, intent: Intent): ReplyDecision {
  if (each.pending) return freeText(each, main);
  const asked = findAsked(each.lastTexts);
  const { people } = each;
  // Whoever drives never confirms or moves anything for the patient.
  if (asked === null || !people.some(({ person, isCurrent }) => person === "patient" && isCurrent)) return freeText(each, main);
  if (asked.length === 1 && asked[0]) return sayOf(each, asked[0], { intent, touchpointId: asked[0].id });
  const offered = asked.slice(0, MOST_OFFERED).flatMap(({ sessionId }) => sessionId ?? []);
  const answer = each.optOut ? null : answerOf("answer-which", main);
  // Whoever cannot come may never say which: somebody calls all the same.
  const call: ReplyTask[] =
    intent === "asks-to-move" && main
      ? [{ template: "read-reply", patientId: main.patientId, sessionId: null, due: "soon", importance: "high" }]
      : [];
  return { ...nothing(each, main), answer, offered, patientId: null, tasks: call, inbox: call.length > 0 ? "open" : null };
}

/** The visits that may be meant: the one that was asked about last; where several patients have one number, all that are still open. Null: no question stands. */
function findAsked(lastTexts: readonly AskedText[]): AskedText[] | null {
  const questions = lastTexts.filter(({ sessionId, purpose }) => sessionId !== null && purpose !== "survey");
  if (lastTexts.length === 1 || questions.length < 2) return questions.length === 1 && questions[0] ? [questions[0]] : null;
  const open = questions.filter(({ isAnswered }) => !isAnswered);
  return open.length > 0 ? open : questions;
}

/** The letter of one of the visits that our question back offered. */
export function decideChoice(each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  const { pending, reading } = each;
  const chosen = pending?.offered[(reading.letter ?? "").charCodeAt(0) - "A".charCodeAt(0)];
  if (!pending || !chosen?.isToCome) return freeText(each, main);
  const { id: sessionId, patientId, seriesId } = chosen;
  return sayOf(each, { sessionId, patientId, seriesId, alsoListed: [] }, { intent: pending.intent, touchpointId: null });
}

type Visit = {
  readonly sessionId: SessionId | null;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly alsoListed: readonly SessionId[];
};

function sayOf(
  each: ReplyCase,
  { sessionId, patientId, seriesId, alsoListed }: Visit,
  { intent, touchpointId }: { intent: Intent; touchpointId: TouchpointId | null },
): ReplyDecision {
  const to = each.people.find((person) => person.patientId === patientId && person.person === "patient");
  if (sessionId === null || !to || each.answered === "refused") return freeText(each, to);
  const answer = intent === "confirm" ? "confirmed" : "asks-to-move";
  const template = intent === "confirm" ? "answer-confirmed" : "answer-will-call";
  // Whoever cannot come names no visit of the week: it is kept at the first, and the call asks about all of them. A question back might stay without an answer.
  const alsoConfirms = intent === "confirm" ? alsoListed : [];
  const isSilent = each.optOut !== null || each.answered === "same";
  return {
    ...nothing(each, to),
    touchpointId,
    sessionId,
    says: { patientId, seriesId, sessionId, alsoConfirms, answer },
    offered: alsoListed.length > 0 ? [sessionId, ...alsoListed] : [],
    answer: isSilent ? null : { template, to, seriesId, sessionId },
    inbox: intent === "asks-to-move" && each.isWordy ? "open" : null,
  };
}

/** "Cancel Monday": a visit soon may be meant, so somebody calls; it stays as planned until then. */
export function decideCancel(each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  const soon = each.people.filter((person) => hasVisitSoon(person, each.now));
  if (soon.length === 0) return freeText(each, main);
  const tasks = soon.map(({ patientId, nextSessionId }): ReplyTask => {
    return { template: "meant-visit", patientId, sessionId: nextSessionId, due: "soon", importance: "high" };
  });
  const [only, ...others] = soon;
  const template = others.length > 0 ? "answer-received" : "answer-will-call";
  const sessionId = others.length > 0 ? null : (only?.nextSessionId ?? null);
  return { ...nothing(each, only), sessionId, tasks, inbox: "open", answer: each.optOut ? null : answerOf(template, only, sessionId) };
}

/** Whether a patient has a visit so soon that CANCEL may have meant it. */
export function hasVisitSoon({ person, nextStartsAt }: ReplyPerson, now: Instant): boolean {
  return person === "patient" && nextStartsAt !== null && nextStartsAt - now <= MEANT_VISIT_WITHIN_MS;
}
