/** A channel: how many messages it can take now, and sending one. It never retries and never throws for what a provider does: the answer is one word. */
import type { DeliveryId, TouchpointId } from "../domain/ids.ts";

/**
 * Why a provider will never take this message as it is. `bad-address` and `opted-out` are about the recipient, `content-refused` about the message,
 * `sender-refused` about us (credentials, registration, reputation) and nothing the patient can mend, `refused` says no more.
 */
export type RefusalReason = "bad-address" | "opted-out" | "content-refused" | "sender-refused" | "refused";

/**
 * Classified by the phase the call reached. `not-sent` and `throttled` are provably not accepted; `unknown` may have been.
 * `code` is the provider's own (an SMTP reply or enhanced code, a Twilio code, a socket error), never text about a person.
 */
export type SendOutcome =
  | { readonly kind: "sent"; readonly providerMessageId: string }
  | { readonly kind: "refused"; readonly reason: RefusalReason; readonly code: string }
  | { readonly kind: "not-sent"; readonly code: string }
  | { readonly kind: "throttled"; readonly retryAfterMs: number; readonly code: string }
  | { readonly kind: "unknown"; readonly code: string };

/** Whom one attempt is from and for. */
export type Envelope = {
  readonly touchpointId: TouchpointId;
  readonly deliveryId: DeliveryId;
  readonly from: { readonly name: string; readonly address: string };
  /** One bare, validated address (email) or E.164 number (SMS). */
  readonly to: string;
  /** Seconds from now for which the message is of use on the handset. */
  readonly validSeconds: number;
};

/** A rendered mail; `ics` is a whole iCalendar text of the same method. */
export type EmailContent = {
  readonly subject: string;
  /** May be written when it is read, which is once, when a connection is free; where that throws the mail is `not-sent`. */
  readonly html: string;
  readonly text: string;
  readonly calendar: { readonly method: "REQUEST" | "CANCEL"; readonly ics: string } | null;
  /** Of a mail about several sessions: a calendar may name but one of them. */
  readonly furtherCalendars?: readonly { readonly method: "REQUEST" | "CANCEL"; readonly ics: string }[];
  /** Where one click of a mail program ends messages of this kind (RFC 8058): an https address. Left out of what everybody gets. */
  readonly unsubscribe?: string;
};
/** A rendered text. */
export type SmsContent = { readonly body: string };

/** One way to reach a person. */
export type Channel<Content> = {
  readonly name: "email" | "sms";
  /** How many sends can start now without waiting for a connection. */
  freeConnections(): number;
  /** Sends once, waiting for a connection if it must; ends within the channel's own deadline. A repeat is a second message. */
  send(envelope: Envelope, content: Content): Promise<SendOutcome>;
  /** Takes no more sends, lets those under way end, then hangs up. A repeat does nothing more. */
  close(): Promise<void>;
};
