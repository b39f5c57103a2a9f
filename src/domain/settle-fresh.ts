/**
 * What is decided once, when a touchpoint is first planned, and never again: which stage of a group still goes out when the series is enqueued between them,
 * and which text is said by another. A touchpoint that is stored keeps what was decided for it.
 */
import type { Instant } from "./calendar.ts";
import type { Rule } from "./protocol.ts";
import type { PlannedTouchpoint, Suppression, TouchpointHistory, TouchpointState } from "./touchpoint.ts";

export type Settling = { readonly rules: readonly Rule[]; readonly history: TouchpointHistory; readonly now: Instant };

export function settleFresh(wanted: readonly PlannedTouchpoint[], settling: Settling): PlannedTouchpoint[] {
  return mergeSaid(collapseGroups(wanted, settling), settling);
}

/** Of the stages that are due already, the newest speaks, over all its channels; the older ones are past. */
function collapseGroups(wanted: readonly PlannedTouchpoint[], { rules, history, now }: Settling): PlannedTouchpoint[] {
  const groups = new Map(rules.flatMap(({ id, group }) => (group ? [[id, group] as const] : [])));
  const storyOf = ({ rule, sessionId, recipient }: PlannedTouchpoint) => `${groups.get(rule)}/${sessionId}/${recipient}`;
  const isStage = (each: PlannedTouchpoint) =>
    each.state === "planned" && each.dueAt <= now && groups.has(each.rule) && !history.has(each.key);
  const newest = new Map<string, PlannedTouchpoint>();
  for (const each of wanted.filter(isStage)) {
    const rival = newest.get(storyOf(each));
    if (!rival || rival.dueAt < each.dueAt) newest.set(storyOf(each), each);
  }
  if (newest.size === 0) return [...wanted];
  return wanted.map((each) => (isStage(each) && newest.get(storyOf(each))?.rule !== each.rule ? suppress(each, "past") : each));
}

/** A text whose message another one of the same session, recipient and channel carries is merged into it, if that one is still to be sent or was sent. */
function mergeSaid(wanted: readonly PlannedTouchpoint[], { rules, history }: Settling): PlannedTouchpoint[] {
  const saidBy = new Map(rules.flatMap(({ id, saidBy }) => (saidBy ? [[id, saidBy] as const] : [])));
  if (saidBy.size === 0) return [...wanted];
  const placeOf = (rule: string, each: PlannedTouchpoint) =>
    `${rule}/${each.sessionId}/${each.occurrence}/${each.recipient}/${each.channel}`;
  const byPlace = new Map(wanted.map((each) => [placeOf(each.rule, each), each]));
  return wanted.map((each) => {
    const speaker = saidBy.get(each.rule);
    if (!speaker || each.state !== "planned" || history.has(each.key)) return each;
    const survivor = byPlace.get(placeOf(speaker, each));
    return survivor && speaks(survivor, history) ? { ...suppress(each, "merged"), mergedInto: survivor.key } : each;
  });
}

const SPEAKING: ReadonlySet<TouchpointState> = new Set(["planned", "sending", "unknown", "sent", "tasked"]);

function speaks(survivor: PlannedTouchpoint, history: TouchpointHistory): boolean {
  const state = history.get(survivor.key)?.state ?? survivor.state;
  return SPEAKING.has(state);
}

function suppress(touchpoint: PlannedTouchpoint, reason: Suppression): PlannedTouchpoint {
  return { ...touchpoint, state: "suppressed", reason };
}
