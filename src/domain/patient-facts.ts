/** Everything the planner knows of one patient: who can be reached how, and all active series. Facts only; no address, no name. */
import type { CalendarDay, Instant } from "./calendar.ts";
import type { ClinicFacts, Locale, WallClockSpan } from "./clinic.ts";
import type { PatientId, SeriesId, SessionId } from "./ids.ts";
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
};

export type SeriesFacts = {
  readonly id: SeriesId;
  readonly clinic: ClinicFacts;
  readonly protocol: Protocol;
  readonly condition: string;
  readonly enqueuedAt: Instant;
  /** Nothing of this series leaves before. */
  readonly quietUntil: Instant;
  /** In order of time. */
  readonly sessions: readonly SessionFacts[];
};

export type PatientFacts = {
  readonly id: PatientId;
  readonly patient: PersonFacts;
  readonly escort: PersonFacts | null;
  /** Whether the patient's acceptance of unencrypted detail is recorded. */
  readonly detailAccepted: boolean;
  readonly series: readonly SeriesFacts[];
};

/** Days a clinic is closed, as the planner and the cadence read them. */
export type Closures = ReadonlySet<CalendarDay>;
