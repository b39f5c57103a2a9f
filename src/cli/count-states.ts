/** How many touchpoints are in which state. */
import { TOUCHPOINT_STATES } from "../domain/touchpoint.ts";
import { count } from "./show-faults.ts";

type Row = { readonly state: string };

/** Only the states that occur, in the order of a touchpoint's life. */
export function countByState(rows: readonly Row[]): Record<string, number> {
  const counts = TOUCHPOINT_STATES.map((state) => [state, rows.filter((row) => row.state === state).length] as const);
  return Object.fromEntries(counts.filter(([, number]) => number > 0));
}

/** As a phrase: `24 touchpoints: 18 planned, 6 suppressed`. */
export function countStates(rows: readonly Row[]): string {
  const counts = Object.entries(countByState(rows)).map(([state, number]) => `${number} ${state}`);
  return [count(rows.length, "touchpoint"), ...(counts.length > 0 ? [counts.join(", ")] : [])].join(": ");
}
