/**
 * What follows from a text that came in: pure, from what it says, who stands behind the number, and what they were asked last. Safety stands above everything, an
 * end of texts above any answer. Nothing here cancels or moves a visit, and no automatic answer pretends that somebody has read anything.
 */
import { DAY, type Instant } from "./calendar.ts";
import type { ReplyKind, ReplyReading } from "./classify-reply.ts";
import type { ClinicId, PatientId, SeriesId, SessionId, TouchpointId } from "./ids.ts";
import { unreachable } from "./unreachable.ts";

export type ReplyPerson = {
  readonly patientId: PatientId;
  readonly person: "patient" | "escort";
  readonly isCurrent: boolean;
  readonly seriesId: SeriesId | null;
  readonly clinicId: ClinicId | null;
  readonly nextSessionId: SessionId | null;
  readonly nextStartsAt: Instant | null;
};

/** The last text that one patient at the number got, and the visit to come of which it spoke. */
export type AskedText = {
  readonly id: TouchpointId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly purpose: string;
  readonly sessionId: SessionId | null;
  readonly isAnswered: boolean;
  /** The other visits of which it spoke: a text about a week lists several. */
  readonly alsoListed: readonly SessionId[];
};

/** Our question back, which visit was meant: still open, because nothing but it came between. */
export type PendingChoice = {
  readonly intent: "confirm" | "asks-to-move";
  readonly offered: readonly {
    readonly id: SessionId;
    readonly patientId: PatientId;
    readonly seriesId: SeriesId;
    readonly isToCome: boolean;
  }[];
};

export type ReplyCase = {
  readonly reading: ReplyReading;
  readonly now: Instant;
  /** Whether there is more in it than a digit or a word of ours: then a person reads it, whatever else follows. */
  readonly isWordy: boolean;
  readonly people: readonly ReplyPerson[];
  /** A patient each, newest first. */
  readonly lastTexts: readonly AskedText[];
  readonly optOut: { readonly source: string; readonly at: Instant } | null;
  readonly receivedAt: Instant;
  readonly pending: PendingChoice | null;
  /** Too much has gone back and forth: it looks like another robot. */
  readonly isLoop: boolean;
  /** Our answers to this number of late, by stem: a day back for what is said once a day, ten minutes for the crisis text. */
  readonly saidLately: ReadonlySet<string>;
  /** What became of the answer about a visit: null as long as it was not tried. */
  readonly answered: "new" | "same" | "refused" | null;
};

export type VisitAnswer = {
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId;
  /** Visits that are confirmed with it, because the text listed them too. */
  readonly alsoConfirms: readonly SessionId[];
  readonly answer: "confirmed" | "asks-to-move";
};

export type ReplyTask = {
  readonly template: "read-reply" | "meant-visit" | "review-replies";
  readonly patientId: PatientId;
  readonly sessionId: SessionId | null;
  /** `soon`: half an hour of staffed time; `today`: the same staffed day. */
  readonly due: "soon" | "today";
  readonly importance: "critical" | "high" | "normal";
};

export type AutomaticAnswer = {
  readonly template: string;
  readonly to: ReplyPerson;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
};

export type ReplyDecision = {
  readonly kind: ReplyKind;
  readonly patientId: PatientId | null;
  /** The question that it answers. */
  readonly touchpointId: TouchpointId | null;
  readonly sessionId: SessionId | null;
  readonly optOut: "none" | "stop" | "wrong-number";
  /** Lifts the number's opt-out. */
  readonly optIn: boolean;
  readonly alert: "self-harm-words" | "severe-side-effect" | null;
  /** To be recorded before the rest. */
  readonly says: VisitAnswer | null;
  readonly answer: AutomaticAnswer | null;
  /** The crisis text goes to the number itself: no chart has it, or nobody there has a series that could carry an answer. */
  readonly warnsNumber: boolean;
  readonly offered: readonly SessionId[];
  readonly tasks: readonly ReplyTask[];
  readonly inbox: "open" | null;
};

/** A word for a visit counts as one only when there is a visit so soon. */
export const MEANT_VISIT_WITHIN_MS = 14 * DAY;
/** More do not fit into a text; whoever means another one calls. */
const MOST_OFFERED = 4;

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

function nothing({ reading: { kind } }: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  return {
    kind,
    patientId: main?.patientId ?? null,
    touchpointId: null,
    sessionId: null,
    optOut: "none",
    optIn: false,
    alert: null,
    says: null,
    answer: null,
    warnsNumber: false,
    offered: [],
    tasks: [],
    inbox: null,
  };
}

function answerOf(template: string, to: ReplyPerson | undefined, sessionId: SessionId | null = null): AutomaticAnswer | null {
  return to?.seriesId ? { template, to, seriesId: to.seriesId, sessionId } : null;
}

/** A START counts only when it came after the opt-out, and never for a number that turned out to be somebody else's. */
function decideStart(each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  const { optOut, receivedAt, reading } = each;
  if (!optOut) return nothing(each, main);
  if (optOut.at >= receivedAt || optOut.source === "wrong-number") return freeText(each, main);
  return { ...nothing(each, main), optIn: true, answer: reading.byCarrier ? null : answerOf("answer-started", main) };
}

/** A person reads it, the same staffed day; once a day the sender is told that nobody watches the clock for it. */
function freeText(each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
  const { optOut, saidLately } = each;
  const told = optOut !== null || main?.isCurrent === false || saidLately.has("answer-received");
  const tasks: ReplyTask[] = main
    ? [{ template: "read-reply", patientId: main.patientId, sessionId: null, due: "today", importance: "normal" }]
    : [];
  const kind = each.reading.kind === "media" ? "media" : "free-text";
  return { ...nothing(each, main), kind, inbox: "open", tasks, answer: told ? null : answerOf("answer-received", main) };
}

type Intent = "confirm" | "asks-to-move";

function decideAnswer(each: ReplyCase, main: ReplyPerson | undefined, intent: Intent): ReplyDecision {
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

function decideChoice(each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
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
function decideCancel(each: ReplyCase, main: ReplyPerson | undefined): ReplyDecision {
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
