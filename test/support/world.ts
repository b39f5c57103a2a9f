/** A small clinic that really runs: its own database, queues on the asked backend, workers, an SMTP server and a Twilio API. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { afterAll, describe, expect, inject, test } from "vitest";
import { Redis } from "ioredis";
import { makeKeys, readConfig } from "../../src/config.ts";
import { findClinic } from "../../src/db/clinics.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { type Deps, openDeps } from "../../src/deps.ts";
import { type Instant, parseInstant } from "../../src/domain/calendar.ts";
import type { ClinicSettings } from "../../src/domain/clinic-settings.ts";
import type { EnqueueRequest } from "../../src/domain/enqueue-request.ts";
import type { Parsed } from "../../src/domain/fault.ts";
import type { ClinicId } from "../../src/domain/ids.ts";
import { parseClinic } from "../../src/domain/parse-clinic.ts";
import { parseSeries } from "../../src/domain/parse-series.ts";
import { parseSeriesText } from "../../src/domain/parse-series-text.ts";
import { makeLog } from "../../src/log.ts";
import { startSmtpServer } from "../../src/local/smtp-server.ts";
import { startTwilioApi } from "../../src/local/twilio-api.ts";
import { startWorkers } from "../../src/workers/start-workers.ts";
import { approveShipped, findClinicTemplate } from "./clinic-template.ts";
import { cloneDatabase } from "./database.ts";

export const ACCOUNT_SID = `AC${"a".repeat(32)}`;
export const AUTH_TOKEN = "b".repeat(32);

/** Monday 2027-01-04, 08:00 in Denver: where the examples begin. */
export const EXAMPLES_BEGIN = at("2027-01-04T15:00:00Z");

export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined) throw new Error(`Not an instant: ${text}`);
  return instant;
}

export function must<Value>(parsed: Parsed<Value>): Value {
  if (parsed.ok) return parsed.value;
  throw new Error(parsed.faults.map(({ path, expected }) => `${path}: expected ${expected}`).join("\n"));
}

export async function readClinicExample(): Promise<ClinicSettings> {
  const settings = must(parseClinic(parse(await readFile("examples/clinic.yaml", "utf8"))));
  // The stand-ins take whatever comes; a rate that fits a real carrier would only make the tests wait.
  return { ...settings, email: { ...settings.email, perSecond: 500 }, sms: { ...settings.sms, perSecond: 500 } };
}

export async function readSeriesExample(name: string, now: Instant = EXAMPLES_BEGIN): Promise<EnqueueRequest[]> {
  const clinic = await readClinicExample();
  const texts = must(parseSeriesText(await readFile(`examples/${name}.yaml`, "utf8"), "yaml"));
  return texts.map((text) => must(parseSeries(text, { clinic, now })));
}

export type World = {
  readonly deps: Deps;
  readonly clinic: ClinicSettings;
  readonly clinicId: ClinicId;
  readonly smtp: Awaited<ReturnType<typeof startSmtpServer>>;
  readonly twilio: Awaited<ReturnType<typeof startTwilioApi>>;
  /** What a process of its own would have to be told to work in this world. */
  readonly variables: Readonly<Record<string, string>>;
  /** Lines the program logged. */
  readonly logged: readonly string[];
  startWorkers(): ReturnType<typeof startWorkers>;
};

export type Backend = "redis" | "postgres";

/** The same suite on both engines of the queues; without a Redis that half is reported by name as not run. */
export function describeOnBackends(name: string, suite: (backend: Backend) => Promise<void>): void {
  describe(`${name}, on postgres`, () => suite("postgres"));
  if (inject("redisUrl")) describe(`${name}, on redis`, () => suite("redis"));
  else describe.skip("NOT RUN: no redis-server on the PATH and no REDIS_URL", () => test(`${name}, on redis`));
}

export type WorldOptions = {
  readonly backend: Backend;
  readonly now?: Instant;
  /** Variables besides those of the stand-ins. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** Called while tests are collected (at the top of a file or of an async `describe`), so that what it opens is closed behind the last test. */
export async function openWorld({ backend, now = EXAMPLES_BEGIN, environment = {} }: WorldOptions): Promise<World> {
  const clinic = await readClinicExample();
  const url = environment["DATABASE_URL"] ?? (await cloneDatabase(await findClinicTemplate(clinic))).url;
  const smtp = await startSmtpServer({});
  const twilio = await startTwilioApi({ accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN });
  const logged: string[] = [];
  const variables = {
    ...makeKeys(),
    AFTERGLOW_ENV: "test",
    DATABASE_URL: url,
    ...(backend === "redis" ? { REDIS_URL: await emptyRedis() } : {}),
    SMTP_URL: smtp.url,
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TWILIO_AUTH_TOKEN: AUTH_TOKEN,
    TWILIO_API_BASE_URL: twilio.url,
    PUBLIC_BASE_URL: "http://127.0.0.1:9",
    ...environment,
  };
  const config = readConfig(variables);
  const deps = await openDeps(config, makeLog({ level: "info", destination: { write: (line) => logged.push(line) } }));
  if (environment["DATABASE_URL"] !== undefined) await approveShipped(deps.db, clinic);
  const { id: clinicId } = (await findClinic(deps.db, clinic.slug)) ?? expect.unreachable();
  await setSteppedClock(deps.db, now);
  const running: { stop(): Promise<void> }[] = [];
  afterAll(async () => {
    await Promise.all(running.map((workers) => workers.stop()));
    await deps.close();
    await smtp.stop();
    await twilio.stop();
  });
  const start = async () => {
    const workers = await startWorkers(deps);
    running.push(workers);
    return workers;
  };
  return { deps, clinic, clinicId, smtp, twilio, logged, variables, startWorkers: start };
}

let worlds = 0;

/** Redis is shared by the run: each world takes a database of its own by number, and the process of a file has its share of the numbers. */
export async function emptyRedis(): Promise<string> {
  const url = inject("redisUrl");
  if (!url) throw new Error("No Redis in this run");
  const share = inject("redisShare");
  const number = (Number(process.env["VITEST_POOL_ID"] ?? "1") - 1) * share + (worlds++ % share);
  const own = `${url.replace(/\/\d*$/, "")}/${number}`;
  const client = new Redis(own);
  await client.flushdb();
  client.disconnect();
  return own;
}
