/** A privacy incident: somebody else may have read what was meant for a patient. What a privacy officer may find. */

export const INCIDENT_STATES = ["open", "closed"] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/**
 * `nothing-read`: nothing that names anybody had gone there. `low-risk`: what had gone there makes harm improbable, by a written assessment. `notified`: a breach; the
 * patient was told, and whoever else the law names. `right-number`: it was the patient's after all. 45 CFR 164.402 and 164.404.
 */
export const INCIDENT_OUTCOMES = ["nothing-read", "low-risk", "notified", "right-number"] as const;
export type IncidentOutcome = (typeof INCIDENT_OUTCOMES)[number];
