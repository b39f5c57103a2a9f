/** What becomes of one occasion on one channel: first by the facts alone, which is what a stored row follows, then by `now` where that still decides. */
import type { Instant } from "./calendar.ts";
import { findHold } from "./holds.ts";
import type { Occasion } from "./occasions.ts";
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
  if (!isOpen || verdict.state !== "planned") return judgement;
  if (context.wasTold(each.occasion, each.channel)) return { ...judgement, verdict: suppressed("already-told") };
  const isOver = context.decisions.overBudget.has(`${each.occasion.series.id}/${key}`);
  return isOver ? { ...judgement, verdict: suppressed("over-budget") } : judgement;
}

/** A row that is waiting may go on waiting for consent; what was never planned is not planned in hope of one, and an address has to be mended first. */
function judgeByFacts({ occasion, stored, reach, times }: ChannelCase, facts: PatientFacts): Verdict {
  if (reach !== "reachable") {
    const waits = times && stored && (isLive(stored) || isInFlight(stored));
    return waits && (reach === "no-consent" || reach === "opted-out") ? held(reach) : suppressed(reach);
  }
  if (!times) return suppressed("no-legal-moment");
  if (occasion.rule.survey) return suppressed("surveys-not-enabled");
  const hold = findHold(occasion, facts);
  return hold ? held(hold) : PLANNED;
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
