/** What of BullMQ is used, the same on both engines, and what is kept of finished jobs. */
export type EngineQueue = {
  addBulk(jobs: { name: string; data: unknown; opts: { jobId: string; delay: number } }[]): Promise<unknown>;
  getJobCounts(): Promise<Record<string, number>>;
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
  /** Removes what BullMQ leaves behind for ever. */
  tidy(): Promise<void>;
  close(): Promise<void>;
};

/** Finished hints say nothing that the rows do not: a few are kept for looking at, by age (seconds) and count. */
export const KEEP = { removeOnComplete: { age: 3_600, count: 1_000 }, removeOnFail: { age: 86_400, count: 1_000 } };

/** Events of a queue that are kept: what a dashboard shows, no more. */
export const EVENTS_KEPT = 1_000;

/** After a connection failed BullMQ would rest for 15 s before it fetches jobs again; the store is back sooner. */
export const FETCH_AGAIN_AFTER_MS = 1_000;
