/** What of BullMQ is used, the same on both engines, and what is kept of finished jobs. */
import type { Queue } from "bullmq";

/** A queue of BullMQ, on whichever engine. */
export type WholeQueue = Pick<
  Queue,
  "addBulk" | "getJobCounts" | "pause" | "resume" | "isPaused" | "retryJobs" | "close" | "waitUntilReady"
>;

export type EngineQueue = {
  addBulk(jobs: { name: string; data: unknown; opts: { jobId: string; delay: number } }[]): Promise<unknown>;
  getJobCounts(): Promise<Record<string, number>>;
  /** No worker takes a job of it until it is resumed, in whatever process. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  isPaused(): Promise<boolean>;
  /** Puts what failed until then (Unix milliseconds) in line again. */
  retryFailed(until: number): Promise<void>;
  /** The queue itself, connected, for a dashboard. */
  whole(): Promise<unknown>;
  close(): Promise<void>;
};

export type EngineWorker = {
  waitUntilReady(): Promise<unknown>;
  run(): Promise<void>;
  /** Takes no new job; with `true` without waiting for those at work. */
  pause(doNotWaitActive?: boolean): Promise<void>;
  resume(): Promise<void>;
  close(force?: boolean): Promise<void>;
};

export type WorkerOptions = {
  readonly concurrency: number;
  readonly handle: (data: unknown) => Promise<unknown>;
  readonly onError: (error: Error) => void;
};

export type Engine = {
  readonly backend: "redis" | "postgres";
  makeQueue(name: string, onError: (error: Error) => void): EngineQueue;
  makeWorker(name: string, options: WorkerOptions): EngineWorker;
  /** Rejects while the store takes no writes: it is full, or not the primary. */
  probe(): Promise<unknown>;
  /** Removes what BullMQ leaves behind for ever. */
  tidy(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Finished hints say nothing that the rows do not: a few are kept for looking at. Of completed ones the last hundred, by count alone: on PostgreSQL each further rule,
 * and each job kept, is read again at the end of every job. `age` in seconds.
 */
export const KEEP = { removeOnComplete: { count: 100 }, removeOnFail: { age: 86_400, count: 1_000 } };

/** Events of a queue that are kept: what a dashboard shows, no more. */
export const EVENTS_KEPT = 1_000;

/** After a connection failed BullMQ would rest for 15 s before it fetches jobs again; the store is back sooner. */
export const FETCH_AGAIN_AFTER_MS = 1_000;

/** A queue as the engines hand it out; `get` connects it, or finds it connected. */
export function engineQueue(get: () => Promise<WholeQueue>, close: () => Promise<void>): EngineQueue {
  return {
    addBulk: async (jobs) => (await get()).addBulk(jobs),
    getJobCounts: async () => (await get()).getJobCounts(),
    pause: async () => (await get()).pause(),
    resume: async () => (await get()).resume(),
    isPaused: async () => (await get()).isPaused(),
    retryFailed: async (timestamp) => (await get()).retryJobs({ state: "failed", timestamp }),
    whole: get,
    close,
  };
}
