/** How a worker process stops: nothing more is claimed from the first moment on, what is under way ends, and nothing stays behind that looks as if it were being sent. */
import type { Database } from "../db/database.ts";
import { abandonOwnSends, retireWorker } from "../db/workers.ts";
import type { WorkerId } from "../domain/ids.ts";
import type { Log } from "../log.ts";
import type { WorkerHandle } from "../queues/backend.ts";
import type { SendGate } from "./send-gate.ts";
import { within } from "./within.ts";

/** What of a worker process takes work. */
export type Claiming = {
  readonly workerId: WorkerId;
  readonly gates: { readonly email: SendGate; readonly sms: SendGate };
  readonly handles: WorkerHandle[];
  /** Stops of whatever else runs. */
  readonly stops: (() => Promise<unknown>)[];
};

type Deps = { readonly db: Database; readonly log: Log };

/** More would leave no time before an orchestrator kills. A channel's call takes 20 s at most; what is still under way then ends unknown. */
const STOP_WITHIN_MS = 20_000;
const RETIRE_WITHIN_MS = 2_000;

/** The gates first. The heart must beat on meanwhile, so that nobody takes what is under way for lost. */
export async function stopClaiming({ db, log }: Deps, { workerId, gates, handles, stops }: Claiming): Promise<void> {
  for (const gate of Object.values(gates)) gate.close();
  const ended = Promise.allSettled([...handles.map((handle) => handle.close()), ...stops.map((stop) => stop())]);
  if ((await within(STOP_WITHIN_MS, ended)) !== undefined) return;
  const abandoned = abandonOwnSends(db, workerId).catch(() => 0);
  log.warn("worker.stopped-late", { workerId, count: (await within(RETIRE_WITHIN_MS, abandoned)) ?? 0 });
}

/** A database that is away sees the heartbeat end; that is as good. */
export async function retire({ db, log }: Deps, workerId: WorkerId): Promise<void> {
  const done = retireWorker(db, workerId).catch((error: unknown) => log.error("part.failed", { workerId, kind: "retire", error }));
  await within(RETIRE_WITHIN_MS, done);
}
