import { Redis } from "ioredis";
import { afterEach, describe, expect, inject, test } from "vitest";
import { makeReadinessCheck } from "../../src/http/check-readiness.ts";
import { type FragileWorld, openFragileWorld, tooLoud } from "./support/fragile-world.ts";

const WITHIN = { timeout: 30_000 };
const EACH = 30;

async function suite(): Promise<void> {
  const fragile = await openFragileWorld("redis");
  const { world, makeDue, allSentOnce } = fragile;
  const readiness = makeReadinessCheck({ ...world.deps, config: { ROLE: "http" } });
  const queueIs = (word: "ok" | "down") => expect.poll(async () => (await readiness()).queue, WITHIN).toBe(word);
  await world.startWorkers();

  afterEach(() => {
    expect(tooLoud(world.logged)).toEqual([]);
  });

  test("messages go out while all is well", async () => {
    await makeDue(EACH);
    await allSentOnce();
  });

  test("restarted with an empty store it loses no message and doubles none", async () => {
    await useRedis(fragile, (redis) => redis.flushall());
    await fragile.redis?.restart();
    await makeDue(EACH);
    await queueIs("ok");
    await allSentOnce();
  });

  test("away for a while it makes readiness red; what came due meanwhile goes out when it is back", async () => {
    await fragile.redis?.line.cut();
    await makeDue(EACH);
    await queueIs("down");
    await expect.poll(() => world.logged.filter((line) => line.includes("sweep.failed")).length, WITHIN).toBeGreaterThan(1);
    expect(world.smtp.mails().length + world.twilio.messages().length).toBe(0);
    await fragile.redis?.line.mend();
    await queueIs("ok");
    await allSentOnce();
  });

  test("read-only, as after a fail-over, it floods neither the log nor the processor, and everything goes out once when it writes again", async () => {
    await useRedis(fragile, (redis) => redis.replicaof("127.0.0.1", 1));
    const before = world.logged.length;
    await makeDue(EACH);
    const said = (event: string) => world.logged.slice(before).filter((line) => line.includes(event)).length;
    await expect.poll(() => Math.min(said("queue.error"), said("sweep.failed")), WITHIN).toBeGreaterThan(1);
    expect(world.smtp.mails().length + world.twilio.messages().length).toBe(0);
    // It answers what it is asked, and takes nothing.
    await queueIs("down");
    await useRedis(fragile, (redis) => redis.replicaof("NO", "ONE"));
    await queueIs("ok");
    await allSentOnce();
  });

  test("out of memory it takes no hint; with room again everything goes out once", async () => {
    await useRedis(fragile, (redis) => redis.config("SET", "maxmemory", "1"));
    const before = world.logged.length;
    await makeDue(EACH);
    await expect.poll(() => world.logged.slice(before).filter((line) => line.includes("sweep.failed")).length, WITHIN).toBeGreaterThan(1);
    expect(world.smtp.mails().length).toBe(0);
    await queueIs("down");
    await useRedis(fragile, (redis) => redis.config("SET", "maxmemory", "0"));
    await queueIs("ok");
    await allSentOnce();
  });

  test("when it has forgotten every connection without a word, new ones are made", async () => {
    fragile.redis?.line.strand();
    await makeDue(EACH);
    await allSentOnce();
  });

  test("a flush in the middle of the work loses nothing and doubles nothing", async () => {
    await makeDue(10 * EACH);
    await expect.poll(() => world.twilio.messages().length, WITHIN).toBeGreaterThan(0);
    await useRedis(fragile, (redis) => redis.flushall());
    await allSentOnce();
  });
}

async function useRedis({ redis }: FragileWorld, work: (redis: Redis) => Promise<unknown>): Promise<void> {
  if (!redis) throw new Error("No Redis here");
  const client = new Redis(redis.url(), { maxRetriesPerRequest: 3 });
  await work(client);
  client.disconnect();
}

if (inject("redisUrl")) describe("a Redis", { timeout: 90_000 }, suite);
else describe.skip("NOT RUN: no redis-server on the PATH and no REDIS_URL", () => test("a Redis in trouble"));
