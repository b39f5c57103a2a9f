/** Everything the planner knows of one patient: who can be reached how, and all active series. Facts only; no address, no name. */
import type { CalendarDay, Instant } from "./calendar.ts";
import type { ClinicFacts, Locale, WallClockSpan } from "./clinic.ts";
import type { PatientId, SeriesId, SessionId } from "./ids.ts";
import type { OptionalStream } from "./optional-stream.ts";
import type { Zone } from "./place-in-time.ts";
import type { Protocol, SessionKind, Setting } from "./protocol.ts";

export const SESSION_STATUSES = [
  "scheduled",
  "arrived",
  "dosed",
  "not_dosed",
  "discharged",
  "completed",
  "postponed",
  "cancelled",
  "no_show",
] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** Whether a channel can reach a person, or why it cannot. */
export type Reach = "reachable" | "no-address" | "no-consent" | "opted-out" | "dead-address";

export type PersonFacts = {
  readonly zone: Zone;
  readonly locale: Locale;
  readonly quietHours: WallClockSpan;
  readonly email: Reach;
  readonly sms: Reach;
};

export type SessionFacts = {
  readonly id: SessionId;
  /** Position in the series by time, from 1. */
  readonly number: number;
  readonly kind: SessionKind;
  readonly setting: Setting;
  readonly owner: "ours" | "external";
  readonly status: SessionStatus;
  /** Where it happens. */
  readonly zone: Zone;
  readonly startsAt: Instant;
  /** Planned end, observation included. */
  readonly endsAt: Instant;
  readonly dosedAt: Instant | null;
  readonly dischargedAt: Instant | null;
  /** Rises only when staff move the session, and with it every touchpoint key of the session. */
  readonly arming: number;
  /** Clinic time of the last move, postponement or cancellation; null: it stands as it was first made. */
  readonly changedAt: Instant | null;
  /** Whose wish that was. */
  readonly changedBecause: "patient" | "clinic" | null;
  /** The start that the patient had been told when it changed; null: nothing had been announced. */
  readonly toldStart: Instant | null;
  /** Whether they had been told last that it does not take place, and it came back since. */
  readonly toldOff: boolean;
  /** Clinic time at which the present outcome was recorded. */
  readonly outcomeAt: Instant | null;
  /** When the escort may come, when staff said so, and how often before they had said another time that has to be told: 0 for the first. */
  readonly pickup: { readonly at: Instant; readonly saidAt: Instant; readonly round: number } | null;
  /** Whether the monitoring form of this session is filed. */
  readonly formFiled: boolean;
  /** Whether whoever is named as the patient's escort comes to this visit: false where the patient has named somebody else for it. */
  readonly escortComes: boolean;
  /** Whether the escort's own agreement to texts covers this visit. */
  readonly escortTexts: boolean;
  /** What was answered about the session as it stands: an answer given before it moved is none. */
  readonly answers: ReadonlySet<SessionAnswerKind>;
};

/** What somebody may say about a visit; the newest of a pair that contradict each other stands. */
export const SESSION_ANSWERS = [
  "confirmed",
  "asks-to-move",
  "driver-named",
  "driver-missing",
  "fasting-acknowledged",
  "location-confirmed",
  "home-safe",
  "home-trouble",
  "session-over",
] as const;
export type SessionAnswerKind = (typeof SESSION_ANSWERS)[number];

/** Answers of which only the last one said stands. */
export const CONTRADICTING: readonly (readonly SessionAnswerKind[])[] = [
  ["confirmed", "asks-to-move"],
  ["driver-named", "driver-missing"],
  ["home-safe", "home-trouble"],
];

export const SERIES_STATUSES = ["enqueued", "active", "paused", "completed", "stopped", "void"] as const;
export type SeriesStatus = (typeof SERIES_STATUSES)[number];

/** Whether it was stopped or voided: its sessions are history, and what is said of it is that. */
export function isOver({ status }: Pick<SeriesFacts, "status">): boolean {
  return status === "stopped" || status === "void";
}

export type SeriesFacts = {
  readonly id: SeriesId;
  readonly clinic: ClinicFacts;
  readonly protocol: Protocol;
  readonly condition: string;
  /** `stopped` and `void` series are planned once more: for what is said about their end, and nothing else. */
  readonly status: SeriesStatus;
  /** Clinic time at which it was stopped or voided. */
  readonly endedAt: Instant | null;
  /** Of a series that has ended: whether anything of it had reached the patient. */
  readonly announced: boolean;
  readonly enqueuedAt: Instant;
  /** Nothing of this series leaves before. */
  readonly quietUntil: Instant;
  /** In order of time. */
  readonly sessions: readonly SessionFacts[];
  /** Keys of the surveys of this series that are answered. */
  readonly answeredSurveys: ReadonlySet<string>;
};

export type PatientFacts = {
  readonly id: PatientId;
  readonly patient: PersonFacts;
  readonly escort: PersonFacts | null;
  /** Which escort of the patient that is, from 1: whoever takes the place of another is somebody else, to whom nothing has been said yet. */
  readonly escortNumber: number;
  /** Clinic time since which; null: from the beginning. */
  readonly escortSince: Instant | null;
  /** Whether the patient's acceptance of unencrypted detail is recorded. */
  readonly detailAccepted: boolean;
  /** Why nothing may be sent to the patient or the escort for now; null: no hold. */
  readonly hold: HoldCode | null;
  /** Whether a critical alert about this patient is not closed. */
  readonly hasOpenAlert: boolean;
  /** A clinician's mark that silence from this patient matters. */
  readonly watched: boolean;
  /** Surveys that no row of these series stands for: imported, told in a call, or asked in a series that is over. */
  readonly surveyed: readonly { readonly instrument: string; readonly at: Instant }[];
  /** Optional messages that the patient does not want. */
  readonly unsubscribed: ReadonlySet<OptionalStream>;
  /** Clinic time at which staff last checked contact, consent, escort and version with the patient since enqueueing; null: not since. */
  readonly verifiedAt: Instant | null;
  readonly series: readonly SeriesFacts[];
};

/** A session of which nothing has happened since it was made. */
export const AS_MADE = {
  dosedAt: null,
  dischargedAt: null,
  arming: 0,
  changedAt: null,
  changedBecause: null,
  toldStart: null,
  toldOff: false,
  outcomeAt: null,
  pickup: null,
  formFiled: false,
  escortComes: true,
  escortTexts: true,
  answers: new Set<SessionAnswerKind>(),
} as const satisfies Partial<SessionFacts>;

export const HOLD_CODES = ["deceased", "hospitalised", "safety", "complaint", "privacy", "other"] as const;
export type HoldCode = (typeof HOLD_CODES)[number];

/** Days a clinic is closed, as the planner and the cadence read them. */
export type Closures = ReadonlySet<CalendarDay>;
