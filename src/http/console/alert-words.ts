/** What alerts are called at the console. */
import type { AlertKind, AlertLevel, AlertOutcome } from "../../domain/alert.ts";
import type { Html } from "../html.ts";
import { pill, type Tone } from "./console-parts.ts";

export const ALERT_KIND_WORDS: { readonly [Kind in AlertKind]: string } = {
  "self-harm-answer": "Thoughts of self-harm in a survey",
  "self-harm-words": "Words of self-harm in a text",
  "severe-side-effect": "Severe side effect",
  "side-effect": "Side effect",
  worsening: "Score is worse",
  "no-next-day-answer": "No answer the day after",
  "no-home-end": "Not known to be home",
};

export const ALERT_LEVEL_WORDS: { readonly [Level in AlertLevel]: string } = {
  critical: "Critical: paged at any hour",
  high: "High: paged in staffed hours",
  medium: "Medium: looked at on the next working day",
};

export const ALERT_OUTCOME_WORDS: { readonly [Outcome in AlertOutcome]: string } = {
  reached: "Reached and safe",
  "not-reached": "Not reached",
  "welfare-check": "Welfare check asked for",
  "911": "911 called",
  hospital: "In hospital",
  "false-alarm": "False alarm",
};

const TONES: { readonly [Level in AlertLevel]: Tone } = { critical: "red", high: "amber", medium: "blue" };

export function levelPill(level: AlertLevel): Html {
  return pill(TONES[level], level);
}
