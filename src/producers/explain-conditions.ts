/** Why a touchpoint stands where it stands, in words; and for one that is planned, each condition of the claim with whether it holds. */
import type { Explained } from "../db/view-explain.ts";
import { formatInstant } from "../domain/calendar.ts";
import type { TouchpointState } from "../domain/touchpoint.ts";

export type Condition = { readonly name: string; readonly holds: boolean; readonly says: string };

/**
 * Every condition of `claimable_touchpoints` and of the claim, in the order in which a person would ask: what somebody has to decide or to mend stands before what
 * only time brings.
 */
export function conditionsOf(row: Explained): Condition[] {
  return [
    wanted(row),
    ...(row.recipient === "staff" ? [] : [hold(row)]),
    ...(row.recipient === "staff" ? [] : [pause(row)]),
    ...(row.channel === "task" ? [] : [...reach(row), switches(row), safeMode(row)]),
    ...(row.state === "held" ? [held(row)] : []),
    awaits(row),
    legal(row),
    tryAt(row),
  ];
}

/** What it waits for first. */
export function findBlock(conditions: readonly Condition[]): Condition | undefined {
  return conditions.find(({ holds }) => !holds);
}

const FACTS = { arrival: "the patient's arrival", dosing: "the treatment", discharge: "the patient's discharge" } as const;

function awaits({ awaits }: Explained): Condition {
  return {
    name: "awaits",
    holds: awaits === null,
    says: awaits === null ? "waits for no fact" : `waits until ${FACTS[awaits]} is recorded (afterglow session …)`,
  };
}

function tryAt({ tryAt: at, now }: Explained): Condition {
  return { name: "try-at", holds: at <= now, says: `next attempt at ${formatInstant(at)}` };
}

function legal({ legalAt, now }: Explained): Condition {
  const holds = legalAt.some(({ from, to }) => from <= now && now < to);
  const next = legalAt.find(({ to }) => to > now);
  const window = next ? `${formatInstant(next.from)} to ${formatInstant(next.to)}` : "no legal moment is left";
  return { name: "legal-window", holds, says: holds ? `it is a legal moment (${window})` : `legal: ${window}` };
}

function hold({ holdCode }: Explained): Condition {
  return {
    name: "hold",
    holds: holdCode === null,
    says: holdCode === null ? "the patient is not on hold" : `the patient is on hold (${holdCode})`,
  };
}

function pause({ seriesStatus }: Explained): Condition {
  const holds = seriesStatus !== "paused";
  return { name: "pause", holds, says: holds ? "the series is not paused" : "the series is paused (afterglow series resume)" };
}

function switches({ switchedOff }: Explained): Condition {
  const what = switchedOff === "everything" ? "all sending" : `sending of this ${switchedOff}`;
  return { name: "switch", holds: switchedOff === null, says: switchedOff === null ? "no switch stops it" : `${what} is switched off` };
}

function safeMode({ safeModeSince }: Explained): Condition {
  const holds = safeModeSince === null;
  return {
    name: "safe-mode",
    holds,
    says: holds ? "sending is not in safe mode" : `safe mode sends nothing since ${formatInstant(safeModeSince)}`,
  };
}

/** Once nothing blocks it any more, the next plan lets it go; a lost answer is settled by evidence or by staff. */
function held({ reason }: Explained): Condition {
  return { name: "held", holds: false, says: `it is held: ${reason === null ? "nobody knows why" : (REASONS[reason] ?? reason)}` };
}

function reach({ channel, hasAddress, isGranted, isDead, isOptedOut }: Explained): Condition[] {
  return [
    { name: "address", holds: hasAddress === true && isDead !== true, says: sayAddress(hasAddress, isDead) },
    {
      name: "consent",
      holds: isGranted === true,
      says: isGranted ? `consent to ${channel} is recorded` : `no consent to ${channel} is recorded`,
    },
    { name: "opt-out", holds: !isOptedOut, says: isOptedOut ? "the address has opted out" : "the address has not opted out" },
  ];
}

function sayAddress(hasAddress: boolean | null, isDead: boolean | null): string {
  if (!hasAddress) return "no address is stored";
  return isDead ? "the address is dead: the provider does not know it" : "an address is stored";
}

function wanted({ isUnwanted }: Explained): Condition {
  return { name: "wanted", holds: !isUnwanted, says: isUnwanted ? "a newer fact forbids it" : "no newer fact forbids it" };
}

const STATES: { readonly [State in TouchpointState]: string } = {
  planned: "is to be sent",
  sending: "is in a worker's hands",
  unknown: "may have been sent: the provider's answer was lost",
  held: "is held until what blocks it is lifted",
  sent: "was taken by the provider",
  failed: "was refused by the provider",
  suppressed: "will not be sent",
  expired: "was not sent in time and will not be sent",
  superseded: "was replaced: the plan wants something else now",
  cancelled: "will not be sent: its session does not take place",
  tasked: "was put on the front desk's list",
};

const REASONS: { readonly [reason: string]: string } = {
  past: "its moment had passed when the series was enqueued",
  "no-legal-moment": "no moment was left between its earliest and its latest outside quiet hours",
  merged: "another message says it too",
  "already-told": "the recipient has been told already",
  "surveys-not-enabled": "it asks about thoughts of self-harm, and the clinic has nobody named to look at the answers",
  "not-in-language": "the questions have no wording that may be used in the patient's language",
  unsubscribed: "the patient does not want messages of this kind",
  "no-outcome": "nobody recorded what happened at the session",
  "no-address": "no address is stored for this channel",
  "no-consent": "no consent to this channel is recorded",
  "opted-out": "the address has opted out",
  "dead-address": "the provider does not know the address",
  "bad-address": "the provider does not know the address",
  "content-refused": "the provider refused the message",
  "sender-refused": "the provider refused the sender",
  refused: "the provider refused it",
  "too-late": "its last moment passed before it could be sent",
  "no-answer": "the provider did not answer",
  "worker-lost": "the worker that had it in its hands died",
  "over-budget": "the patient gets as many texts this week as the clinic allows",
  "newer-stage": "a newer message of the same story says it",
  "block-not-lifted": "what blocked it was not lifted in time",
  "patient-hold": "the patient is on hold",
  "series-paused": "the series is paused",
  unverified: "after ninety quiet days staff check contact, consent and escort first",
  unknown: "it may have been sent, and staff have to find out",
  "looked-up": "somebody looked it up at the provider",
  restored: "it was due before a backup was restored",
};

/** One sentence: the state and, where there is one, the reason. */
export function sayState({ state, reason, channel }: Pick<Explained, "state" | "reason" | "channel">): string {
  const says = state === "planned" && channel === "task" ? "is to be put on the front desk's list" : STATES[state];
  return `It ${says}${reason === null ? "" : `: ${REASONS[reason] ?? reason}`}.`;
}

/** The reason alone, as the end of a sentence; null where there is none. */
export function sayReason(reason: string | null): string | null {
  return reason === null ? null : (REASONS[reason] ?? reason.replaceAll("-", " "));
}
