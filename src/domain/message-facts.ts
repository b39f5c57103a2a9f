/** What a message is written from: facts loaded at the moment of sending, opened from encryption, formatted by nobody yet. */
import type { Instant } from "./calendar.ts";
import type { Locale, StaffedHours } from "./clinic.ts";
import type { Zone } from "./place-in-time.ts";
import type { Protocol, Recipient, SessionKind, Setting } from "./protocol.ts";

export type SessionForMessage = {
  readonly kind: SessionKind;
  readonly setting: Setting;
  readonly zone: Zone;
  readonly startsAt: Instant;
  /** End with observation: when the companion should be there. */
  readonly endsAt: Instant;
  readonly dischargedAt: Instant | null;
  readonly place: string | null;
  readonly with: string | null;
  readonly joinUrl: string | null;
};

export type MessageFacts = {
  readonly template: string;
  readonly locale: Locale;
  readonly clinic: { readonly name: string; readonly phone: string; readonly zone: Zone; readonly staffedHours: StaffedHours };
  readonly recipient: { readonly kind: Recipient; readonly name: string; readonly zone: Zone };
  readonly patient: { readonly name: string; readonly ref: string; readonly phone: string | null; readonly detailAccepted: boolean };
  readonly instructions: Protocol["instructions"];
  /** The session the touchpoint belongs to, if any. */
  readonly session: SessionForMessage | null;
  /** The sessions of a shared week or, for a series anchor, all sessions still to come; in order of time. */
  readonly sessions: readonly SessionForMessage[];
  /** The recipient's personal page; absolute URL. */
  readonly link: string;
};
