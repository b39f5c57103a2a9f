/**
 * The sweep: what the schedule's rows ask for now.
 *
 * Trigger: every second in every worker process, and at each step of a stepped clock; one sweeper at a time. Re-checks: everything, from the rows. Effect: due
 * rows are hinted, due tasks opened, what is over ended with its reason, what a dead worker held marked unknown, stale plans asked for again. A repeat finds
 * nothing left to do.
 */
import { hintHorizon } from "../clock.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database } from "../db/database.ts";
import {
  abandonDeadSends,
  expireTouchpoints,
  findShortHorizons,
  findUnplanned,
  markHinted,
  openDueTasks,
  suppressUnrecorded,
  tryLockSweep,
  waitForLegalHours,
} from "../db/sweeps.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
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
    const ended = (await expireTouchpoints(tx, time.now)) + (await suppressUnrecorded(tx, time.now));
    await waitForLegalHours(tx, time.now);
    const tasked = await openDueTasks(tx, time.now);
    return { abandoned, ended, tasked, due: await markHinted(tx, { now: time.now, horizon: hintHorizon(time) }) };
  });
  if (!swept) return undefined;
  // After the commit: a hint for a row that was not marked would be added again and again, a mark without its hint only costs ten seconds.
  // Clinic time is read again: a delay counts from when the job is added, and marking thousands of rows takes a tenth of a second.
  if (swept.due.length > 0) await hintTouchpoints(deps.queues, swept.due, await readClinicTime(deps.db));
  const replanned = await repairPlans(deps);
  const { abandoned, ended, tasked } = swept;
  return { hinted: swept.due.length, tasked, ended, abandoned, replanned };
}

async function repairPlans(deps: SweepDeps): Promise<number> {
  // One series that cannot be extended never keeps the others from it.
  for (const seriesId of await findShortHorizons(deps.db, { aheadDays: EXTEND_BELOW_DAYS }))
    await extendSeries(deps, seriesId).catch((error: unknown) => deps.log.error("series.unextended", { seriesId, error }));
  const stale = await findUnplanned(deps.db, { staleSeconds: PLAN_STALE_SECONDS, limit: 1_000 });
  if (stale.length > 0) await requestPlans(deps, stale);
  return stale.length;
}
