/** Lives through the weeks of the seeded series, on the stepped clock, until every series that comes to an end has come to it. */
import { DAY, type Instant, instant } from "../domain/calendar.ts";
import type { Database } from "../db/database.ts";
import type { Span } from "../domain/touchpoint.ts";
import { ClockStalled, type ScriptedFact, stepThrough } from "../producers/step-through.ts";
import { countOpen } from "./demo-summary.ts";
import { DependencyDown } from "./failures.ts";

const WEEK = 7 * DAY;
/** The longest example takes six; an example of somebody's own may take longer, but not for ever. */
const MOST_WEEKS = 26;
const STALL_MS = 60_000;
/** Stand-ins take a quarter of a minute; what was given may be slower, but not so slow that nobody knows whether it still goes on. */
const RUN_WITHIN_MS = 600_000;

export type Weeks = {
  readonly begin: Instant;
  /** What happens at the clinic from one moment to another, asked for when that span begins. */
  readonly factsWithin: (span: Span) => Promise<readonly ScriptedFact[]>;
  /** What happens beside the visits. */
  readonly scenes: readonly ScriptedFact[];
  readonly signal: AbortSignal;
  readonly onWeek: (week: number, begins: Instant) => void;
  readonly onSettled: (now: Instant) => Promise<void>;
  /** Whether somebody else takes the clock from this moment on; asked at the beginning of each day. */
  readonly isTaken: (now: Instant) => boolean;
};

export type Lived = {
  readonly weeks: number;
  readonly steps: number;
  /** Where it ended, and what was still to happen. */
  readonly rest: { readonly from: Instant; readonly facts: readonly ScriptedFact[]; readonly isTaken: boolean };
};

/** Returns how many weeks went by and how many steps the clock took. Day by day, because sessions are made, moved and called off while it runs. */
export async function liveThroughWeeks(
  db: Database,
  { begin, factsWithin, scenes, signal, onWeek, onSettled, isTaken }: Weeks,
): Promise<Lived> {
  const limit = AbortSignal.timeout(RUN_WITHIN_MS);
  let steps = 0;
  let facts: readonly ScriptedFact[] = scenes;
  for (let week = 1; week <= MOST_WEEKS; week++) {
    const [begins, ends] = [instant(begin + (week - 1) * WEEK), instant(begin + week * WEEK)];
    onWeek(week, begins);
    for (let day = begins; day < ends; day = instant(day + DAY)) {
      if (isTaken(day)) return { weeks: week, steps, rest: { from: day, facts: facts.filter(({ at }) => at >= day), isTaken: true } };
      // What happens on the stroke belongs to the day that begins.
      const until = instant(day + DAY - 1);
      facts = [...facts.filter(({ at }) => at >= day), ...(await factsWithin({ from: day, to: until }))];
      steps += await stepThrough(db, { until, facts, onSettled, signal: AbortSignal.any([signal, limit]), stallMs: STALL_MS }).catch(
        sayStalled,
      );
      signal.throwIfAborted();
      if (limit.aborted) throw new DependencyDown(`The weeks did not go by within ${RUN_WITHIN_MS / 60_000} minutes; ${TOO_SLOW}`);
    }
    const rest = { from: ends, facts: facts.filter(({ at }) => at >= ends), isTaken: false };
    if ((await countOpen(db)) === 0 || week === MOST_WEEKS) return { weeks: week, steps, rest };
  }
  throw new Error("No week was lived through");
}

const TOO_SLOW = "a database, queue or provider that was given to the demo answers too slowly, or not at all.";

function sayStalled(cause: unknown): never {
  if (!(cause instanceof ClockStalled)) throw cause;
  throw new DependencyDown(`${cause.message}; ${TOO_SLOW}`, { cause });
}
