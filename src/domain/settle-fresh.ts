/**
 * What is decided once, when a touchpoint is first planned or comes back, and never again: which stage of a group still goes out when it begins between them, and
 * which message is said by another. A touchpoint that is stored keeps what was decided for it.
 */
import type { Instant } from "./calendar.ts";
import { type Draft, isToBePlanned, merge, standingOf, suppress } from "./draft.ts";
import { mergeIntoMoves } from "./merge-into-moves.ts";
import { mergeTogether } from "./merge-together.ts";
import type { PlannedTouchpoint, TouchpointState } from "./touchpoint.ts";

/** All drafts of one patient, of whatever series. */
export function settleFresh(drafts: readonly Draft[], now: Instant): readonly Draft[] {
  return mergeTogether(mergeSaid(mergeIntoMoves(collapseGroups(drafts, now), now)));
}

const SPOKEN: ReadonlySet<TouchpointState> = new Set(["planned", "sending", "unknown", "sent", "tasked", "failed", "expired"]);

/** Of the stages that are due already, the newest speaks, over all its channels; the older ones are past. */
function collapseGroups(drafts: readonly Draft[], now: Instant): readonly Draft[] {
  const isStage = (draft: Draft) => draft.rule.group !== undefined && draft.touchpoint.dueAt <= now && SPOKEN.has(standingOf(draft));
  const newest = new Map<string, Draft>();
  for (const draft of drafts.filter(isStage)) {
    const rival = newest.get(storyOf(draft));
    if (!rival || rival.touchpoint.dueAt < draft.touchpoint.dueAt) newest.set(storyOf(draft), draft);
  }
  if (newest.size === 0) return drafts;
  const isOld = (draft: Draft) => isToBePlanned(draft) && isStage(draft) && newest.get(storyOf(draft))?.rule.id !== draft.rule.id;
  return drafts.map((draft) => (isOld(draft) ? suppress(draft, "past") : draft));
}

function storyOf({ rule, touchpoint: { seriesId, sessionId, recipient } }: Draft): string {
  return `${seriesId}/${rule.group}/${sessionId}/${recipient}`;
}

/**
 * A message that another one of the same session, recipient and channel carries is merged into it, if that one is still to be sent or was sent; where that one is
 * merged itself just now, into the same message.
 */
function mergeSaid(drafts: readonly Draft[]): readonly Draft[] {
  if (drafts.every(({ rule }) => rule.saidBy === undefined)) return drafts;
  const byPlace = new Map(drafts.map((draft) => [placeOf(draft.rule.id, draft.touchpoint), draft]));
  return drafts.map((draft) => {
    const { saidBy } = draft.rule;
    const survivor = saidBy !== undefined && isToBePlanned(draft) ? byPlace.get(placeOf(saidBy, draft.touchpoint)) : undefined;
    if (!survivor) return draft;
    if (SPEAKING.has(standingOf(survivor))) return merge(draft, survivor);
    const { mergedInto } = survivor.touchpoint;
    return mergedInto ? { ...draft, touchpoint: { ...suppress(draft, "merged").touchpoint, mergedInto } } : draft;
  });
}

const SPEAKING: ReadonlySet<TouchpointState> = new Set(["planned", "sending", "unknown", "sent", "tasked"]);

function placeOf(rule: string, { seriesId, sessionId, occurrence, recipient, channel }: PlannedTouchpoint): string {
  return `${seriesId}/${rule}/${sessionId}/${occurrence}/${recipient}/${channel}`;
}
