/** What becomes of one occasion on one channel: first by the facts alone, which is what a stored row follows, then by `now` where that still decides. */
import { findBar } from "./asked-survey.ts";
import type { Instant } from "./calendar.ts";
import { mayBecomeCall } from "./becomes-call.ts";
import { findHold } from "./holds.ts";
import type { Occasion } from "./occasions.ts";
import { optionalStreamOf } from "./optional-stream.ts";
import type { PatientFacts, Reach } from "./patient-facts.ts";
import type { PlanContext } from "./plan-context.ts";
import type { Channel } from "./protocol.ts";
import { nextTake } from "./retakes.ts";
import { endedReversibly, isInFlight, isLive, isTold, mayHaveTold } from "./stored-standing.ts";
import type { TouchpointTimes } from "./touchpoint-times.ts";
import type { HoldReason, PlannedTouchpoint, StoredTouchpoint, Suppression } from "./touchpoint.ts";

export type Verdict = Pick<PlannedTouchpoint, "state" | "reason">;

export type ChannelCase = {
  readonly occasion: Occasion;
  readonly channel: Channel;
  /** Of its first row. */
  readonly key: string;
  /** Its newest row. */
  readonly stored: StoredTouchpoint | undefined;
  readonly reach: Reach;
  readonly times: TouchpointTimes | undefined;
  /** It has no row on any channel, although its session was planned for its reader before. */
  readonly isLatecomer: boolean;
  /** Newest rows of the channels in whose place this one would speak. */
  readonly others: readonly StoredTouchpoint[];
};

export type Judgement = {
  readonly key: string;
  readonly verdict: Verdict;
  readonly byFacts: Verdict;
  readonly isOpen: boolean;
};

export function judgeChannel(each: ChannelCase, context: PlanContext): Judgement {
  const byFacts = judgeByFacts(each, context.facts);
  const judgement = { byFacts, ...settle(each, byFacts, context) };
  const { isOpen, verdict, key } = judgement;
  if (!isOpen) return judgement;
  if (verdict.state !== "planned") return isBelated(each, context) ? { ...judgement, verdict: suppressed("past") } : judgement;
  const needless = isBelatedChaser(each, context.now) ? "past" : findNeedless(each, context);
  if (needless) return { ...judgement, verdict: suppressed(needless) };
  const isOver = context.decisions.overBudget.has(`${each.occasion.series.id}/${key}`);
  return isOver ? { ...judgement, verdict: suppressed("over-budget") } : judgement;
}

/**
 * What was said before, and what another visit's change brings up after its hour: nobody needs a reminder of a visit that stands as it stood, except of what must
 * be said or called.
 */
function findNeedless(
  { occasion, channel, times, isLatecomer }: ChannelCase,
  { wasTold, isSaidBesides, now }: PlanContext,
): Suppression | null {
  if (wasTold(occasion, channel)) return "already-told";
  if (!isLatecomer || !times || times.dueAt > now) return null;
  if (isSaidBesides(occasion)) return "already-told";
  return mayBecomeCall(occasion.rule) ? null : "past";
}

/** What cannot be said here, and comes up after its hour: no other channel says it either, neither now nor when it is planned again. */
function isBelated({ occasion, stored, reach, isLatecomer, times }: ChannelCase, { now }: PlanContext): boolean {
  return !stored && reach === "reachable" && isLatecomer && times !== undefined && times.dueAt <= now && !mayBecomeCall(occasion.rule);
}

/** What was never planned reminds of nothing: neither after its own hour nor of a survey that was over before it could be asked. */
function isBelatedChaser({ occasion: { survey }, stored, times }: ChannelCase, now: Instant): boolean {
  if (stored || survey === null || survey.chasedUntil === null) return false;
  return survey.chasedUntil <= now || (times !== undefined && times.dueAt <= now);
}

/** A row that is waiting may go on waiting for consent; what was never planned is not planned in hope of one, and an address has to be mended first. */
function judgeByFacts({ occasion, channel, stored, reach, times }: ChannelCase, facts: PatientFacts): Verdict {
  if (isUnwanted(occasion.rule, facts)) return suppressed("unsubscribed");
  if (reach !== "reachable") {
    const waits = times && stored && (isLive(stored) || isInFlight(stored));
    return waits && (reach === "no-consent" || reach === "opted-out") ? held(reach) : suppressed(reach);
  }
  if (!times) return suppressed("no-legal-moment");
  const bar = findSurveyBar(occasion, channel, facts);
  if (bar) return suppressed(bar);
  const hold = findHold(occasion, facts, stored?.isReleased === true ? "released" : "kept");
  return hold ? held(hold) : PLANNED;
}

/** Nobody calls about it either. */
function isUnwanted(rule: Occasion["rule"], { unsubscribed }: PatientFacts): boolean {
  const stream = optionalStreamOf(rule);
  return stream !== null && unsubscribed.has(stream);
}

/** Somebody who calls can read out a questionnaire that has no wording in the patient's language, and say so. */
function findSurveyBar({ survey, series: { clinic }, rule }: Occasion, channel: Channel, { patient }: PatientFacts): Suppression | null {
  const bar = survey === null || rule.recipient !== "patient" ? null : findBar(survey, { clinic, locale: patient.locale });
  return bar === "not-in-language" && channel === "task" ? null : bar;
}

/**
 * What is stored decides how much is still open: everything of what has no row, whether it is too late of what comes out of a hold, a new row for what ended
 * without a word, and nothing of the rest.
 */
function settle(each: ChannelCase, byFacts: Verdict, context: PlanContext): Omit<Judgement, "byFacts"> {
  const { key, stored, reach, others } = each;
  const late = findLate(each, context.now);
  if (!stored) return { key, verdict: reach === "reachable" && late ? suppressed(late) : byFacts, isOpen: true };
  const closed = { key: stored.key, verdict: byFacts, isOpen: false };
  const isWanted = byFacts.state === "planned";
  const mayBeTold = others.some(speaksForIt);
  if (!isLive(stored)) {
    const isTakenAgain = isWanted && !late && !mayBeTold && isReversible(stored, each, context);
    return isTakenAgain ? { key: nextTake(stored.key), verdict: byFacts, isOpen: true } : closed;
  }
  if (stored.state === "planned") return closed;
  if (others.some(isTold) || (isWanted && mayBeTold)) return { ...closed, verdict: suppressed("already-told") };
  if (!isWanted) return closed;
  // The sweep ends what is still held at its last moment with this word; whoever comes first, the row ends the same way.
  return { key: stored.key, verdict: late ? suppressed("block-not-lifted") : byFacts, isOpen: true };
}

/** The message is out on another channel, perhaps, or a call about it is on the list. */
export function speaksForIt(other: StoredTouchpoint): boolean {
  return mayHaveTold(other) || isTold(other);
}

/** Whether what ended can be taken again: its reason has passed, or the one that should have said it will not. */
function isReversible(stored: StoredTouchpoint, { occasion, channel }: ChannelCase, { wasTold, decisions }: PlanContext): boolean {
  if (endedReversibly(stored) || decisions.unmerged.has(stored.id)) return true;
  return stored.state === "suppressed" && stored.reason === "already-told" && !wasTold(occasion, channel);
}

/** Still of use, but its legal hours are over: the next channel has to say it. A task stays planned; the sweep opens one that is late. */
function findLate({ occasion, channel, times }: ChannelCase, now: Instant): "past" | "no-legal-moment" | null {
  if (occasion.usefulUntil <= now) return "past";
  return times && times.sendBy <= now && channel !== "task" ? "no-legal-moment" : null;
}

const PLANNED: Verdict = { state: "planned", reason: null };

function held(reason: HoldReason): Verdict {
  return { state: "held", reason };
}

function suppressed(reason: Suppression): Verdict {
  return { state: "suppressed", reason };
}
