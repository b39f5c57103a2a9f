/** BullMQ on Redis, the production engine: `noeviction` is checked at start, AOF and `hz 100` are the operator's. */
import { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { openRedisLine } from "./redis-line.ts";
import { type Engine, engineQueue, EVENTS_KEPT, FETCH_AGAIN_AFTER_MS, KEEP } from "./engine.ts";

const PREFIX = "afterglow";

/** How long Redis may owe an answer before the line counts as dead. BullMQ's own blocking commands end after ten seconds. */
const PRODUCER_SILENT_MS = 5_000;
const WORKER_SILENT_MS = 20_000;

/** Rejects when Redis does not answer, or evicts keys: a hint that vanishes is found again by the sweep, but only seconds late. */
export async function openRedisEngine(url: string, onError: (error: Error) => void): Promise<Engine> {
  // Producers fail fast while Redis is away; workers wait for it.
  const both = { lazyConnect: true, reconnectOnError: isReadOnly, retryStrategy: reconnectAfterMs };
  const producer = openRedisLine(url, { ...both, enableOfflineQueue: false, maxRetriesPerRequest: 1, socketTimeout: PRODUCER_SILENT_MS });
  const worker = openRedisLine(url, { ...both, maxRetriesPerRequest: null, socketTimeout: WORKER_SILENT_MS });
  producer.on("error", onError);
  worker.on("error", onError);
  const close = () => {
    producer.disconnect();
    worker.disconnect();
    return Promise.resolve();
  };
  try {
    await Promise.all([producer.connect(), worker.connect()]);
    await refuseEviction(producer);
  } catch (error) {
    await close();
    throw error;
  }
  const streams = { events: { maxLen: EVENTS_KEPT } };
  return {
    backend: "redis",
    makeQueue: (name, onError) => {
      const queue = new Queue(name, { connection: producer, prefix: PREFIX, defaultJobOptions: KEEP, streams }).on("error", onError);
      return engineQueue(
        () => Promise.resolve(queue),
        () => queue.close(),
      );
    },
    makeWorker: (name, { concurrency, handle, onError }) =>
      new Worker(name, (job) => handle(job.data), {
        connection: worker,
        prefix: PREFIX,
        concurrency,
        autorun: false,
        runRetryDelay: FETCH_AGAIN_AFTER_MS,
        ...KEEP,
      }).on("error", onError),
    probe: () => producer.set(`${PREFIX}:probe`, "", "EX", 60),
    tidy: () => Promise.resolve(),
    close,
  };
}

/** After a fail-over the old primary takes no writes any more, and only a new connection finds the new one. */
function isReadOnly(error: Error): boolean {
  return error.message.startsWith("READONLY");
}

/** Soon at first, and never more than a second apart: what is due waits for it. */
function reconnectAfterMs(times: number): number {
  return Math.min(1_000, 50 * 2 ** Math.min(times, 6));
}

async function refuseEviction(redis: Redis): Promise<void> {
  const policy = /maxmemory_policy:(\S+)/.exec(await redis.info("memory"))?.[1];
  if (policy !== "noeviction")
    throw new Error(`Redis must run with maxmemory-policy noeviction; it runs with ${policy ?? "an unknown policy"}`);
}
