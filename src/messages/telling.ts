/** The facts as one render sees them, and what a variable is: a function of them. */
import type { Instant } from "../domain/calendar.ts";
import type { MessageFacts, SessionForMessage } from "../domain/message-facts.ts";

export type MessageChannel = "email" | "sms" | "task";
/** What a text is part of; `html` is the email's, escaped. */
export type MessagePart = MessageChannel | "html";

export type Telling = {
  readonly facts: MessageFacts;
  /** The moment of sending. */
  readonly now: Instant;
  readonly channel: MessageChannel;
  /** The touchpoint's session, or the first of the sessions listed; inside a loop the one being listed. */
  readonly session: SessionForMessage | null;
  readonly loop: { readonly index: number; readonly first: boolean; readonly last: boolean } | null;
  /** What was worked out already, by reader. */
  readonly values: Map<Reader, Value>;
};

/** What a variable can be; `null` where the facts have no such thing. */
export type Value = string | number | boolean | null | readonly SessionForMessage[];
export type Reader<V extends Value = Value> = (telling: Telling) => V;
export type ReaderGroup = { readonly [name: string]: Reader };

/** The facts as a template sees them. */
export function toTelling(facts: MessageFacts, { now, channel }: { now: Instant; channel: MessageChannel }): Telling {
  return { facts, now, channel, session: facts.session ?? facts.sessions[0] ?? null, loop: null, values: new Map() };
}

/** A variable of the session at hand; null when there is none. */
export function ofSession<V extends Value>(read: (session: SessionForMessage, telling: Telling) => V): Reader<V | null> {
  return (telling) => (telling.session ? read(telling.session, telling) : null);
}
