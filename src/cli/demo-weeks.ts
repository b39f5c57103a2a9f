/** Lives through the weeks of the seeded series, on the stepped clock, until every series that comes to an end has come to it. */
import { DAY, type Instant, instant } from "../domain/calendar.ts";
import type { Database } from "../db/database.ts";
import { ClockStalled, type ScriptedFact, stepThrough } from "../producers/step-through.ts";
import type { DemoScript } from "./demo-script.ts";
import { countOpen } from "./demo-summary.ts";
import { DependencyDown } from "./failures.ts";

const WEEK = 7 * DAY;
/** The longest example takes six; an example of somebody's own may take longer, but not for ever. */
const MOST_WEEKS = 26;
const STALL_MS = 60_000;

export type Weeks = {
  readonly begin: Instant;
  readonly script: DemoScript;
  readonly signal: AbortSignal;
  readonly onWeek: (week: number, begins: Instant) => void;
  readonly onSettled: (now: Instant) => Promise<void>;
};

/** Returns how many weeks went by and how many steps the clock took. Week by week, because an open-ended series makes sessions while it runs. */
export async function liveThroughWeeks(
  db: Database,
  { begin, script, signal, onWeek, onSettled }: Weeks,
): Promise<{ weeks: number; steps: number }> {
  let steps = 0;
  let facts: ScriptedFact[] = [];
  for (let week = 1; week <= MOST_WEEKS; week++) {
    const begins = instant(begin + (week - 1) * WEEK);
    const until = instant(begins + WEEK);
    facts = [...facts.filter(({ at }) => at > begins), ...(await script.factsBefore(until))];
    onWeek(week, begins);
    steps += await stepThrough(db, { until, facts, onSettled, signal, stallMs: STALL_MS }).catch(sayStalled);
    signal.throwIfAborted();
    if ((await countOpen(db)) === 0) return { weeks: week, steps };
  }
  return { weeks: MOST_WEEKS, steps };
}

function sayStalled(cause: unknown): never {
  if (!(cause instanceof ClockStalled)) throw cause;
  throw new DependencyDown(`${cause.message}; a database, queue or provider that was given to the demo does not answer.`, { cause });
}
