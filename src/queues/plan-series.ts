/** `plan-series`: patients whose plan is stale. Rebuilt at any time from `plan_revision <> planned_revision`. */
import { z } from "zod";
import type { PatientId } from "../domain/ids.ts";
import { defineQueue } from "./contract.ts";

/** Patients planned in one transaction: enough to share its statements, few enough to hold their locks only briefly. */
export const PATIENTS_PER_JOB = 25;

const patientId = z.custom<PatientId>((value) => typeof value === "string" && value.length === 36);

export const planSeries = defineQueue({
  name: "plan-series",
  data: z.strictObject({ patientIds: z.array(patientId).min(1).max(PATIENTS_PER_JOB) }),
  concurrency: 4,
});
