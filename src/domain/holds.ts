/** Whether a patient's hold or a paused series keeps a touchpoint back for now. */
import type { Occasion } from "./occasions.ts";
import type { PatientFacts } from "./patient-facts.ts";
import type { Purpose } from "./protocol.ts";
import type { HoldReason } from "./touchpoint.ts";

/** No survey, check-in or other notice while somebody is in danger; what is needed for a visit, its owner releases or says on the phone. */
const KEPT_BY_ALERT: ReadonlySet<Purpose> = new Set(["survey", "check-in", "notice", "preparation", "reminder", "urgent-change"]);

/** A patient's hold covers everything to the patient and the escort, calls included; a pause covers that of its series. Work for staff goes on. */
export function findHold(occasion: Occasion, { hold, hasOpenAlert }: Pick<PatientFacts, "hold" | "hasOpenAlert">): HoldReason | null {
  if (occasion.rule.recipient === "staff") return hold === "deceased" && !isOwed(occasion) ? "patient-hold" : null;
  if (hold !== null) return "patient-hold";
  if (hasOpenAlert && KEPT_BY_ALERT.has(occasion.rule.purpose)) return "open-alert";
  return occasion.series.status === "paused" ? "series-paused" : null;
}

/**
 * After a death nobody is asked to find a driver or to plan a booster. Held rather than ended, because a wrong entry has to leave no gap. What the clinic owes
 * whatever has happened since, the form for a dose that was given, stays on the list.
 */
function isOwed({ rule, session }: Occasion): boolean {
  return rule.task?.kind === "file-form" && session !== null && session.dosedAt !== null;
}
