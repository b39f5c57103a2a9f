/** Whether an answer is worse than an earlier one by more than the rule allows. It raises an alert for the next working day and decides nothing. */
import type { WorseningRule } from "./instruments/instrument.ts";

export type Worsening = "points" | "percent" | "total";

/** Which part of the rule is met first: a rise in points, by a share of the earlier total, or to a total. Null: none, or it has not risen. */
export function judgeWorsening(rule: WorseningRule, earlier: number, later: number): Worsening | null {
  const rise = later - earlier;
  if (rise <= 0) return null;
  const { points, percent, total } = rule;
  if (points !== null && rise >= points) return "points";
  // In whole hundredths: 0.2 of 15 is no exact number.
  if (percent !== null && later >= percent.from && earlier > 0 && rise * 100 >= earlier * percent.of) return "percent";
  return total !== null && later >= total && earlier < total ? "total" : null;
}
