/**
 * What follows from a text that came in: pure, from what it says, who stands behind the number, and what they were asked last. Safety stands above everything, an
 * end of texts above any answer. Nothing here cancels or moves a visit, and no automatic answer pretends that somebody has read anything.
 */
import { decideAnswer, decideCancel, decideChoice } from "./decide-visit-reply.ts";
import type { ReplyCase, ReplyDecision, ReplyPerson, ReplyTask } from "./reply-case.ts";
import { answerOf, freeText, nothing } from "./reply-decision.ts";
import { unreachable } from "./unreachable.ts";

/** The one decision about a text. */
export function decideReply(each: ReplyCase): ReplyDecision {
  const main = findMain(each);
  const decision = decideByKind(each, main);
  return withLoop(withCrisis(decision, each, main), each, main);
}

/** Whom it is about, in doubt: the patient who was texted last, else whoever comes next. */
function findMain({ people, lastTexts }: ReplyCase): ReplyPerson | undefined {
  const patients = people.filter(({ person }) => person === "patient");
  const asked = patients.find(({ patientId }) => patientId === lastTexts[0]?.patientId);
  const bySoonest = patients.toSorted((a, b) => (a.nextStartsAt ?? Infinity) - (b.nextStartsAt ?? Infinity));
  return asked ?? bySoonest[0] ?? people[0];
}

function decideByKind(each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  const { reading } = each;
  switch (reading.kind) {
    case "stop":
      return { ...nothing(each, main), optOut: "stop", answer: each.optOut || reading.byCarrier ? null : answerOf("answer-stopped", main) };
    case "start":
      return decideStart(each, main);
    case "help":
      // The carrier has given the clinic's own answer where it says that it was asked for help. Whom we cannot answer, a person does.
      if (reading.byCarrier && !each.optOut) return nothing(each, main);
      return each.optOut || !main?.seriesId ? freeText(each, main) : { ...nothing(each, main), answer: answerOf("answer-help", main) };
    case "wrong-number":
      if (!each.people.some(({ isCurrent }) => isCurrent)) return freeText(each, main);
      return {
        ...nothing(each, main),
        optOut: "wrong-number",
        answer: each.optOut ? null : answerOf("answer-stopped", main),
        inbox: "open",
      };
    case "confirm":
    case "asks-to-move":
      return decideAnswer(each, main, reading.kind);
    case "choice":
      return decideChoice(each, main);
    case "asks-to-cancel":
      return decideCancel(each, main);
    case "empty":
      return { ...nothing(each, main), inbox: "open" };
    case "free-text":
    case "media":
      return freeText(each, main);
    default:
      return unreachable(reading.kind);
  }
}

/** A START counts only when it came after the opt-out, and never for a number that turned out to be somebody else's. */
function decideStart(each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  const { optOut, receivedAt, reading } = each;
  if (!optOut) return nothing(each, main);
  if (optOut.at >= receivedAt || optOut.source === "wrong-number") return freeText(each, main);
  return { ...nothing(each, main), optIn: true, answer: reading.byCarrier ? null : answerOf("answer-started", main) };
}

/** Which alert words of danger raise. */
export const ALERT_OF = { "self-harm": "self-harm-words", emergency: "severe-side-effect" } as const;

/**
 * The alarm, the fixed text, and the inbox, whatever else the text said; on a number that several share, a call to the others. It answers no question about a visit
 * ("I cannot go on" asks for no other time): whoever calls hears what is meant.
 */
function withCrisis(decision: ReplyDecision, each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  const { reading, people, saidLately } = each;
  if (reading.crisis === null) return decision;
  const others = people.filter(({ person, patientId }) => person === "patient" && patientId !== main?.patientId);
  const patients = [...new Set(others.map(({ patientId }) => patientId))];
  const calls = patients.map((patientId): ReplyTask => {
    return { template: "read-reply", patientId, sessionId: null, due: "soon", importance: "critical" };
  });
  const isSaid = saidLately.has("answer-crisis");
  const answer = isSaid ? null : answerOf("answer-crisis", main);
  return {
    ...decision,
    kind: decision.says === null ? decision.kind : "free-text",
    says: null,
    touchpointId: null,
    sessionId: null,
    offered: [],
    patientId: decision.patientId ?? main?.patientId ?? null,
    alert: ALERT_OF[reading.crisis],
    answer,
    warnsNumber: !isSaid && answer === null,
    tasks: [...decision.tasks.filter(({ template }) => template !== "read-reply"), ...calls],
    inbox: "open",
  };
}

/** No more automatic answers, and one look by a person. What ends texts or may save somebody goes all the same. */
function withLoop(decision: ReplyDecision, { isLoop }: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  if (!isLoop) return decision;
  const isKept = decision.answer?.template === "answer-crisis" || decision.answer?.template === "answer-stopped";
  const review: ReplyTask[] = main
    ? [{ template: "review-replies", patientId: main.patientId, sessionId: null, due: "today", importance: "normal" }]
    : [];
  const tasks = decision.tasks.filter(({ template }) => template !== "read-reply" || decision.alert !== null);
  return { ...decision, answer: isKept ? decision.answer : null, tasks: [...tasks, ...review], inbox: "open" };
}
