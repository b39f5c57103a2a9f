/** What an answer means for staff: which alerts it raises, each kind once at its gravest level. Nothing here is ever shown to the patient. */
import type { AlertKind, AlertLevel } from "./alert.ts";
import type { WorseningRule } from "./instruments/instrument.ts";
import { judgeWorsening } from "./judge-worsening.ts";
import type { SurveyResult } from "./score-survey.ts";

export type Raised = { readonly kind: AlertKind; readonly level: AlertLevel };

const GRAVITY: { readonly [Level in AlertLevel]: number } = { medium: 0, high: 1, critical: 2 };

/** `earlier`: totals that it is compared with, the baseline and the one before. */
export function judgeAnswers(
  result: SurveyResult,
  { rule, earlier }: { rule: WorseningRule | null; earlier: readonly number[] },
): Raised[] {
  const { total, alarms } = result;
  const isWorse = rule !== null && total !== null && earlier.some((before) => judgeWorsening(rule, before, total) !== null);
  const raised: Raised[] = [...alarms, ...(isWorse ? [{ kind: "worsening", level: "medium" } as const] : [])];
  return gravest(raised);
}

/** Those of `now` that were not raised before, or not so gravely. */
export function findGraver(now: readonly Raised[], before: readonly Raised[]): Raised[] {
  return gravest(now).filter(({ kind, level }) => before.every((each) => each.kind !== kind || GRAVITY[each.level] < GRAVITY[level]));
}

function gravest(raised: readonly Raised[]): Raised[] {
  const byKind = new Map<AlertKind, Raised>();
  for (const { kind, level } of raised) {
    const other = byKind.get(kind);
    if (!other || GRAVITY[other.level] < GRAVITY[level]) byKind.set(kind, { kind, level });
  }
  return [...byKind.values()];
}
