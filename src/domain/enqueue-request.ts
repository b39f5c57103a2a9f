/** A treatment series as staff ask for it, parsed and trusted: the output of `parseSeries`, the input of the producer `enqueue-series`. */
import type { CalendarDay, Instant, LocalDateTime, WallClock, Weekday } from "./calendar.ts";
import type { Locale, WallClockSpan } from "./clinic.ts";
import type { SessionStatus } from "./patient-facts.ts";
import type { Zone } from "./place-in-time.ts";
import type { SessionKind, Setting } from "./protocol.ts";

/** Consent to one channel, or to `detail`: unencrypted detail in mail bodies. */
export type ConsentGiven = {
  readonly to: "sms" | "email" | "detail";
  readonly source: string;
  readonly at: Instant;
  readonly wording: string | null;
};

export type PersonRequest = {
  /** NFC, free of control and bidi characters, at most 100 graphemes. */
  readonly name: string;
  /** E.164. */
  readonly phone: string | null;
  /** One bare address, the domain as A-labels in lower case. */
  readonly email: string | null;
  readonly locale: Locale | null;
  readonly consents: readonly ConsentGiven[];
};

export type PatientRequest = PersonRequest & {
  /** The chart number: identifies the person within the group. */
  readonly ref: string;
  readonly birthDate: CalendarDay | null;
  readonly zone: Zone | null;
  readonly quietHours: WallClockSpan | null;
  readonly address: string | null;
  readonly escort: PersonRequest | null;
  readonly emergencyContact: { readonly name: string; readonly phone: string; readonly relation: string | null } | null;
};

export type PastStatus = Extract<SessionStatus, "completed" | "not_dosed" | "no_show" | "cancelled">;

export type SessionRequest = {
  readonly kind: SessionKind;
  readonly setting: Setting;
  readonly owner: "ours" | "external";
  /** The truth: what stands on the wall where it happens. */
  readonly local: LocalDateTime;
  readonly zone: Zone;
  readonly startsAt: Instant;
  /** How a local time that exists twice was resolved. */
  readonly resolution: "exact" | "overlap-first" | "overlap-second";
  /** Length of the treatment; null: the protocol's. Observation comes on top. */
  readonly minutes: number | null;
  readonly place: string | null;
  readonly with: string | null;
  readonly joinUrl: string | null;
  readonly externalId: string | null;
  /** Set for sessions of the past only. */
  readonly status: PastStatus | null;
};

export type Cadence = { readonly first: CalendarDay; readonly weekdays: readonly Weekday[]; readonly at: WallClock };

export type EnqueueRequest = {
  readonly externalId: string | null;
  readonly clinic: string;
  readonly patient: PatientRequest;
  readonly protocol: { readonly id: string; readonly version: number };
  readonly condition: string;
  /** Exactly one of the two. */
  readonly sessions: readonly SessionRequest[] | null;
  readonly cadence: Cadence | null;
};
