/** Until when work that just appeared is to be done: counted in hours in which somebody is there to do it. */
import type { Instant } from "./calendar.ts";
import { addStaffedTime, type StaffedClinic, staffedSpans } from "./staffed-time.ts";

export type Deadline = {
  readonly openedAt: Instant;
  /** Milliseconds of staffed time. */
  readonly within: number;
  /** After which it is of no more use; null: it always is. */
  readonly usefulUntil: Instant | null;
};

/**
 * So much staffed time after it opened; where that is too late, the last staffed moment at which it is still of use. Where there is none, as on a weekend, what
 * can no longer be in time is due all the same.
 */
export function staffedDeadline(clinic: StaffedClinic, { openedAt, within, usefulUntil }: Deadline): Instant {
  const due = addStaffedTime(clinic, openedAt, within);
  if (usefulUntil === null || due <= usefulUntil) return due;
  return staffedSpans(clinic, { from: openedAt, to: usefulUntil }).at(-1)?.to ?? due;
}
