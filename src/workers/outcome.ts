/** The vocabulary of workers: one word a touchpoint. Each leads to one state; docs/lifecycle.md draws them. */
import { backOffSeconds } from "./back-off.ts";
import type { RefusalReason, SendOutcome } from "../channels/channel.ts";
import type { Evidence } from "../db/sends.ts";
import { unreachable } from "../domain/unreachable.ts";

export type Outcome =
  /** The provider took it: `sent`. */
  | { readonly kind: "sent"; readonly providerMessageId: string }
  /** Provably not accepted, to be tried again: `planned`. */
  | { readonly kind: "not-yet"; readonly afterSeconds: number; readonly code: string }
  /** Not claimed: a newer fact, the hour or another worker came first. Nothing is written. */
  | { readonly kind: "skipped" }
  /** The provider said no for good: `failed`. */
  | { readonly kind: "refused"; readonly reason: RefusalReason; readonly code: string }
  /** It may have been accepted: `unknown`. */
  | { readonly kind: "unknown"; readonly code: string };

export type OutcomeWord = Outcome["kind"];

/** A wrong password or an unregistered number is not mended within seconds, and asking too often gets a sender blocked. */
const SENDER_REFUSED_SECONDS = 300;

/** What a channel's answer means for the touchpoint on its `attempt`. */
export function toOutcome(answer: SendOutcome, attempt: number): Exclude<Outcome, { kind: "skipped" }> {
  switch (answer.kind) {
    case "refused":
      // Our own account, number or password was refused: the message is as good as before, and staff have to mend something.
      return answer.reason === "sender-refused" ? { kind: "not-yet", afterSeconds: SENDER_REFUSED_SECONDS, code: answer.code } : answer;
    case "sent":
    case "unknown":
      return answer;
    case "throttled":
      return { kind: "not-yet", afterSeconds: Math.max(1, Math.ceil(answer.retryAfterMs / 1_000)), code: answer.code };
    case "not-sent":
      return { kind: "not-yet", afterSeconds: backOffSeconds(attempt), code: answer.code };
    default:
      return unreachable(answer);
  }
}

type Settled = Pick<Evidence, "deliveryState" | "touchpointState" | "reason" | "providerMessageId" | "code" | "backOffSeconds">;

/** The states that a word leads to, on the delivery and on the touchpoint. */
export function toSettled(outcome: Exclude<Outcome, { kind: "skipped" }>): Settled {
  switch (outcome.kind) {
    case "sent":
      return {
        deliveryState: "sent",
        touchpointState: "sent",
        reason: null,
        providerMessageId: outcome.providerMessageId,
        code: null,
        backOffSeconds: 0,
      };
    case "not-yet":
      return {
        deliveryState: "not-sent",
        touchpointState: "planned",
        reason: null,
        providerMessageId: null,
        code: outcome.code,
        backOffSeconds: outcome.afterSeconds,
      };
    case "refused":
      return {
        deliveryState: "refused",
        touchpointState: "failed",
        reason: outcome.reason,
        providerMessageId: null,
        code: outcome.code,
        backOffSeconds: 0,
      };
    case "unknown":
      return {
        deliveryState: "unknown",
        touchpointState: "unknown",
        reason: "no-answer",
        providerMessageId: null,
        code: outcome.code,
        backOffSeconds: 0,
      };
    default:
      return unreachable(outcome);
  }
}
