/** Everything the benchmark stands on: an embedded PostgreSQL that syncs, a Redis with its append-only file, the sinks, and a database full of standing touchpoints that each part clones. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { parse } from "yaml";
import { z } from "zod";
import { makeKeys, readDatabaseConfig } from "../../src/config.ts";
import { insertApproval } from "../../src/db/approvals.ts";
import { saveClinic } from "../../src/db/clinics.ts";
import { openDatabase } from "../../src/db/database.ts";
import { migrateToLatest } from "../../src/db/migrate.ts";
import { transact } from "../../src/db/transact.ts";
import { openCore } from "../../src/deps.ts";
import type { ClinicSettings } from "../../src/domain/clinic-settings.ts";
import type { SeriesId } from "../../src/domain/ids.ts";
import type { ProtocolFile } from "../../src/domain/protocol.ts";
import { startEmbeddedPostgres } from "../../src/local/embedded-postgres.ts";
import { startLocalRedis } from "../../src/local/local-redis.ts";
import { readTemplates } from "../../src/messages/read-templates.ts";
import { withMarkup } from "../../src/messages/translate-markup.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { planPatientsOf } from "../../src/workers/plan-patients.ts";
import { type Child, startChild } from "./child.ts";
import { makeRequests, PROTOCOL, readBenchClinics, ROOT } from "./requests.ts";
import type { Scale } from "./scale.ts";
import { addStanding } from "./standing.ts";

export type Backend = "redis" | "postgres";

/** A clone of the full database, and the environment of a process that works on it over one backend. */
export type Place = { readonly pool: pg.Pool; readonly env: Record<string, string>; readonly backend: Backend };

export type Stage = {
  readonly scale: Scale;
  /** Both, or PostgreSQL alone where there is no `redis-server`. */
  readonly backends: readonly Backend[];
  readonly postgresPid: number;
  readonly redisPid: number | undefined;
  readonly versions: { readonly postgres: string; readonly redis: string | null };
  readonly account: { readonly accountSid: string; readonly authToken: string };
  /** Patients whose seals open, three clinics of them, planned by the program itself. */
  readonly series: readonly SeriesId[];
  /** Touchpoints that planning a series of the benchmark makes. */
  readonly perSeries: number;
  /** Starts a process of the benchmark; it ends with the stage. */
  start(name: string): Child;
  /** Under this name only once: a repeat gives the same database. */
  openPlace(name: string, backend: Backend): Promise<Place>;
  /** A Redis database of one's own; undefined where there is no Redis. */
  redisUrl(name: string): string | undefined;
  close(): Promise<void>;
};

export type StageOptions = { readonly scale: Scale; readonly profileDir: string | undefined };

/** Settings of a small production server; all that makes commits durable stays as PostgreSQL has it. */
export const POSTGRES_SETTINGS = { max_connections: 200, shared_buffers: "512MB", max_wal_size: "4GB" } as const;
const TEMPLATE = "afterglow_bench";
const REAL_SERIES_PER_CLINIC = 100;

const ACCOUNT = { accountSid: `AC${"a".repeat(32)}`, authToken: "b".repeat(32) };

export async function openStage({ scale, profileDir }: StageOptions): Promise<Stage> {
  const undo: (() => Promise<unknown>)[] = [];
  // A folder each: PostgreSQL's comes to belong to the user it runs as.
  const makeFolder = async (name: string) => {
    const dir = await mkdtemp(join(tmpdir(), `afterglow-bench-${name}-`));
    undo.push(() => rm(dir, { recursive: true, force: true }));
    return dir;
  };
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const postgres = await startEmbeddedPostgres({ dir: await makeFolder("postgres"), settings: POSTGRES_SETTINGS });
    undo.push(postgres.stop);
    const redis = await startLocalRedis({ dir: await makeFolder("redis") });
    if (redis) undo.push(redis.stop);
    const keys = Object.fromEntries(Object.entries(makeKeys()).map(([name, value]) => [name, value ?? ""]));
    const url = (database: string) => postgres.url.replace(/\/[^/]*$/, `/${database}`);
    const made = await makeTemplate({ adminUrl: postgres.url, url: url(TEMPLATE), keys, scale });
    const redisNames = new Map<string, number>();
    const redisUrl = (name: string) => {
      const index = redisNames.get(name) ?? redisNames.size;
      redisNames.set(name, index);
      return redis && `${redis.url}/${index}`;
    };
    const start = (name: string) => {
      const child = startChild(
        name,
        profileDir ? ["--cpu-prof", `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`] : [],
      );
      undo.push(child.stop);
      return child;
    };
    const places = new Map<string, Promise<Place>>();
    const openPlace = (name: string, backend: Backend) => {
      const known = places.get(name);
      if (known) return known;
      const place = (async () => {
        await onServer(postgres.url, `create database ${name} template ${TEMPLATE}`);
        const pool = new pg.Pool({ connectionString: url(name), max: 4 });
        pool.on("error", () => undefined);
        undo.push(() => pool.end());
        const queues = backend === "redis" ? { REDIS_URL: redisUrl(name) ?? "" } : {};
        return { pool, backend, env: { ...keys, ...queues, AFTERGLOW_ENV: "test", DATABASE_URL: url(name), ...MEANWHILE } };
      })();
      places.set(name, place);
      return place;
    };
    return {
      scale,
      backends: redis ? ["redis", "postgres"] : ["postgres"],
      postgresPid: postgres.pid,
      redisPid: redis?.pid,
      versions: { postgres: postgres.version, redis: redis ? await readRedisVersion(redis.url) : null },
      account: ACCOUNT,
      ...made,
      start,
      openPlace,
      redisUrl,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the configuration asks for and a stubbed transport never uses. The public address is not this machine, so that the local Twilio API calls nobody back. */
const MEANWHILE = {
  SMTP_URL: "smtp://127.0.0.1:9",
  TWILIO_ACCOUNT_SID: ACCOUNT.accountSid,
  TWILIO_AUTH_TOKEN: ACCOUNT.authToken,
  TWILIO_API_BASE_URL: "http://127.0.0.1:9",
  PUBLIC_BASE_URL: "https://clinic.example.org",
};

type TemplatePlan = { readonly adminUrl: string; readonly url: string; readonly keys: Record<string, string>; readonly scale: Scale };

/** Migrated, three clinics with an approval each, real patients planned by the program, and the rows that stand. */
async function makeTemplate({ adminUrl, url, keys, scale }: TemplatePlan): Promise<Pick<Stage, "series" | "perSeries">> {
  await onServer(adminUrl, `create database ${TEMPLATE}`);
  const { db, pool } = openDatabase({ url, connections: 4, applicationName: "afterglow-bench" });
  try {
    await migrateToLatest(db, { environment: "test" });
    const clinics = await readBenchClinics();
    const file: ProtocolFile = parse(await readFile(join(ROOT, "protocols", `${PROTOCOL}.yaml`), "utf8"));
    const templates = await withMarkup(await readTemplates(join(ROOT, "templates")));
    for (const clinic of clinics)
      await transact(db, async (tx) => {
        const { id: clinicId } = await saveClinic(tx, clinic);
        await insertApproval(tx, { clinicId, file, templates, hash: `${PROTOCOL}-bench`, by: "Dr. Bench, medical director" });
      });
    const series = await enqueueReal(clinics, { ...keys, AFTERGLOW_ENV: "test", DATABASE_URL: url });
    const { rows } = await pool.query<{ planned: string }>("select count(*) as planned from touchpoints");
    await addStanding(pool, { touchpoints: scale.standing, from: 0 });
    return { series, perSeries: Number(rows[0]?.planned) / series.length };
  } finally {
    await db.destroy();
  }
}

async function enqueueReal(clinics: readonly ClinicSettings[], env: Record<string, string>): Promise<SeriesId[]> {
  const core = await openCore(readDatabaseConfig(env));
  try {
    const all: SeriesId[] = [];
    for (const clinic of clinics) {
      const requests = makeRequests(clinic, { first: 0, count: REAL_SERIES_PER_CLINIC });
      const results = await enqueueSeries(core, requests, { clinic: clinic.slug, actor: "staff:bench", second: "refuse" });
      for (const result of results) {
        if (result.kind !== "enqueued" || !result.patientId) throw new Error(`A series was refused: ${JSON.stringify(result)}`);
        all.push(result.seriesId);
      }
      const patientIds = results.flatMap((result) => (result.kind === "enqueued" && result.patientId ? [result.patientId] : []));
      await planPatientsOf(core)({ patientIds });
    }
    return all;
  } finally {
    await core.close();
    // The clones start with empty queues.
    await onServer(env["DATABASE_URL"] ?? "", "drop schema if exists afterglow_queues cascade");
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function readRedisVersion(url: string): Promise<string> {
  const { Redis } = await import("ioredis");
  const redis = new Redis(url);
  try {
    return z.string().parse(/redis_version:(\S+)/.exec(await redis.info("server"))?.[1]);
  } finally {
    redis.disconnect();
  }
}
