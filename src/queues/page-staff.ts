/** `page-staff`: alerts, and tasks about a visit within a day, of which somebody has to be told now. A queue of its own, so that nothing stands in front of it. Rebuilt at any time from `page_at`. */
import { z } from "zod";
import type { AlertId, TaskId } from "../domain/ids.ts";
import { defineQueue } from "./contract.ts";

const alertId = z.custom<AlertId>((value) => typeof value === "string" && value.length === 36);

const taskId = z.custom<TaskId>((value) => typeof value === "string" && value.length === 36);

/** A page that waits for a provider that hangs must not keep the next one waiting. */
const PAGES_AT_ONCE = 10;

export const pageStaff = defineQueue({
  name: "page-staff",
  data: z.union([z.strictObject({ alertId }), z.strictObject({ taskId })]),
  concurrency: PAGES_AT_ONCE,
});
