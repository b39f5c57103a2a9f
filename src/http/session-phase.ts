/** Where a session stands at a moment, as its patient or escort should hear it. */
import type { Instant } from "../domain/calendar.ts";
import type { SessionStatus } from "../domain/patient-facts.ts";
import { unreachable } from "../domain/unreachable.ts";

export const PHASES = ["ahead", "moved", "postponed", "cancelled", "here", "now", "passed", "over", "not-held", "missed"] as const;

/**
 * `moved`: ahead, at another time than was first told. `postponed`: its time no longer holds and there is no new one yet. `here`: the
 * patient has come. `passed`: its end has come and nobody
 * has recorded what happened, so nothing is presumed. `over`: it took place.
 */
export type Phase = (typeof PHASES)[number];

type PhasedSession = { readonly status: SessionStatus; readonly moved: boolean; readonly startsAt: Instant; readonly endsAt: Instant };

export function toPhase({ status, moved, startsAt, endsAt }: PhasedSession, now: Instant): Phase {
  switch (status) {
    case "scheduled":
    case "arrived":
      if (now >= endsAt) return "passed";
      if (status === "arrived") return "here";
      if (now >= startsAt) return "now";
      return moved ? "moved" : "ahead";
    case "dosed":
      return now >= endsAt ? "over" : "now";
    case "discharged":
    case "completed":
      return "over";
    case "not_dosed":
      return "not-held";
    case "no_show":
      return "missed";
    case "postponed":
    case "cancelled":
      return status;
    default:
      return unreachable(status);
  }
}

/** Whether somebody can still get ready for it. */
export function isAhead(phase: Phase): boolean {
  return phase === "ahead" || phase === "moved";
}

/** Whether it is under way: where it is and until when still counts. */
export function isUnderWay(phase: Phase): boolean {
  return phase === "here" || phase === "now";
}
