/** One PostgreSQL for the whole run, with a migrated template database that each test file clones; and one Redis where there is one. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { openDatabase } from "../../src/db/database.ts";
import { migrateToLatest } from "../../src/db/migrate.ts";
import { makeLog } from "../../src/log.ts";
import { startEmbeddedPostgres, throwawaySettings } from "../../src/local/embedded-postgres.ts";
import { startLocalRedis } from "../../src/local/local-redis.ts";
import { connectQueues } from "../../src/queues/backend.ts";

declare module "vitest" {
  interface ProvidedContext {
    databaseUrl: string;
    redisUrl: string | undefined;
    /** How many of its databases each process that runs files has for itself. */
    redisShare: number;
  }
}

export default async function setup({ provide, config }: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "afterglow-test-"));
  const postgres = await startEmbeddedPostgres({ dir, settings: { ...throwawaySettings, max_connections: "300" } });
  await keepPasswordCheap(postgres.url);
  await makeTemplate(postgres.url);
  const redis = await findRedis();
  provide("databaseUrl", postgres.url);
  provide("redisUrl", redis.url);
  provide("redisShare", Math.floor(redis.databases / config.maxWorkers));
  return async () => {
    await redis.stop();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  };
}

/** Every connection proves that it knows the password: with one round of hashing instead of four thousand. */
async function keepPasswordCheap(url: string): Promise<void> {
  const { password } = new URL(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("set scram_iterations = 1");
  await client.query(`alter role postgres password ${client.escapeLiteral(decodeURIComponent(password))}`);
  await client.end();
}

/** Migrated once, queue tables included; a clone takes some twenty milliseconds. */
async function makeTemplate(url: string): Promise<void> {
  const admin = openDatabase({ url, connections: 1, applicationName: "test-setup" });
  await admin.pool.query("create database afterglow_template");
  await admin.db.destroy();
  await admin.pool.end();
  const template = url.replace(/\/[^/]*$/, "/afterglow_template");
  const { db } = openDatabase({ url: template, connections: 2, applicationName: "test-setup" });
  await migrateToLatest(db, { environment: "test" });
  await db.destroy();
  const queues = await connectQueues({ redisUrl: undefined, databaseUrl: template, log: makeLog({ level: "silent" }) });
  await queues.close();
}

type RedisOfRun = { readonly url: string | undefined; readonly databases: number; readonly stop: () => Promise<void> };

async function findRedis(): Promise<RedisOfRun> {
  const given = process.env["REDIS_URL"];
  if (given) return { url: given, databases: 16, stop: () => Promise.resolve() };
  const dir = await mkdtemp(join(tmpdir(), "afterglow-redis-"));
  const databases = 64;
  const redis = await startLocalRedis({ dir, settings: { databases, appendfsync: "no" } });
  const clean = () => rm(dir, { recursive: true, force: true });
  if (redis) return { url: redis.url, databases, stop: async () => redis.stop().then(clean) };
  await clean();
  return { url: undefined, databases: 0, stop: () => Promise.resolve() };
}
