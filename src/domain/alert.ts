/** An alert: safety, and only safety. What raises one, how grave it is, how it ends. The program never closes or downgrades one. */
import type { AlertId, ClinicId, PatientId, SeriesId, SessionId, TaskId } from "./ids.ts";

export const ALERT_KINDS = [
  "self-harm-answer",
  "self-harm-words",
  "severe-side-effect",
  "side-effect",
  "worsening",
  "no-next-day-answer",
  "no-home-end",
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** `critical` escalates in elapsed time at any hour, `high` in staffed hours, `medium` is looked at on the next working day and pages nobody. */
export const ALERT_LEVELS = ["critical", "high", "medium"] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

export const ALERT_STATES = ["open", "acknowledged", "closed"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export const ALERT_OUTCOMES = ["reached", "not-reached", "welfare-check", "911", "hospital", "false-alarm"] as const;
export type AlertOutcome = (typeof ALERT_OUTCOMES)[number];

/** Why somebody has to look. Nothing of what was said: that stays sealed with its source. */
export type AlertCause = {
  readonly clinicId: ClinicId;
  /** Null: a text from a number that no chart has. Nobody's messages are held then. */
  readonly patientId: PatientId | null;
  readonly seriesId: SeriesId | null;
  readonly sessionId: SessionId | null;
  readonly kind: AlertKind;
  readonly level: AlertLevel;
  readonly source: "survey-response" | "inbound-message" | "touchpoint" | "session" | "staff";
  readonly sourceId: string;
};

/** Hands the page of this alert to the first person on the roster who can be reached. Called after commit where the queue does not take it. May page twice; never loses one. */
export type PageStaff = (alertId: AlertId) => Promise<void>;

/** Hands the page of this task to somebody of the desk. May page twice; never loses one. */
export type PageDesk = (taskId: TaskId) => Promise<void>;

export type TestedPage = {
  readonly name: string;
  readonly channel: "sms" | "email";
  /** `sent` when its provider has taken it. */
  readonly outcome: string;
  readonly code: string | null;
};

/** Pages everybody on a clinic's roster, or one person of it, with a page that says that it is a test; nobody for nobody of that name. A repeat pages again. */
export type TestRoster = (
  clinicId: ClinicId,
  options: { readonly actor: string; readonly person: string | null },
) => Promise<readonly TestedPage[]>;
