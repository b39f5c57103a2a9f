/** Quiet hours that a patient may choose: those that staff set, or longer ones. */
import { HOUR, MINUTE, type WallClock, wallClock } from "./calendar.ts";
import type { WallClockSpan } from "./clinic.ts";

export type QuietChoices = {
  /** When the evening's quiet begins: as given, or earlier. */
  readonly from: readonly WallClock[];
  /** When the morning's quiet ends: as given, or later. */
  readonly to: readonly WallClock[];
};

const MOST_HOURS = 3;
const NOON = 12 * 60;
const AN_HOUR = HOUR / MINUTE;

/** By whole hours, up to three each way; undefined for hours that do not go from an evening to a morning, which are staff's to change. */
export function findQuietChoices({ from, to }: WallClockSpan): QuietChoices | undefined {
  if (from < NOON || to > NOON) return undefined;
  const steps = Array.from({ length: MOST_HOURS + 1 }, (_, hours) => hours * AN_HOUR);
  return {
    from: steps.filter((step) => from - step >= NOON + AN_HOUR).map((step) => wallClock(from - step)),
    to: steps.filter((step) => to + step <= NOON).map((step) => wallClock(to + step)),
  };
}

/** Whether a patient may choose these hours instead of those given. */
export function isQuietChoice({ from, to }: WallClockSpan, given: WallClockSpan): boolean {
  const choices = findQuietChoices(given);
  if (!choices) return from === given.from && to === given.to;
  return choices.from.includes(from) && choices.to.includes(to);
}
