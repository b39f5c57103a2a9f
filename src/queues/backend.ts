/**
 * The one file that chooses where queues live: `REDIS_URL` set, on Redis; not set, in the same PostgreSQL as the rows. The same suites run on both. A queue can
 * be lost at any moment without losing a message: rows hold the schedule.
 */
import { randomUUID } from "node:crypto";
import type { Instant } from "../domain/calendar.ts";
import type { Log } from "../log.ts";
import type { QueueContract } from "./contract.ts";
import { type EngineQueue, KEEP } from "./engine.ts";
import { errorGate } from "./error-gate.ts";
import { openPostgresEngine } from "./postgres-engine.ts";
import { openRedisEngine } from "./redis-engine.ts";
import { type Resting, restAfterErrors } from "./rest-after-errors.ts";

export type Job<Data> = { readonly data: Data; readonly delayMs: number };

export type QueueHandle<Data> = {
  readonly name: string;
  /** Adds all jobs or throws within about a second; a repeat adds harmless duplicates. */
  add(jobs: readonly Job<Data>[]): Promise<void>;
  counts(): Promise<Record<string, number>>;
};

/** What operations do with a whole queue. */
export type QueueControls = {
  readonly name: string;
  counts(): Promise<Record<string, number>>;
  /** No worker of any process takes a job of it until it is resumed; jobs may still be added. A repeat changes nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  isPaused(): Promise<boolean>;
  /** Puts the jobs that failed until this moment in line again. A repeat finds none. */
  retryFailed(until: Instant): Promise<void>;
  /** BullMQ's own queue, connected, for a dashboard that knows it. */
  whole(): Promise<unknown>;
};

export type WorkerHandle = {
  /** Takes no new job until resumed, and does not wait for those at work. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Takes no new job and waits for those at work. */
  close(): Promise<void>;
};

export type Queues = {
  readonly backend: "redis" | "postgres";
  queue<Data>(contract: QueueContract<Data>): QueueHandle<Data>;
  controls(name: string): QueueControls;
  /** Starts working; resolves once the worker is connected, rejects when it cannot be. A payload that does not parse fails its job and touches nothing. */
  work<Data>(contract: QueueContract<Data>, handle: (data: Data) => Promise<unknown>): Promise<WorkerHandle>;
  /** Rejects while the store answers but takes no writes: a Redis that is full, or a replica. */
  probe(): Promise<unknown>;
  /** Removes what the engine would otherwise keep for ever; to be called now and then. */
  tidy(): Promise<void>;
  close(): Promise<void>;
};

export type QueueOptions = { readonly redisUrl: string | undefined; readonly databaseUrl: string; readonly log: Log };

const ADD_WITHIN_MS = 1_000;

/** Connects the queues. On PostgreSQL it first brings the queue tables to this version. */
export async function connectQueues(options: QueueOptions): Promise<Queues> {
  const gate = errorGate(options.log);
  const engine = options.redisUrl ? await openRedisEngine(options.redisUrl, gate("redis")) : await openPostgresEngine(options.databaseUrl);
  const queues = new Map<string, EngineQueue>();
  const queueNamed = (name: string) => {
    let queue = queues.get(name);
    if (!queue) queues.set(name, (queue = engine.makeQueue(name, gate(name))));
    return queue;
  };
  return {
    backend: engine.backend,
    queue: ({ name }) => ({
      name,
      add: async (jobs) => {
        if (jobs.length > 0)
          await within(ADD_WITHIN_MS, queueNamed(name).addBulk(jobs.map(({ data, delayMs }) => toBulk(name, data, delayMs))), name);
      },
      counts: () => queueNamed(name).getJobCounts(),
    }),
    controls: (name) => ({
      name,
      counts: () => queueNamed(name).getJobCounts(),
      pause: () => queueNamed(name).pause(),
      resume: () => queueNamed(name).resume(),
      isPaused: () => queueNamed(name).isPaused(),
      retryFailed: (until) => queueNamed(name).retryFailed(until),
      whole: () => queueNamed(name).whole(),
    }),
    work: async (contract, handle) => {
      const { name, concurrency, data } = contract;
      const work = async (payload: unknown) => {
        try {
          return await handle(data.parse(payload));
        } catch (error) {
          gate(name)(error instanceof Error ? error : new JobFailed(name, typeof error));
          // BullMQ keeps message and stack of what a job threw: it gets neither from us, because a message may quote a value.
          throw new JobFailed(name, error instanceof Error ? error.name : typeof error);
        }
      };
      let resting: Resting | undefined;
      const onError = (error: Error) => {
        gate(name)(error);
        resting?.strike();
      };
      const worker = engine.makeWorker(name, { concurrency, handle: work, onError });
      resting = restAfterErrors(worker);
      try {
        await worker.waitUntilReady();
      } catch (error) {
        // BullMQ on PostgreSQL: a worker that could not connect at first never recovers, though it says it is running. The caller must exit.
        resting.stop();
        await worker.close(true).catch(gate(name));
        throw error;
      }
      worker.run().catch(gate(name));
      const { hold, release, stop } = resting;
      const close = () => {
        stop();
        return worker.close();
      };
      return { pause: hold, resume: release, close };
    },
    probe: () => engine.probe(),
    tidy: () => engine.tidy(),
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await engine.close();
    },
  };
}

/** An id is never reused: BullMQ silently ignores a job whose id it has seen. Delays are whole milliseconds: PostgreSQL refuses a fraction. */
function toBulk(name: string, data: unknown, delayMs: number) {
  return { name, data, opts: { jobId: `h-${randomUUID()}`, delay: Math.max(0, Math.round(delayMs)), ...KEEP } };
}

export class QueueUnavailable extends Error {
  constructor(queue: string) {
    super(`Queue ${queue} did not take the jobs within ${ADD_WITHIN_MS} ms`);
    this.name = "QueueUnavailable";
  }
}

/** What a job failed with is in the log; the queue learns only its kind. */
export class JobFailed extends Error {
  constructor(queue: string, kind: string) {
    super(`A job of ${queue} failed: ${kind}`);
    this.name = "JobFailed";
  }
}

async function within<Result>(ms: number, work: Promise<Result>, queue: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QueueUnavailable(queue)), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
