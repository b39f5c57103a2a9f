/** One PostgreSQL for the whole run, with a migrated template database that each test file clones; and one Redis where there is one. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "afterglow-test-"));
  const postgres = await startEmbeddedPostgres({ dir, settings: { ...throwawaySettings, max_connections: "200" } });
  await makeTemplate(postgres.url);
  const redis = await findRedis();
  provide("databaseUrl", postgres.url);
  provide("redisUrl", redis.url);
  return async () => {
    await redis.stop();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  };
}

/** Migrated once, queue tables included; a clone takes some fifty milliseconds. */
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

async function findRedis(): Promise<{ url: string | undefined; stop: () => Promise<void> }> {
  const given = process.env["REDIS_URL"];
  if (given) return { url: given, stop: () => Promise.resolve() };
  const dir = await mkdtemp(join(tmpdir(), "afterglow-redis-"));
  const redis = await startLocalRedis({ dir });
  const clean = () => rm(dir, { recursive: true, force: true });
  if (redis) return { url: redis.url, stop: async () => redis.stop().then(clean) };
  await clean();
  return { url: undefined, stop: () => Promise.resolve() };
}
