/** Whether a patient's hold or a paused series keeps a touchpoint back for now. */
import type { Occasion } from "./occasions.ts";
import type { PatientFacts } from "./patient-facts.ts";
import type { Purpose } from "./protocol.ts";
import type { HoldReason } from "./touchpoint.ts";

/**
 * No survey, check-in or notice while somebody is in danger. What is needed for a visit is kept too, but not decided by the program: whoever has the alert releases
 * it or says it on the phone.
 */
export const KEPT_BY_ALERT = [
  "survey",
  "check-in",
  "notice",
  "preparation",
  "reminder",
  "urgent-change",
] as const satisfies readonly Purpose[];
/** Of those, what the owner of the alert decides. */
export const DECIDED_BY_OWNER = ["preparation", "reminder", "urgent-change"] as const satisfies readonly Purpose[];

const kept: ReadonlySet<Purpose> = new Set(KEPT_BY_ALERT);

/**
 * A patient's hold covers everything to the patient and the escort, calls included; a pause covers that of its series. Work for staff goes on. `released`: the
 * owner of an open alert has let this one go.
 */
export function findHold(
  occasion: Occasion,
  { hold, hasOpenAlert }: Pick<PatientFacts, "hold" | "hasOpenAlert">,
  alert: "kept" | "released" = "kept",
): HoldReason | null {
  if (occasion.rule.recipient === "staff") return hold === "deceased" && !isOwed(occasion) ? "patient-hold" : null;
  if (hold !== null) return "patient-hold";
  if (hasOpenAlert && alert === "kept" && kept.has(occasion.rule.purpose)) return "open-alert";
  return occasion.series.status === "paused" ? "series-paused" : null;
}

/**
 * After a death nobody is asked to find a driver or to plan a booster. Held rather than ended, because a wrong entry has to leave no gap. What the clinic owes
 * whatever has happened since, the form for a dose that was given, stays on the list.
 */
function isOwed({ rule, session }: Occasion): boolean {
  return rule.task?.kind === "file-form" && session !== null && session.dosedAt !== null;
}
