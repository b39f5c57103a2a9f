/**
 * The sweep: what the schedule's rows ask for now.
 *
 * Trigger: every second in every worker process, and at each step of a stepped clock; one sweeper at a time. Re-checks: everything, from the rows. Effect: due
 * rows are hinted, due tasks opened, what is over ended with its reason, what a dead worker held marked unknown, stale plans asked for again. A repeat finds
 * nothing left to do.
 */
import { type ClinicTime, hintHorizon } from "../clock.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import { abandonDeadSends, expireTouchpoints, openDueTasks, suppressHeld, suppressUnrecorded } from "../db/sweep-ends.ts";
import {
  findShortHorizons,
  findUnplanned,
  forgetHints,
  HINT_LOST_AFTER_SECONDS,
  type HintableRow,
  type Hinting,
  markHinted,
  MOST_HINTS,
  tryLockSweep,
  waitForLegalHours,
} from "../db/sweeps.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import { instant } from "../domain/calendar.ts";
import type { Log } from "../log.ts";
import type { Queues } from "../queues/backend.ts";
import { extendSeries } from "./extend-series.ts";
import { hintTouchpoints } from "./hint-touchpoints.ts";
import { requestPlans } from "./request-plans.ts";

export type SweepDeps = { readonly db: Database; readonly queues: Pick<Queues, "queue">; readonly vault: Vault; readonly log: Log };

export type SweepResult = {
  readonly hinted: number;
  readonly tasked: number;
  readonly ended: number;
  readonly abandoned: number;
  readonly replanned: number;
};

/** A worker renews its row every 5 s and is dead after 20 s. */
export const DEAD_AFTER_SECONDS = 20;
/** How long the queue has for a plan before the sweep asks again. */
const PLAN_STALE_SECONDS = 5;
/** An open-ended series is extended when less than four weeks of it are made. */
const EXTEND_BELOW_DAYS = 28;

/** Returns undefined when another process is sweeping. */
export async function sweepDue(deps: SweepDeps): Promise<SweepResult | undefined> {
  const swept = await transact(deps.db, async (tx) => {
    if (!(await tryLockSweep(tx))) return undefined;
    const time = await readClinicTime(tx);
    const abandoned = await abandonDeadSends(tx, { deadAfterSeconds: DEAD_AFTER_SECONDS });
    const ended = (await expireTouchpoints(tx, time.now)) + (await suppressHeld(tx, time.now)) + (await suppressUnrecorded(tx, time.now));
    await waitForLegalHours(tx, time.now);
    const tasked = await openDueTasks(tx, time.now);
    return { abandoned, ended, tasked, due: await markHinted(tx, hintingAt(time, deps.queues)) };
  });
  if (!swept) return undefined;
  // After the commit: a hint for a row that was not marked would be added again and again, a mark without its hint only costs ten seconds.
  // Clinic time is read again: a delay counts from when the job is added, and marking thousands of rows takes a tenth of a second.
  if (swept.due.length > 0) await hint(deps, swept.due);
  const replanned = await repairPlans(deps);
  const { abandoned, ended, tasked } = swept;
  return { hinted: swept.due.length, tasked, ended, abandoned, replanned };
}

/** A row hinted ahead of its moment has not lost its hint just because that moment is here. A stepped clock knows no seconds. */
function hintingAt(time: ClinicTime, queues: object): Hinting {
  const { now, mode, scale } = time;
  const lostSince = instant(mode === "stepped" ? now : now - HINT_LOST_AFTER_SECONDS * 1_000 * scale);
  return { now, horizon: hintHorizon(time), lostSince, most: refusing.has(queues) ? HINTS_WHILE_REFUSED : MOST_HINTS };
}

/** Queues that did not take the last hints, and how many rows are tried on one until it takes them: marking all of them each second would be for nothing. */
const refusing = new WeakSet<object>();
const HINTS_WHILE_REFUSED = 50;

async function hint({ db, queues }: SweepDeps, due: readonly HintableRow[]): Promise<void> {
  try {
    await hintTouchpoints(queues, due, await readClinicTime(db));
    refusing.delete(queues);
  } catch (error) {
    refusing.add(queues);
    await forgetHints(
      db,
      due.map(({ id }) => id),
    );
    throw error;
  }
}

async function repairPlans(deps: SweepDeps): Promise<number> {
  // One series that cannot be extended never keeps the others from it.
  for (const seriesId of await findShortHorizons(deps.db, { aheadDays: EXTEND_BELOW_DAYS }))
    await extendSeries(deps, seriesId).catch((error: unknown) => deps.log.error("series.unextended", { seriesId, error }));
  const stale = await findUnplanned(deps.db, { staleSeconds: PLAN_STALE_SECONDS, limit: 1_000 });
  if (stale.length > 0) await requestPlans(deps, stale);
  return stale.length;
}
