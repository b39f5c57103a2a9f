/**
 * Retakes: a touchpoint that ended without a word, for a reason that has passed, is planned once more as a row of its own. Ended rows never change, so the new
 * one has the key `<key>~2`, then `~3`; the plan always speaks of the newest.
 */
import type { StoredTouchpoint, TouchpointHistory } from "./touchpoint.ts";

const MARK = "~";

/** The key without its retake: what the touchpoint is, however often it was taken. */
export function baseOf(key: string): string {
  const mark = key.indexOf(MARK);
  return mark === -1 ? key : key.slice(0, mark);
}

/** 1 for the first row of a touchpoint. */
export function takeOf(key: string): number {
  const mark = key.indexOf(MARK);
  return mark === -1 ? 1 : Number(key.slice(mark + 1));
}

export function nextTake(key: string): string {
  return `${baseOf(key)}${MARK}${takeOf(key) + 1}`;
}

/** The newest row of each touchpoint, by its base key. */
export function findNewest(history: TouchpointHistory): ReadonlyMap<string, StoredTouchpoint> {
  const newest = new Map<string, StoredTouchpoint>();
  for (const row of history.values()) {
    const base = baseOf(row.key);
    const rival = newest.get(base);
    if (!rival || takeOf(rival.key) < takeOf(row.key)) newest.set(base, row);
  }
  return newest;
}
