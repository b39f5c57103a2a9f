/** R1 and R3: what BullMQ on Redis does when there is nothing to do. */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { z } from "zod";
import { moment, serve } from "./serve.ts";

const PREFIX = "reference";
const startInput = z.object({ redisUrl: z.string() });
const jobsInput = z.object({ jobs: z.number() });
const bulksInput = z.object({ bulks: z.number(), of: z.number(), atOnce: z.number() });

let queue: Queue | undefined;
let shelf: Queue | undefined;
let worker: Worker | undefined;
let worked = 0;
let target = Number.POSITIVE_INFINITY;
let onTarget: ((at: number) => void) | undefined;

function noop(): Promise<void> {
  worked += 1;
  if (worked === target) onTarget?.(moment());
  return Promise.resolve();
}

const job = () => ({ name: "noop", data: { touchpointId: "0198f1d2-7a6e-7000-8000-000000000000" } });

serve({
  start: async (input) => {
    const { redisUrl } = startInput.parse(input);
    const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
    queue = new Queue("noop", { connection, prefix: PREFIX });
    shelf = new Queue("shelf", { connection, prefix: PREFIX });
    worker = new Worker("noop", noop, {
      connection: new Redis(redisUrl, { maxRetriesPerRequest: null }),
      prefix: PREFIX,
      concurrency: 50,
      autorun: false,
      removeOnComplete: { count: 0 },
    });
    await worker.waitUntilReady();
    await worker.pause();
    void worker.run();
    return {};
  },
  /** R1: jobs are added first; timed is working them off. */
  work: async (input) => {
    const { jobs } = jobsInput.parse(input);
    if (!queue || !worker) throw new Error("Not started");
    for (let added = 0; added < jobs; added += 1_000) await queue.addBulk(Array.from({ length: Math.min(1_000, jobs - added) }, job));
    target = worked + jobs;
    const done = new Promise<number>((resolve) => (onTarget = resolve));
    const startedAt = moment();
    await worker.resume();
    const finishedAt = await done;
    await worker.pause();
    return { ms: finishedAt - startedAt };
  },
  /** R3: so many bulks, so many of them at once. */
  add: async (input) => {
    const { bulks, of, atOnce } = bulksInput.parse(input);
    const onto = shelf;
    if (!onto) throw new Error("Not started");
    let left = bulks;
    const startedAt = moment();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (left-- > 0) await onto.addBulk(Array.from({ length: of }, job));
      }),
    );
    const ms = moment() - startedAt;
    await onto.obliterate({ force: true });
    return { ms };
  },
});
