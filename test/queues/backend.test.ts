import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPostgresBackend, withBackend } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { machineNow } from "../../src/clock.ts";
import { makeLog } from "../../src/log.ts";
import { startLocalRedis } from "../../src/local/local-redis.ts";
import { connectQueues, type Queues, QueueUnavailable } from "../../src/queues/backend.ts";
import { defineQueue } from "../../src/queues/contract.ts";
import { cloneDatabase } from "../support/database.ts";
import { type Backend, describeOnBackends, emptyRedis } from "../support/world.ts";
import { openTcpProxy } from "./support/tcp-proxy.ts";
import { byText } from "../support/by-text.ts";

const lines: string[] = [];
const log = makeLog({ level: "info", destination: { write: (line) => lines.push(line) } });
const contract = (name: string) => defineQueue({ name, data: z.strictObject({ ids: z.array(z.string()).min(1) }), concurrency: 2 });
const nowhere = "postgres://nobody:secret@127.0.0.1:1/none";

async function whereQueuesLive(backend: Backend): Promise<{ redisUrl: string | undefined; databaseUrl: string }> {
  const { url } = await cloneDatabase();
  return { redisUrl: backend === "redis" ? await emptyRedis() : undefined, databaseUrl: url };
}

async function counts(queues: Queues, name: string): Promise<{ completed: number; failed: number }> {
  const { completed = 0, failed = 0 } = await queues.queue(contract(name)).counts();
  return { completed, failed };
}

describeOnBackends("queues", async (backend) => {
  const place = await whereQueuesLive(backend);
  const queues = await connectQueues({ ...place, log });
  afterAll(() => queues.close());
  const work = async (name: string, handle: (ids: readonly string[]) => Promise<unknown>) => {
    const worker = await queues.work(contract(name), ({ ids }) => handle(ids));
    return worker;
  };

  test("live where REDIS_URL says", () => {
    expect(queues.backend).toBe(backend);
  });

  test("a job is handed to a worker once, and an equal one is another job", async () => {
    const heard: string[] = [];
    const worker = await work("hand-over", async (ids) => heard.push(...ids));
    const queue = queues.queue(contract("hand-over"));
    const job = { data: { ids: ["a"] }, delayMs: 0 };
    await queue.add([job, { data: { ids: ["b"] }, delayMs: 12.7 }]);
    await queue.add([job]);
    await queue.add([]);
    await expect.poll(() => heard.toSorted(byText), { timeout: 10_000 }).toEqual(["a", "a", "b"]);
    await expect.poll(() => counts(queues, "hand-over"), { timeout: 10_000 }).toEqual({ completed: 3, failed: 0 });
    await worker.close();
  });

  test("a payload that does not parse fails its job, reaches nobody, and the next one goes on", async () => {
    const heard: string[] = [];
    const worker = await work("misshapen", async (ids) => heard.push(...ids));
    const queue = queues.queue(defineQueue({ name: "misshapen", data: z.unknown(), concurrency: 1 }));
    await queue.add([{ ids: [] }, { ids: ["x"], name: "Ana Ortiz" }, null, "Ana Ortiz"].map((data) => ({ data, delayMs: 0 })));
    await queue.add([{ data: { ids: ["good"] }, delayMs: 0 }]);
    await expect.poll(() => counts(queues, "misshapen"), { timeout: 10_000 }).toEqual({ completed: 1, failed: 4 });
    expect(heard).toEqual(["good"]);
    await worker.close();
  });

  test("what a job failed with is logged by its kind and leaves no words in the queue", async () => {
    const worker = await work("words", async () => {
      throw new TypeError("no such patient: Ana Ortiz");
    });
    await queues.queue(contract("words")).add([{ data: { ids: ["a"] }, delayMs: 0 }]);
    await expect.poll(() => counts(queues, "words"), { timeout: 10_000 }).toEqual({ completed: 0, failed: 1 });
    await worker.close();
    expect(lines.join()).not.toContain("Ana");
    expect(
      lines
        .splice(0)
        .filter((line) => line.includes('"queue":"words"'))
        .map((line) => JSON.parse(line).error),
    ).toEqual(["TypeError"]);
    expect(await dump(place)).toContain("A job of words failed: TypeError");
    expect(await dump(place)).not.toContain("no such patient");
  });

  test("a paused worker takes no job, and takes what waits when it is resumed", async () => {
    const heard: string[] = [];
    const worker = await work("pausing", async (ids) => heard.push(...ids));
    await worker.pause();
    const queue = queues.queue(contract("pausing"));
    // Two by another worker: had the paused one been at it, it would have taken one of them before.
    await queue.add([{ data: { ids: ["one"] }, delayMs: 0 }]);
    const others: string[] = [];
    const other = await work("pausing", async (ids) => others.push(...ids));
    await expect.poll(() => others, { timeout: 10_000 }).toEqual(["one"]);
    await other.close();
    await queue.add([{ data: { ids: ["two"] }, delayMs: 0 }]);
    expect(heard).toEqual([]);
    await worker.resume();
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(["two"]);
    await worker.close();
  });

  test("a paused queue gives no worker a job until it is resumed, and what failed can be tried again", async () => {
    const heard: string[] = [];
    const controls = queues.controls("steering");
    await controls.pause();
    expect(await controls.isPaused()).toBe(true);
    await queues.queue(contract("steering")).add([{ data: { ids: ["one"] }, delayMs: 0 }]);
    let fails = true;
    const worker = await work("steering", async (ids) => {
      heard.push(...ids);
      if (fails) throw new Error("not now");
    });
    // Another queue of the same engine goes on meanwhile: had this one been open, its job would have come first.
    const others: string[] = [];
    const other = await work("not-steered", async (ids) => others.push(...ids));
    await queues.queue(contract("not-steered")).add([{ data: { ids: ["two"] }, delayMs: 0 }]);
    await expect.poll(() => others, { timeout: 10_000 }).toEqual(["two"]);
    expect(heard).toEqual([]);
    await controls.resume();
    await expect.poll(async () => (await controls.counts())["failed"], { timeout: 10_000 }).toBe(1);
    fails = false;
    await controls.retryFailed(machineNow());
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(["one", "one"]);
    expect(await controls.isPaused()).toBe(false);
    await Promise.all([worker.close(), other.close()]);
  });

  test("closing a worker waits for the job at work and takes no other", async () => {
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const heard: string[] = [];
    const worker = await queues.work({ ...contract("closing"), concurrency: 1 }, async ({ ids }) => {
      heard.push(...ids);
      await finished;
    });
    await queues.queue(contract("closing")).add(["one", "two"].map((id) => ({ data: { ids: [id] }, delayMs: 0 })));
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(["one"]);
    const order: string[] = [];
    const closed = worker.close().then(() => order.push("closed"));
    order.push("finishing");
    finish();
    await closed;
    expect(order).toEqual(["finishing", "closed"]);
    expect(heard).toEqual(["one"]);
  });
});

/** Everything the engine keeps, as text. */
async function dump({ redisUrl, databaseUrl }: { redisUrl: string | undefined; databaseUrl: string }): Promise<string> {
  if (redisUrl === undefined) return dumpPostgres(databaseUrl);
  const redis = new Redis(redisUrl);
  const parts: string[] = [];
  for (const key of await redis.keys("*")) {
    parts.push(key);
    if ((await redis.type(key)) === "hash") parts.push(JSON.stringify(await redis.hgetall(key)));
  }
  redis.disconnect();
  return parts.join("\n");
}

async function dumpPostgres(url: string): Promise<string> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows: tables } = await client.query("select table_name from information_schema.tables where table_schema = 'afterglow_queues'");
  const parts: string[] = [];
  for (const { table_name: table } of tables)
    parts.push(JSON.stringify((await client.query(`select * from afterglow_queues.${table}`)).rows));
  await client.end();
  return parts.join("\n");
}

describeOnBackends("a queue that does not answer", async (backend) => {
  const place = await whereQueuesLive(backend);
  const proxy = await openTcpProxy(place.redisUrl ?? place.databaseUrl);
  const queues = await connectQueues({
    log,
    databaseUrl: backend === "postgres" ? proxy.url : nowhere,
    redisUrl: backend === "redis" ? proxy.url : undefined,
  });
  afterAll(async () => {
    await queues.close().catch(() => undefined);
    await proxy.cut().catch(() => undefined);
  });
  const queue = queues.queue(contract("silent"));
  const add = () => queue.add([{ data: { ids: ["a"] }, delayMs: 0 }]);

  test("makes an addition throw within about a second, and takes additions again once it answers", async () => {
    await add();
    proxy.stall();
    const began = performance.now();
    await expect(add()).rejects.toBeInstanceOf(QueueUnavailable);
    expect(performance.now() - began).toBeLessThan(5_000);
    proxy.flow();
    await expect
      .poll(
        () =>
          add().then(
            () => "taken",
            () => "not yet",
          ),
        { timeout: 10_000 },
      )
      .toBe("taken");
  });
});

describe("an engine that cannot be had", async () => {
  const { url } = await cloneDatabase();

  test("a worker built while PostgreSQL is down rejects, where BullMQ would say that it runs", async () => {
    const proxy = await openTcpProxy(url);
    const queues = await connectQueues({ redisUrl: undefined, databaseUrl: proxy.url, log });
    await proxy.cut();
    await expect(queues.work(contract("never"), () => Promise.resolve())).rejects.toThrow();
    await queues.close().catch(() => undefined);
  });

  test("a queue first used while PostgreSQL is down takes jobs once it is back, where BullMQ's would refuse them for ever", async () => {
    const proxy = await openTcpProxy(url);
    const queues = await connectQueues({ redisUrl: undefined, databaseUrl: proxy.url, log });
    await proxy.cut();
    const queue = queues.queue(contract("late"));
    const job = { data: { ids: ["a"] }, delayMs: 0 };
    await expect(queue.add([job])).rejects.toThrow();
    await expect(queue.counts()).rejects.toThrow();
    await proxy.mend();
    await queue.add([job]);
    expect(await queue.counts()).toMatchObject({ waiting: 1 });
    await queues.close();
    await proxy.cut();
  });

  test("the guard is needed: BullMQ's own queue never takes a job again", async () => {
    const proxy = await openTcpProxy(url);
    await proxy.cut();
    const { Queue } = withBackend(createPostgresBackend);
    const connection = { connectionString: proxy.url, schema: "afterglow_queues" };
    const queue = new Queue("early", { connection }).on("error", () => undefined);
    await expect(queue.add("a", {})).rejects.toThrow();
    await proxy.mend();
    await expect(queue.add("a", {})).rejects.toThrow();
    await queue.close().catch(() => undefined);
    await proxy.cut();
  });

  test("queues on a PostgreSQL that is down are refused at once, and so are those on a Redis that is down", async () => {
    await expect(connectQueues({ redisUrl: undefined, databaseUrl: nowhere, log })).rejects.toThrow("ECONNREFUSED");
    await expect(connectQueues({ redisUrl: "redis://127.0.0.1:1", databaseUrl: nowhere, log })).rejects.toThrow();
  });

  const redis = inject("redisUrl") ? test : test.skip;
  redis(
    inject("redisUrl") ? "a Redis that evicts keys is refused" : "NOT RUN, no redis-server: a Redis that evicts keys is refused",
    async () => {
      const dir = await mkdtemp(join(tmpdir(), "afterglow-evicting-"));
      const evicting = await startLocalRedis({ dir, settings: { "maxmemory-policy": "allkeys-lru" } });
      if (!evicting) return;
      await expect(connectQueues({ redisUrl: evicting.url, databaseUrl: nowhere, log })).rejects.toThrow(
        "Redis must run with maxmemory-policy noeviction; it runs with allkeys-lru",
      );
      await evicting.stop();
      await rm(dir, { recursive: true });
    },
  );
});
