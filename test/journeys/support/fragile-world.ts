/**
 * A clinic whose PostgreSQL and Redis can be taken away: servers of its own, each behind a line that can be cut, stalled and forgotten, and a crowd of messages
 * that are due at this very moment. What left the house is counted by the providers.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, expect } from "vitest";
import { type Database, openDatabase } from "../../../src/db/database.ts";
import { migrateToLatest } from "../../../src/db/migrate.ts";
import { startEmbeddedPostgres, throwawaySettings } from "../../../src/local/embedded-postgres.ts";
import { startLocalRedis } from "../../../src/local/local-redis.ts";
import { openTcpProxy, type TcpProxy } from "../../queues/support/tcp-proxy.ts";
import { type Backend, openWorld, type World } from "../../support/world.ts";
import { enqueueAna, forgetTouchpoints } from "../../workers/support/clinic-at-work.ts";

export type FragileWorld = {
  readonly world: World;
  readonly backend: Backend;
  /** The rows, on a line that never breaks. */
  readonly db: Database;
  readonly postgres: {
    readonly line: TcpProxy;
    /** Stops the server at once, as a fail-over does. */
    stop(): Promise<void>;
    start(): Promise<void>;
    /** Runs a statement as the server's superuser. */
    rule(statement: string): Promise<void>;
  };
  /** Undefined while queues live in PostgreSQL. */
  readonly redis: { readonly line: TcpProxy; readonly url: () => string; restart(): Promise<void> } | undefined;
  /** So many mails and so many texts are due from now on. */
  makeDue(each: number): Promise<void>;
  /** Settles when every message that was due has left the house exactly once, and nothing is left over. */
  allSentOnce(): Promise<void>;
  /** As {@link allSentOnce}, but of some nobody may know whether they were sent: what the provider said while the database was away for long. */
  allAccountedFor(): Promise<void>;
};

/** The program is an ordinary user here, whom the server can refuse. */
const USER = "clinic";
const WITHIN = { timeout: 60_000, interval: 100 };

/** Called while tests are collected, so that what it opens is closed behind the last test. */
export async function openFragileWorld(backend: Backend): Promise<FragileWorld> {
  const server = await startServer();
  const line = await openTcpProxy(server.url);
  const lines = [line];
  const redis = backend === "redis" ? await startRedis() : undefined;
  if (redis) lines.push(redis.line);
  const { db, pool } = openDatabase({ url: server.url, connections: 2, applicationName: "test-direct" });
  pool.on("error", () => undefined);
  await migrateToLatest(db, { environment: "test" });
  // Registered before the world's own, so that what the world closes is closed before what it stands on.
  afterAll(async () => {
    await db.destroy();
    for (const each of lines) await each.cut();
    await server.stop();
    await redis?.stop();
  });
  const environment = { DATABASE_URL: line.url, ...(redis ? { REDIS_URL: redis.line.url } : {}) };
  const world = await openWorld({ backend, environment });
  let due = 0;
  return {
    world,
    backend,
    db,
    postgres: { line, stop: server.pause, start: server.resume, rule: server.rule },
    redis,
    makeDue: async (each) => {
      await forgetTouchpoints(world);
      await enqueueAna(world);
      await multiplyWelcome(db, each);
      due = each;
    },
    allSentOnce: async () => {
      await expect.poll(() => countStates(db), WITHIN).toEqual({ sent: 2 * due });
      expect(countAccepted(world)).toEqual({ mails: due, texts: due, different: 2 * due });
    },
    allAccountedFor: async () => {
      await expect.poll(async () => countKnown(await countStates(db)), WITHIN).toBe(2 * due);
      const { sent = 0 } = await countStates(db);
      const { mails, texts, different } = countAccepted(world);
      expect(different).toBe(mails + texts);
      expect(different).toBeGreaterThanOrEqual(sent);
      expect(different).toBeLessThanOrEqual(2 * due);
    },
  };
}

/** What the providers took: mails and texts, and how many different ones that were. */
export function countAccepted({ smtp, twilio }: Pick<World, "smtp" | "twilio">): { mails: number; texts: number; different: number } {
  const mails = smtp.mails().map(({ raw }) => /^Message-ID:\s*(\S+)/im.exec(raw.toString())?.[1]);
  const texts = twilio.messages().map(({ statusCallback }) => statusCallback);
  return { mails: mails.length, texts: texts.length, different: new Set([...mails, ...texts]).size };
}

function countKnown({ sent = 0, unknown = 0, held = 0 }: Readonly<Record<string, number>>): number {
  return sent + unknown + held;
}

async function startServer() {
  const dir = await mkdtemp(join(tmpdir(), "afterglow-fragile-"));
  const settings = { ...throwawaySettings, max_connections: 300 };
  let running = await startEmbeddedPostgres({ dir, settings });
  const port = Number(new URL(running.url).port);
  const rule = async (statement: string) => {
    const client = new pg.Client({ connectionString: running.url });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await rule(`create role ${USER} login password 'x'`);
  await rule(`create database ${USER} owner ${USER}`);
  return {
    url: `postgres://${USER}:x@127.0.0.1:${port}/${USER}`,
    rule,
    pause: () => running.stop(),
    resume: async () => {
      running = await startEmbeddedPostgres({ dir, port, settings });
    },
    stop: async () => {
      await running.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function startRedis() {
  const dir = await mkdtemp(join(tmpdir(), "afterglow-fragile-redis-"));
  const start = async () => {
    const redis = await startLocalRedis({ dir });
    if (!redis) throw new Error("No redis-server");
    return redis;
  };
  let running = await start();
  const line = await openTcpProxy(running.url);
  return {
    line,
    url: () => running.url,
    restart: async () => {
      await line.cut();
      await running.stop();
      running = await start();
      await line.mend(running.url);
    },
    stop: async () => {
      await running.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Ana's welcome, so many times on each channel, due now and for an hour to come; nothing else of hers. */
export async function multiplyWelcome(db: Database, each: number): Promise<void> {
  await sql`delete from touchpoints where rule <> 'welcome' or channel = 'task'`.execute(db);
  await sql`
    insert into touchpoints select (r).* from (
      select jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'key', t.key || '/' || g, 'hinted_at', null)) as r
      from touchpoints t, generate_series(1, ${each - 1}::integer) g) copies`.execute(db);
  await sql`
    update touchpoints set hinted_at = null, try_at = k.at, first_try_at = k.at, send_by = k.at + interval '1 hour', expires_at = k.at + interval '2 hours',
      legal_at = tstzmultirange(tstzrange(k.at, k.at + interval '1 hour'))
    from (select afterglow_now() as at) k`.execute(db);
}

async function countStates(db: Database): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; count: number }>`select state, count(*) from touchpoints group by state`.execute(db);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** The causes of which more was written than a line a second, allowing for two that fall into the same second of the clock. */
export function tooLoud(logged: readonly string[]): string[] {
  const seconds = new Map<string, number>();
  for (const line of logged) {
    const { time, msg, queue, kind, error, errorCode, level } = JSON.parse(line);
    if (level !== "error") continue;
    const key = [msg, queue, kind, error, errorCode, Math.floor(time / 1_000)].join(" ");
    seconds.set(key, (seconds.get(key) ?? 0) + 1);
  }
  return [...seconds].filter(([, count]) => count > 2).map(([key, count]) => `${key}: ${count}`);
}
