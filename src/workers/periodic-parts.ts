/** What a worker process does again and again besides its queues. Each part is a line here; where several processes run one, the part itself sees to it that only one works. */
import { guardHome } from "../db/safe-mode.ts";
import { callUnready } from "../producers/call-unready.ts";
import { completeSeries } from "../producers/complete-series.ts";
import { reResolveSessions } from "../producers/re-resolve-sessions.ts";
import type { WorkerDeps } from "./start-workers.ts";
import { settleUnknown } from "./settle-unknown.ts";

export type PeriodicPart = {
  /** Stands in the log when a run fails. */
  readonly name: string;
  /** Machine time between the end of a run and the next; the first one begins with the process. */
  readonly everyMs: number;
  readonly work: () => Promise<unknown>;
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function listPeriodicParts(deps: WorkerDeps): readonly PeriodicPart[] {
  return [
    { name: "settle-unknown", everyMs: 5 * SECOND_MS, work: () => settleUnknown(deps) },
    { name: "tidy-queues", everyMs: MINUTE_MS, work: () => deps.queues.tidy() },
    { name: "guard-home", everyMs: MINUTE_MS, work: () => guardHome(deps.db) },
    { name: "complete-series", everyMs: 60 * MINUTE_MS, work: () => completeSeries(deps) },
    { name: "call-unready", everyMs: 5 * MINUTE_MS, work: () => callUnready(deps) },
    { name: "re-resolve-sessions", everyMs: DAY_MS, work: () => reResolveSessions(deps) },
  ];
}
