/** `send-email` and `send-sms`: hints. One job is up to 200 touchpoint ids of one channel and one sender that are to be tried at the same moment. */
import { z } from "zod";
import type { TouchpointId } from "../domain/ids.ts";
import { defineQueue } from "./contract.ts";

/** Measured: with hints of 200 the PostgreSQL engine carries a quarter more texts than with hints of 50, Redis about as many; 400 gain nothing more. */
export const TOUCHPOINTS_PER_HINT = 200;

const touchpointId = z.custom<TouchpointId>((value) => typeof value === "string" && value.length === 36);
const data = z.strictObject({ touchpointIds: z.array(touchpointId).min(1).max(TOUCHPOINTS_PER_HINT) });

export type SendHint = z.output<typeof data>;

/** The ids as hints of a size that a worker takes: a job that holds more is refused whole, and its rows wait until the sweep takes the hint for lost. */
export function toHints(ids: readonly TouchpointId[]): SendHint[] {
  return Array.from({ length: Math.ceil(ids.length / TOUCHPOINTS_PER_HINT) }, (_, turn) => ({
    touchpointIds: ids.slice(turn * TOUCHPOINTS_PER_HINT, (turn + 1) * TOUCHPOINTS_PER_HINT),
  }));
}

/** Hints that come alone, each at a moment of its own, wait for round trips and commits; the gate, not this, bounds how much is sent at once. */
const HINTS_AT_ONCE = 8;

export const sendEmail = defineQueue({ name: "send-email", data, concurrency: HINTS_AT_ONCE });
export const sendSms = defineQueue({ name: "send-sms", data, concurrency: HINTS_AT_ONCE });
