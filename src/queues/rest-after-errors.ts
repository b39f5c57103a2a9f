/**
 * BullMQ fetches the next job at once after most errors: against a read-only Redis or a PostgreSQL that is starting it does so thousands of times a second
 * (measured: 52,000 error events in nine seconds). A worker that fails again and again rests for a second between its tries.
 */
import type { EngineWorker } from "./engine.ts";

const MOST_ERRORS = 20;
const REST_MS = 1_000;

export type Resting = {
  /** An error that the engine told of this worker. */
  strike(): void;
  /** Takes no new job until {@link release}, however well it works. */
  hold(): Promise<void>;
  release(): Promise<void>;
  stop(): void;
};

export function restAfterErrors(worker: Pick<EngineWorker, "pause" | "resume">): Resting {
  let errors = 0;
  let held = false;
  let timer: NodeJS.Timeout | undefined;
  let resting = false;
  const begin = () => {
    timer = setTimeout(() => {
      const wasResting = resting;
      [errors, resting, timer] = [0, false, undefined];
      if (wasResting && !held) void worker.resume();
    }, REST_MS).unref();
  };
  return {
    strike: () => {
      errors += 1;
      if (!timer) begin();
      if (errors < MOST_ERRORS || resting) return;
      resting = true;
      void worker.pause(true);
    },
    hold: async () => {
      held = true;
      await worker.pause(true);
    },
    release: async () => {
      held = false;
      if (!resting) await worker.resume();
    },
    stop: () => clearTimeout(timer),
  };
}
