/** What a message is written from: facts loaded at the moment of sending, opened from encryption, formatted by nobody yet. */
import type { Instant } from "./calendar.ts";
import type { Locale, StaffedHours } from "./clinic.ts";
import type { SessionStatus } from "./patient-facts.ts";
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
  readonly status: SessionStatus;
  /** The start that the patient had been told when it was changed; null: nothing else had been announced. */
  readonly toldStart: Instant | null;
  /** Whose wish the change was; null: there was none, or nobody said. */
  readonly changedBecause: "patient" | "clinic" | null;
  /** From when the escort may come, once staff said so. */
  readonly pickupAt: Instant | null;
  /** How to prepare for it, where that is another series' than the message's own: a week lists the visits of all. */
  readonly instructions?: Protocol["instructions"];
};

/** A session of which nothing has changed since it was booked. */
export const AS_BOOKED = {
  status: "scheduled",
  toldStart: null,
  changedBecause: null,
  pickupAt: null,
} as const satisfies Partial<SessionForMessage>;

export type MessageFacts = {
  readonly template: string;
  readonly locale: Locale;
  readonly clinic: {
    readonly name: string;
    readonly phone: string;
    readonly zone: Zone;
    readonly staffedHours: StaffedHours;
    /** Where visits in the clinic are that name no place of their own; left out where it is not needed or not known. */
    readonly address?: string | null;
  };
  readonly recipient: { readonly kind: Recipient; readonly name: string; readonly zone: Zone };
  readonly patient: { readonly name: string; readonly ref: string; readonly phone: string | null; readonly detailAccepted: boolean };
  readonly instructions: Protocol["instructions"];
  /** The session the touchpoint belongs to, if any. */
  readonly session: SessionForMessage | null;
  /**
   * The sessions of a shared week or, for a series anchor, all sessions still to come; for a change, all sessions that changed with this one, if there are
   * others. In order of time.
   */
  readonly sessions: readonly SessionForMessage[];
  /** The recipient's personal page; absolute URL. */
  readonly link: string;
  /** The reader's page of preferences; none for whoever has none. */
  readonly preferencesLink?: string;
  /** Where one click ends the optional messages to which this one belongs; none for what everybody gets. */
  readonly unsubscribeLink?: string;
  /** What staff wrote; only of messages that carry it. */
  readonly message?: string;
};
