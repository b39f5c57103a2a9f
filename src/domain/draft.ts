/** A touchpoint while it is being decided: what the plan wants of it so far, what is stored of it, and whether its lot is still open. */
import type { Rule } from "./protocol.ts";
import { isLive } from "./stored-standing.ts";
import type { PlannedTouchpoint, StoredTouchpoint, Suppression, TouchpointState } from "./touchpoint.ts";

export type Draft = {
  readonly touchpoint: PlannedTouchpoint;
  readonly rule: Rule;
  /** The newest row of it. */
  readonly stored: StoredTouchpoint | undefined;
  /** Whether `now` decides about it: it has no row yet, is taken again, or comes out of a hold. */
  readonly isOpen: boolean;
};

/** Its state once this plan is stored. */
export function standingOf({ touchpoint, stored, isOpen }: Draft): TouchpointState {
  return isOpen || !stored || isLive(stored) ? touchpoint.state : stored.state;
}

export function isToBePlanned({ touchpoint, isOpen }: Draft): boolean {
  return isOpen && touchpoint.state === "planned";
}

/** Said by the survivor; stands as it is without one. */
export function merge(draft: Draft, survivor: Draft | undefined): Draft {
  if (!survivor) return draft;
  const { seriesId, key } = survivor.touchpoint;
  const { touchpoint } = suppress(draft, "merged");
  return { ...draft, touchpoint: { ...touchpoint, mergedInto: { seriesId, key } } };
}

export function suppress(draft: Draft, reason: Suppression): Draft {
  return { ...draft, touchpoint: { ...draft.touchpoint, state: "suppressed", reason } };
}
