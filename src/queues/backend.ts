/**
 * The one file that chooses where queues live: `REDIS_URL` set, on Redis; not set, in the same PostgreSQL as the rows. The same suites run on both. A queue can
 * be lost at any moment without losing a message: rows hold the schedule.
 */
import { randomUUID } from "node:crypto";
import { createPostgresBackend, Queue as RedisQueue, runMigrations, withBackend, Worker as RedisWorker } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import type { Log } from "../log.ts";
import type { QueueContract } from "./contract.ts";
import { errorGate } from "./error-gate.ts";

export type Job<Data> = { readonly data: Data; readonly delayMs: number };

export type QueueHandle<Data> = {
  readonly name: string;
  /** Adds all jobs or throws within about a second; a repeat adds harmless duplicates. */
  add(jobs: readonly Job<Data>[]): Promise<void>;
  counts(): Promise<Record<string, number>>;
};

export type WorkerHandle = {
  /** Takes no new job and waits for those at work. */
  close(): Promise<void>;
};

export type Queues = {
  readonly backend: "redis" | "postgres";
  queue<Data>(contract: QueueContract<Data>): QueueHandle<Data>;
  /** Starts working; resolves once the worker is connected, rejects when it cannot be. A payload that does not parse fails its job and touches nothing. */
  work<Data>(contract: QueueContract<Data>, handle: (data: Data) => Promise<unknown>): Promise<WorkerHandle>;
  close(): Promise<void>;
};

export type QueueOptions = { readonly redisUrl: string | undefined; readonly databaseUrl: string; readonly log: Log };

/** What of BullMQ's classes is used, the same on both engines. */
type EngineQueue = {
  addBulk(jobs: { name: string; data: unknown; opts: { jobId: string; delay: number } }[]): Promise<unknown>;
  getJobCounts(): Promise<Record<string, number>>;
  close(): Promise<void>;
  waitUntilReady(): Promise<unknown>;
};
type EngineWorker = { waitUntilReady(): Promise<unknown>; run(): Promise<void>; close(force?: boolean): Promise<void> };
type Engine = {
  readonly backend: Queues["backend"];
  makeQueue(name: string, onError: (error: Error) => void): EngineQueue;
  makeWorker(
    name: string,
    options: { concurrency: number; handle: (data: unknown) => Promise<unknown>; onError: (error: Error) => void },
  ): EngineWorker;
  close(): Promise<void>;
};

/** Finished hints say nothing that the rows do not: a few are kept for looking at, by age and count. */
const KEEP = { removeOnComplete: { age: 3_600, count: 1_000 }, removeOnFail: { age: 86_400, count: 1_000 } };
const PREFIX = "afterglow";
const SCHEMA = "afterglow_queues";
const ADD_WITHIN_MS = 1_000;

/** Connects the queues. On PostgreSQL it first brings the queue tables to this version. */
export async function connectQueues(options: QueueOptions): Promise<Queues> {
  const gate = errorGate(options.log);
  const engine = options.redisUrl ? await redisEngine(options.redisUrl, gate("redis")) : await postgresEngine(options.databaseUrl);
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
    work: async (contract, handle) => {
      const { name, concurrency, data } = contract;
      const worker = engine.makeWorker(name, { concurrency, handle: (payload) => handle(data.parse(payload)), onError: gate(name) });
      // BullMQ on PostgreSQL: a worker that could not connect at first never recovers, though it says it is running. The caller must exit.
      await worker.waitUntilReady();
      worker.run().catch(gate(name));
      return { close: () => worker.close() };
    },
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

async function redisEngine(url: string, onError: (error: Error) => void): Promise<Engine> {
  // Producers fail fast while Redis is away; workers wait for it.
  const producer = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, lazyConnect: true });
  const worker = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true });
  producer.on("error", onError);
  worker.on("error", onError);
  await Promise.all([producer.connect(), worker.connect()]);
  await refuseEviction(producer);
  return {
    backend: "redis",
    makeQueue: (name, onError) =>
      new RedisQueue(name, { connection: producer, prefix: PREFIX, defaultJobOptions: KEEP }).on("error", onError),
    makeWorker: (name, { concurrency, handle, onError }) =>
      new RedisWorker(name, (job) => handle(job.data), { connection: worker, prefix: PREFIX, concurrency, autorun: false, ...KEEP }).on(
        "error",
        onError,
      ),
    close: async () => {
      producer.disconnect();
      worker.disconnect();
    },
  };
}

/** A Redis that evicts keys loses hints at the worst moment. */
async function refuseEviction(redis: Redis): Promise<void> {
  const info = await redis.info("memory");
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1];
  if (policy !== "noeviction")
    throw new Error(`Redis must run with maxmemory-policy noeviction; it runs with ${policy ?? "an unknown policy"}`);
}

async function postgresEngine(databaseUrl: string): Promise<Engine> {
  await migrateQueues(databaseUrl);
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const connection = { connectionString: databaseUrl, schema: SCHEMA, max: 4, options: "-c jit=off", application_name: "afterglow-queues" };
  return {
    backend: "postgres",
    makeQueue: (name, onError) => new Queue(name, { connection, defaultJobOptions: KEEP }).on("error", onError),
    makeWorker: (name, { concurrency, handle, onError }) =>
      new Worker(name, (job) => handle(job.data), { connection, concurrency, autorun: false, ...KEEP }).on("error", onError),
    close: () => Promise.resolve(),
  };
}

async function migrateQueues(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
}
