/** Which messages were merged into one that will not be said, so that they have to speak for themselves. */
import { type Draft, standingOf } from "./draft.ts";
import { baseOf } from "./retakes.ts";
import { isLive, isLost } from "./stored-standing.ts";
import type { StoredTouchpoint, TouchpointState } from "./touchpoint.ts";

/**
 * Ids of merged rows whose survivor this plan suppresses or no longer wants, and that ended without a word. One that failed has a fallback of its own, which says
 * what the others of its rule would have said, but not what another rule does.
 */
export function findUnmerged(drafts: readonly Draft[], rows: readonly StoredTouchpoint[]): string[] {
  const merged = drafts.flatMap(({ stored, isOpen, rule }) =>
    stored && !isOpen && stored.state === "suppressed" && stored.reason === "merged" ? [{ ...stored, isTogether: rule.together }] : [],
  );
  if (merged.length === 0) return [];
  const rowsById = new Map(rows.map((row) => [row.id, row]));
  const draftsByBase = new Map(drafts.map((draft) => [`${draft.touchpoint.seriesId}/${baseOf(draft.touchpoint.key)}`, draft]));
  return merged.flatMap(({ id, mergedIntoId, rule, isTogether }) => {
    const survivor = mergedIntoId === null ? undefined : rowsById.get(mergedIntoId);
    if (!survivor) return [];
    const draft = draftsByBase.get(`${survivor.seriesId}/${baseOf(survivor.key)}`);
    return isSilent(draft, survivor) || (rule !== survivor.rule && isTogether && isUnsaid(survivor)) ? [id] : [];
  });
}

const SILENT: ReadonlySet<TouchpointState> = new Set(["suppressed", "superseded", "cancelled"]);

function isSilent(draft: Draft | undefined, survivor: StoredTouchpoint): boolean {
  return draft ? SILENT.has(standingOf(draft)) : isLive(survivor) || SILENT.has(survivor.state);
}

function isUnsaid(survivor: StoredTouchpoint): boolean {
  return isLost(survivor) || survivor.state === "expired";
}
