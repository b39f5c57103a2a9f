/** A channel: how many messages it can take now, and sending one. It never retries and never throws for what a provider does: the answer is one word. */
import type { DeliveryId, TouchpointId } from "../domain/ids.ts";

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

export type Envelope = {
  readonly touchpointId: TouchpointId;
  readonly deliveryId: DeliveryId;
  readonly from: { readonly name: string; readonly address: string };
  /** One bare, validated address (email) or E.164 number (SMS). */
  readonly to: string;
  /** Seconds from now for which the message is of use on the handset. */
  readonly validSeconds: number;
};

export type EmailContent = {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly calendar: { readonly method: "REQUEST" | "CANCEL"; readonly ics: string } | null;
};
export type SmsContent = { readonly body: string };

export type Channel<Content> = {
  readonly name: "email" | "sms";
  /** How many sends can start now without waiting for a connection. */
  freeConnections(): number;
  send(envelope: Envelope, content: Content): Promise<SendOutcome>;
  /** Whether the provider answers; for readiness. */
  close(): Promise<void>;
};
