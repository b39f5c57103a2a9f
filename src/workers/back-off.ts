/** How long a provably unsent message waits: 30 s, doubled with each attempt, at most half an hour. A greylisting server answers within that. */
const FIRST_SECONDS = 30;
const MOST_SECONDS = 1_800;

/** Seconds until the next try after `attempt` (from 1). */
export function backOffSeconds(attempt: number): number {
  return Math.min(MOST_SECONDS, FIRST_SECONDS * 2 ** Math.max(0, attempt - 1));
}
