import type { Limited } from "./fault-script.ts";
import type { TwilioStatus } from "./twilio-messages.ts";

type On = {
  /** Only requests for this number. */
  readonly to?: string;
  /** Creating a message, which is meant when left out, or looking messages up (where `to` is the filter). */
  readonly on?: "create" | "lookup";
};

/**
 * A request that goes wrong. `refuse` answers with the error of `code` (21610 for somebody who opted out); `throttle` is a 429; `fail` is a 500, `drop` resets
 * the connection and `stall` never answers, each before the message is accepted or after: then the ledger has it and its callbacks go out.
 */
export type RequestFault = Limited &
  On &
  (
    | { readonly does: "refuse"; readonly code: number }
    | { readonly does: "throttle"; readonly retryAfterSeconds: number }
    | { readonly does: "fail" | "drop" | "stall"; readonly when: "before-accepting" | "after-accepting" }
  );

/**
 * Other news of a message than `sent`, `delivered` after the answer: these statuses, in this order, as often as they are listed (none: no callbacks). `when`
 * moves them before the answer, or keeps them until they are asked for. `errorCode` goes with `undelivered` and `failed`.
 */
export type ReportFault = Limited & {
  readonly does: "report";
  readonly statuses: readonly TwilioStatus[];
  readonly when?: "before-answer" | "after-answer" | "on-request";
  readonly errorCode?: number;
  readonly to?: string;
};

/** Everything that can be scripted. */
export type TwilioFault = RequestFault | ReportFault;

/** Whether the fault is about this number. */
export function concerns(fault: TwilioFault, to: string | undefined): boolean {
  return fault.to === undefined || fault.to === to;
}
