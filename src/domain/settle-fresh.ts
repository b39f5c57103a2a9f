/**
 * What is decided once, when a touchpoint is first planned or comes back, and never again: which stage of a group still goes out when it begins between them, and
 * which message is said by another. A touchpoint that is stored keeps what was decided for it.
 */
import { HOUR, type Instant } from "./calendar.ts";
import { type Draft, isToBePlanned, merge, standingOf, suppress } from "./draft.ts";
import { mergeIntoMoves } from "./merge-into-moves.ts";
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

/**
 * Messages that list the sessions of whatever is merged into them are said as one, over all sessions and series of the patient, when they are due within an hour.
 * Only what this same plan stores can take others in: a row that is stored already may have been written by now.
 */
function mergeTogether(drafts: readonly Draft[]): readonly Draft[] {
  const joining = drafts.filter((draft) => draft.rule.together && isToBePlanned(draft) && draft.touchpoint.channel !== "task");
  if (joining.length < 2) return drafts;
  const survivors = new Map<Draft, Draft>();
  for (const group of Map.groupBy(joining, audienceOf).values()) {
    let survivor: Draft | undefined;
    for (const draft of group.toSorted(inOrder)) {
      if (survivor && draft.touchpoint.dueAt - survivor.touchpoint.dueAt < HOUR) survivors.set(draft, survivor);
      else survivor = draft;
    }
  }
  return drafts.map((draft) => merge(draft, survivors.get(draft)));
}

function audienceOf({ touchpoint: { clinicId, template, purpose, recipient, channel } }: Draft): string {
  return `${clinicId}/${template}/${purpose}/${recipient}/${channel}`;
}

function inOrder({ touchpoint: a }: Draft, { touchpoint: b }: Draft): number {
  return a.dueAt - b.dueAt || (`${a.seriesId}/${a.key}` < `${b.seriesId}/${b.key}` ? -1 : 1);
}
