/**
 * One occasion over its channels: the first that can carry it, or all, and the call task where none can. A channel that lost its message to a fact (a refusal,
 * an opt-out, no legal moment) passes it on to the next; one that has said it never does.
 */
import type { Draft } from "./draft.ts";
import { type ChannelCase, type Judgement, judgeChannel, speaksForIt, type Verdict } from "./judge-channel.ts";
import type { Occasion } from "./occasions.ts";
import { isOver, type Reach } from "./patient-facts.ts";
import { keyOf, type PlanContext } from "./plan-context.ts";
import type { Channel } from "./protocol.ts";
import { isLive, isLost } from "./stored-standing.ts";
import { toTouchpoint } from "./to-touchpoint.ts";
import { findTimes } from "./touchpoint-times.ts";
import type { HoldReason, StoredTouchpoint, Suppression } from "./touchpoint.ts";

export function planOccasion(occasion: Occasion, context: PlanContext): Draft[] {
  if (isNewsOfNothing(occasion, context)) return [];
  const drafts: Draft[] = [];
  let unreachable: Draft | undefined;
  let passed: Passed | undefined;
  let carried = false;
  for (const channel of channelsOf(occasion, context)) {
    if (carried && (occasion.rule.deliver === "first" || channel === "task")) break;
    if (channel === "task" && passed && !isWorthACall(passed, occasion)) break;
    const each = toCase(occasion, channel, context);
    const judgement = judgeChannel(each, context);
    if (hasNothingToSay(each, judgement, passed)) continue;
    const { key, verdict, isOpen } = judgement;
    const touchpoint = toTouchpoint(each, { key, verdict, fallbackOf: passed?.key ?? null }, context.facts);
    const draft: Draft = { touchpoint, rule: occasion.rule, stored: each.stored, isOpen };
    if (!each.stored && each.reach !== "reachable") {
      unreachable ??= draft;
      continue;
    }
    drafts.push(draft);
    if (passesOn(each, judgement)) passed = { key, reason: isOpen || !each.stored ? verdict.reason : each.stored.reason };
    else carried = true;
  }
  return drafts.length > 0 || !unreachable ? drafts : [unreachable];
}

/**
 * Whoever helps is told that a visit moves or is off, if they had heard of it, or helped already when it changed: the patient may have told them. Of a series that
 * ends, which had many visits to come, only what they had heard of or may be about to come to.
 */
function isNewsOfNothing(occasion: Occasion, { facts: { escortSince }, hasHeard }: PlanContext): boolean {
  const { rule, series, session } = occasion;
  if (rule.recipient !== "escort" || (rule.anchor !== "session.moved" && rule.anchor !== "session.off")) return false;
  if (hasHeard(occasion)) return false;
  if (isOver(series) && rule.purpose !== "urgent-change") return true;
  return escortSince !== null && (session?.changedAt ?? 0) < escortSince;
}

/** What the last channel left unsaid, and why. */
type Passed = { readonly key: string; readonly reason: string | null };

/** Too many texts are a reason to call only where the message matters. */
function isWorthACall({ reason }: Passed, { rule }: Occasion): boolean {
  return reason !== "over-budget" || rule.importance === "high" || rule.importance === "critical";
}

/** What goes over one channel and was told for this very time before is not told over another. */
function channelsOf(occasion: Occasion, { wasTold }: PlanContext): readonly Channel[] {
  const { channels, deliver } = occasion.rule;
  const told = deliver === "first" ? channels.find((channel) => wasTold(occasion, channel)) : undefined;
  return told ? [told] : channels;
}

function toCase(occasion: Occasion, channel: Channel, context: PlanContext): ChannelCase {
  const { newest } = context;
  const key = keyOf(occasion, channel);
  return {
    occasion,
    channel,
    key,
    stored: newest.get(key),
    reach: reachOf(channel, occasion, context),
    times: findTimes(occasion, channel, context),
    isLatecomer: context.isLatecomer(occasion),
    others: newest.size === 0 ? [] : othersOf(occasion, channel, context),
  };
}

function reachOf(channel: Channel, { rule, session }: Occasion, { facts }: PlanContext): Reach {
  if (channel === "task") return "reachable";
  if (channel === "sms" && rule.recipient === "escort" && session?.escortTexts === false && facts.escort?.sms === "reachable")
    return "no-consent";
  const person = rule.recipient === "escort" ? facts.escort : facts.patient;
  return person ? person[channel] : "no-address";
}

/** Where all channels speak, only the call stands in for the others. */
function othersOf(occasion: Occasion, channel: Channel, { newest }: PlanContext): StoredTouchpoint[] {
  const { channels, deliver } = occasion.rule;
  const standIns = channels.filter((other) => other !== channel && (deliver === "first" || other === "task"));
  return standIns.flatMap((other) => newest.get(keyOf(occasion, other)) ?? []);
}

/** Without a row of its own: another channel tells it, or what it would stand in for is of no more use. */
function hasNothingToSay({ stored, others }: ChannelCase, { verdict }: Judgement, passed: Passed | undefined): boolean {
  if (stored) return false;
  return others.some(speaksForIt) || (passed !== undefined && verdict.reason === "past");
}

const PASSED_ON: ReadonlySet<string | null> = new Set<Suppression | HoldReason>([
  "no-legal-moment",
  "over-budget",
  "block-not-lifted",
  "no-address",
  "no-consent",
  "opted-out",
  "dead-address",
  "not-in-language",
]);

function isSilent({ state, reason }: Verdict): boolean {
  return state !== "planned" && PASSED_ON.has(reason);
}

/** What is stored decides, except while it can still change. `now` has no say here: what another channel took over stays with it. */
function passesOn({ stored }: ChannelCase, { verdict, byFacts, isOpen }: Judgement): boolean {
  if (!stored || isOpen || isLive(stored)) return isSilent(verdict);
  const { state, reason } = stored;
  if (isLost(stored)) return true;
  if (state === "suppressed" && (reason === "no-legal-moment" || reason === "over-budget")) return true;
  const ended = state === "superseded" || state === "cancelled" || (state === "suppressed" && PASSED_ON.has(reason));
  return ended && (byFacts.state === "planned" || isSilent(byFacts));
}
