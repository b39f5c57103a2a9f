/** `record-delivery`: reports of providers that are stored and not folded yet. Rebuilt at any time from `folded_at is null`. */
import { z } from "zod";
import type { ProviderEventId } from "../domain/ids.ts";
import { defineQueue } from "./contract.ts";

/** Reports folded in one transaction: enough to share its statements. */
export const REPORTS_PER_JOB = 50;

const eventId = z.custom<ProviderEventId>((value) => typeof value === "string" && value.length === 36);

export const recordDelivery = defineQueue({
  name: "record-delivery",
  data: z.strictObject({ eventIds: z.array(eventId).min(1).max(REPORTS_PER_JOB) }),
  concurrency: 4,
});
