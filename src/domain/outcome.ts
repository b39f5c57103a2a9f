/** What became of one measure from the baseline to the last answer. Numbers only: never a diagnosis, never a word to the patient. */
import type { Instant } from "./calendar.ts";
import type { Instrument } from "./instruments/instrument.ts";

/** One answer with a total. */
export type Measure = { readonly at: Instant; readonly total: number };

export type Outcome = {
  readonly baseline: Measure;
  readonly last: Measure;
  /** Later minus earlier: below zero is better. */
  readonly change: number;
  /** The same as a share of the baseline, in whole percent; null for a baseline of zero. */
  readonly percent: number | null;
  /** A fall by at least half; null for a baseline of zero. */
  readonly response: boolean | null;
  /** Null where the instrument defines none. */
  readonly remission: boolean | null;
  /** Whether the change is more than chance; null where nothing is known of that. */
  readonly reliable: boolean | null;
};

/**
 * `measures` in order of time; `begunAt` is the first dose. The baseline is the last answer before it, or the first one where there is none. Undefined when
 * nothing was measured besides the baseline.
 */
export function judgeOutcome(
  { scoring }: Pick<Instrument, "scoring">,
  measures: readonly Measure[],
  begunAt: Instant | null,
): Outcome | undefined {
  const before = begunAt === null ? undefined : measures.findLast(({ at }) => at < begunAt);
  const baseline = before ?? measures[0];
  const last = measures.at(-1);
  if (!baseline || !last || baseline === last) return undefined;
  const change = last.total - baseline.total;
  const hasBase = baseline.total > 0;
  return {
    baseline,
    last,
    change,
    percent: hasBase ? Math.round((change / baseline.total) * 100) : null,
    response: hasBase ? last.total * 2 <= baseline.total : null,
    remission: scoring?.remissionBelow === undefined || scoring.remissionBelow === null ? null : last.total < scoring.remissionBelow,
    reliable: scoring?.reliableChange === undefined || scoring.reliableChange === null ? null : Math.abs(change) >= scoring.reliableChange,
  };
}
