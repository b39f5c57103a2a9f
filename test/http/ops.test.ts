import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { openDatabase } from "../../src/db/database.ts";
import { registerWorker } from "../../src/db/workers.ts";
import { startHttp } from "../../src/http/start-http.ts";
import { findFreePort } from "../../src/local/free-port.ts";
import { steerQueue } from "../../src/producers/steer-queue.ts";
import { switchOff, switchOn } from "../../src/producers/switch-sending.ts";
import { QUEUE_NAMES } from "../../src/queues/all-queues.ts";
import { sendEmail } from "../../src/queues/send-hints.ts";
import { VERSION } from "../../src/version.ts";
import { at } from "../domain/aspen-ridge.ts";
import { type Enqueued, enqueueExample, openClinic, startWeb, type Web } from "./support/aspen-ridge-web.ts";

let web: Web;
let ana: Enqueued;
beforeAll(async () => {
  web = await startWeb();
  await openClinic(web, ["iv-ketamine"]);
  ana = await enqueueExample(web, "ana-iv");
});

async function ask(path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(web.url + path, { headers });
  return { status: answer.status, body: await answer.text() };
}
const readiness = async () => {
  const { status, body } = await ask("/readyz");
  const parsed: unknown = JSON.parse(body);
  return { status, body: parsed };
};

test("healthz says that the process is alive, whatever the rest does", async () => {
  expect(await ask("/healthz")).toEqual({ status: 200, body: '{"status":"ok"}' });
});

describe("readyz", () => {
  const repairs: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const repair of repairs.splice(0)) await repair();
  });

  test("is ready when the database, its schema and the queue are", async () => {
    expect(await readiness()).toEqual({ status: 200, body: { status: "ok", parts: { database: "ok", migrations: "ok", queue: "ok" } } });
  });

  test("names the schema when a migration is missing", async () => {
    const { rows } = await sql<{
      name: string;
      timestamp: string;
    }>`delete from kysely_migration where name = '0006_deliveries_tasks_audit' returning name, timestamp`.execute(web.db);
    repairs.push(() =>
      sql`insert into kysely_migration (name, timestamp) values (${rows[0]?.name}, ${rows[0]?.timestamp})`.execute(web.db),
    );
    expect(await readiness()).toEqual({
      status: 503,
      body: { status: "down", parts: { database: "ok", migrations: "down", queue: "ok" } },
    });
  });

  test("names the queue when its tables are gone", async () => {
    await sql`alter schema afterglow_queues rename to gone`.execute(web.db);
    repairs.push(() => sql`alter schema gone rename to afterglow_queues`.execute(web.db));
    expect(await readiness()).toEqual({
      status: 503,
      body: { status: "down", parts: { database: "ok", migrations: "ok", queue: "down" } },
    });
  });

  test("gives up on a part that hangs, and does not ask it again while it does", async () => {
    const client = new pg.Client({ connectionString: web.config.DATABASE_URL });
    await client.connect();
    await client.query("begin; lock table kysely_migration in access exclusive mode");
    repairs.push(() => client.end());
    expect(await readiness()).toMatchObject({ status: 503, body: { parts: { database: "ok", migrations: "down" } } });
    expect(await readiness()).toMatchObject({ status: 503 });
    const { rows } = await client.query(
      "select count(*)::integer as waiting from pg_locks where not granted and relation = 'kysely_migration'::regclass",
    );
    expect(rows).toEqual([{ waiting: 1 }]);
  });

  test("names the database when nobody answers there", async () => {
    const { db } = openDatabase({
      url: `postgres://nobody@127.0.0.1:${await findFreePort()}/none`,
      connections: 1,
      applicationName: "test",
    });
    const server = await startHttp({ ...web, db, config: { ...web.config, PORT: 0 } });
    repairs.push(
      () => server.close(),
      () => db.destroy(),
    );
    const answer = await fetch(`${server.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ status: "down", parts: { database: "down", migrations: "down", queue: "ok" } });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe("metrics", () => {
  const DAY_OF_FIRST = "2027-01-11T15:00:00Z";
  async function scrape(): Promise<Map<string, number>> {
    const { status, body } = await ask("/metrics");
    expect(status).toBe(200);
    const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
  }

  test("tell what runs and that their sources answered", async () => {
    const numbers = await scrape();
    expect(numbers.get(`afterglow_build_info{version="${VERSION}",backend="postgres"}`)).toBe(1);
    expect(numbers.get('afterglow_source_up{source="database"}')).toBe(1);
    expect(numbers.get('afterglow_source_up{source="queues"}')).toBe(1);
    expect(numbers.get("process_start_time_seconds")).toBeGreaterThan(0);
  });

  test("count what is due and unclaimed, and how long the oldest has been", async () => {
    await setSteppedClock(web.db, at(DAY_OF_FIRST));
    const { rows } = await sql<{
      due: number;
    }>`select count(*)::integer as due from claimable_touchpoints where try_at <= afterglow_now()`.execute(web.db);
    const numbers = await scrape();
    expect(rows[0]?.due).toBeGreaterThan(0);
    expect(numbers.get("afterglow_due_unclaimed")).toBe(rows[0]?.due);
    const planned = ["email", "sms", "task"].map(
      (channel) => numbers.get(`afterglow_touchpoints{state="planned",channel="${channel}"}`) ?? 0,
    );
    expect(planned.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(rows[0]?.due ?? 0);
  });

  test("tell how late the last attempts were, and leave older ones out", async () => {
    const touchpoints = await web.db
      .selectFrom("touchpoints")
      .select(["id", "clinicId"])
      .where("seriesId", "=", ana.seriesId)
      .limit(4)
      .execute();
    const attempt = (index: number, id: string, latenessMs: number) => {
      const { id: touchpointId = newId<"touchpoint">(), clinicId = newId<"clinic">() } = touchpoints[index] ?? {};
      return sql`insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, state, lateness_ms, content_hash)
        values (${id}::uuid, ${touchpointId}, ${clinicId}, ${newId()}, 1, 'sms', 'sent', ${latenessMs}, '\\x00')`.execute(web.db);
    };
    await attempt(0, newId(), 10);
    await attempt(1, newId(), 30);
    await attempt(2, "01900000-0000-7000-8000-000000000000", 90_000);
    const numbers = await scrape();
    expect(numbers.get('afterglow_lateness_seconds{channel="sms",quantile="0.5"}')).toBeCloseTo(0.02);
    expect(numbers.get('afterglow_lateness_seconds{channel="sms",quantile="0.99"}')).toBeCloseTo(0.0298);
    expect(numbers.get('afterglow_deliveries_last_hour{state="sent",channel="sms"}')).toBe(2);
  });

  test("count workers with a heartbeat, open tasks, stale plans and jobs in the queues", async () => {
    const alive = await registerWorker(web.db, { role: "worker", version: VERSION });
    const dead = await registerWorker(web.db, { role: "worker", version: VERSION });
    await sql`update workers set beat_at = clock_timestamp() - interval '21 seconds' where id = ${dead}`.execute(web.db);
    await sql`insert into tasks (id, clinic_id, patient_id, series_id, kind, template, locale, importance, opened_at, due_by)
      select ${newId()}, clinic_id, patient_id, id, 'call', 'x', 'en', 'high', now(), now() from series where id = ${ana.seriesId}`.execute(
      web.db,
    );
    await sql`update patients set plan_revision = plan_revision + 1, unplanned_since = clock_timestamp() - interval '90 seconds'`.execute(
      web.db,
    );
    await web.queues.queue(sendEmail).add([{ data: { touchpointIds: [newId<"touchpoint">()] }, delayMs: 0 }]);
    const numbers = await scrape();
    expect(alive).not.toBe(dead);
    expect(numbers.get("afterglow_workers_alive")).toBe(1);
    expect(numbers.get('afterglow_tasks_open{kind="call"}')).toBe(1);
    expect(numbers.get("afterglow_unplanned_patients")).toBe(1);
    expect(numbers.get("afterglow_unplanned_oldest_seconds")).toBeGreaterThanOrEqual(90);
    expect(numbers.get('afterglow_queue_jobs{queue="send-email",state="waiting"}')).toBe(1);
  });

  test("name every queue, and say what is paused, switched off and stopped for safety", async () => {
    const numbers = await scrape();
    for (const queue of QUEUE_NAMES) expect(numbers.get(`afterglow_queue_paused{queue="${queue}"}`)).toBe(0);
    expect(numbers.get('afterglow_queue_jobs{queue="handle-reply",state="waiting"}')).toBe(0);
    expect(numbers.get("afterglow_switches_off")).toBe(0);
    expect(numbers.get("afterglow_safe_mode")).toBe(0);
    const by = { actor: "cli", dryRun: false } as const;
    const everything = { scope: "everything", clinicId: null, subject: null } as const;
    await steerQueue(web, { name: "send-sms", verb: "pause" }, by);
    await switchOff(web, { ...everything, reason: "wrong times in texts" }, by);
    await sql`update clinic_clock set safe_mode_since = afterglow_now(), safe_mode_reason = 'put back from a snapshot'`.execute(web.db);
    const stopped = await scrape();
    await steerQueue(web, { name: "send-sms", verb: "resume" }, by);
    await switchOn(web, everything, by);
    await sql`update clinic_clock set safe_mode_since = null, safe_mode_reason = null`.execute(web.db);
    expect(stopped.get('afterglow_queue_paused{queue="send-sms"}')).toBe(1);
    expect(stopped.get("afterglow_switches_off")).toBe(1);
    expect(stopped.get("afterglow_safe_mode")).toBe(1);
  });

  test("hold no id, name, clinic or address", async () => {
    const { body } = await ask("/metrics");
    expect(body).not.toMatch(/aspen|ana|ortiz|@|\+1303|[0-9a-f]{8}-[0-9a-f]{4}-/i);
  });

  test("leave out what a source that is down would have told, and say so", async () => {
    await sql`alter table workers rename to gone`.execute(web.db);
    const numbers = await scrape();
    await sql`alter table gone rename to workers`.execute(web.db);
    expect(numbers.get('afterglow_source_up{source="database"}')).toBe(0);
    expect(numbers.get('afterglow_source_up{source="queues"}')).toBe(1);
    expect([...numbers.keys()].filter((name) => /^afterglow_(?:due|touchpoints|workers|unplanned)/.test(name))).toEqual([]);
    expect((await scrape()).get("afterglow_workers_alive")).toBe(1);
  });

  test("are told to this machine and private networks, not to the world", async () => {
    for (const near of ["10.1.2.3", "192.168.0.9", "fd00::1"])
      expect((await ask("/metrics", { "x-forwarded-for": near })).status).toBe(200);
    for (const far of ["203.0.113.7", "2001:db8::1", "not-an-address"])
      expect((await ask("/metrics", { "x-forwarded-for": far })).status).toBe(404);
  });
});
