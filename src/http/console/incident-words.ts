/** What a privacy officer may find, in the words of the console. */
import type { IncidentOutcome } from "../../domain/incident.ts";

export const INCIDENT_OUTCOME_WORDS: { readonly [Outcome in IncidentOutcome]: string } = {
  "nothing-read": "Nothing that names anybody had gone there",
  "low-risk": "Harm is improbable, by a written assessment",
  notified: "A breach: the patient was told, and whom else the law names",
  "right-number": "It was the patient's number after all",
};
