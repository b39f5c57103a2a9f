/** Tasks: work for the front desk. What may become of one, and with which words it is closed. */

export const TASK_STATES = ["open", "taken", "done", "dropped", "cancelled"] as const;
/** `done` and `dropped` by staff, `cancelled` by a fact that settled what the task was about; all three are final. */
export type TaskState = (typeof TASK_STATES)[number];

export const TASK_OUTCOMES = ["reached", "voicemail", "no-answer", "filed", "recorded", "other"] as const;
/** What came of a task that is done. */
export type TaskOutcome = (typeof TASK_OUTCOMES)[number];

/** The facts that settle a task without anybody working on it, as the audit and the list show them. */
export const SETTLEMENTS = [
  "form-filed",
  "outcome-recorded",
  "session-moved",
  "session-off",
  "visit-begun",
  "pickup-changed",
  "driver-named",
  "series-ended",
  "deceased",
  "verified",
  "answered",
] as const;
/** Whoever was to be called does not escort any more. */
export const ESCORT_REPLACED = "escort-replaced";
/** The visit that somebody was to be called about, because it was not ready, is. */
export const BECAME_READY = "ready";
/** No fact, but a more urgent task that asks for the same. */
export const REPLACED = "newer-task";
export type Settlement = (typeof SETTLEMENTS)[number] | typeof REPLACED | typeof ESCORT_REPLACED | typeof BECAME_READY;

/** Whether it still waits for somebody. */
export function isOpenTask(state: TaskState): boolean {
  return state === "open" || state === "taken";
}
