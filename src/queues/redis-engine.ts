/** BullMQ on Redis, the production engine: `noeviction` is checked at start, AOF and `hz 100` are the operator's. */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { type Engine, EVENTS_KEPT, KEEP } from "./engine.ts";

const PREFIX = "afterglow";

/** Rejects when Redis does not answer, or evicts keys: a hint that vanishes is found again by the sweep, but only seconds late. */
export async function openRedisEngine(url: string, onError: (error: Error) => void): Promise<Engine> {
  // Producers fail fast while Redis is away; workers wait for it.
  const producer = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, lazyConnect: true });
  const worker = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true });
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
    makeQueue: (name, onError) =>
      new Queue(name, { connection: producer, prefix: PREFIX, defaultJobOptions: KEEP, streams }).on("error", onError),
    makeWorker: (name, { concurrency, handle, onError }) =>
      new Worker(name, (job) => handle(job.data), { connection: worker, prefix: PREFIX, concurrency, autorun: false, ...KEEP }).on(
        "error",
        onError,
      ),
    tidy: () => Promise.resolve(),
    close,
  };
}

async function refuseEviction(redis: Redis): Promise<void> {
  const policy = /maxmemory_policy:(\S+)/.exec(await redis.info("memory"))?.[1];
  if (policy !== "noeviction")
    throw new Error(`Redis must run with maxmemory-policy noeviction; it runs with ${policy ?? "an unknown policy"}`);
}
