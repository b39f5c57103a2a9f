import { Redis } from "ioredis";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { z } from "zod";
import { DAY, instant } from "../../src/domain/calendar.ts";
import type { EnqueueRequest } from "../../src/domain/enqueue-request.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { stepThrough } from "../../src/producers/step-through.ts";
import { describeOnBackends, EXAMPLES_BEGIN, openWorld, readSeriesExample, type World } from "../support/world.ts";
import { attendAll } from "./support/attend-all.ts";

/** Marks that stand for a person, each in a field of its own. */
const MARKS = {
  ref: "Zq-chart-771",
  name: "Zqname Canary",
  email: "zqmail@canary.example.org",
  phone: "+13035550177",
  address: "7 Zqstreet",
  birthDate: "1977-07-17",
  escort: "Zqescort Canary",
  escortPhone: "+13035550178",
  emergency: "Zqemergency Canary",
  emergencyPhone: "+13035550179",
  externalId: "Zq-external-771",
};

/** A queue whose every job fails with words about a person. */
const LOUD = { name: "loud", data: z.unknown(), concurrency: 1 };

async function markedRequest(): Promise<EnqueueRequest> {
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana?.patient.escort) expect.unreachable();
  const escort = { ...ana.patient.escort, name: MARKS.escort, phone: MARKS.escortPhone };
  const emergencyContact = { name: MARKS.emergency, phone: MARKS.emergencyPhone, relation: null };
  const { ref, name, email, phone, address } = MARKS;
  return { ...ana, externalId: MARKS.externalId, patient: { ...ana.patient, ref, name, email, phone, address, escort, emergencyContact } };
}

/** Every row of every table, the queues' too, as text; what is binary is shown as its characters. */
async function dumpDatabase({ deps: { db } }: World): Promise<string> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema in ('public', 'afterglow_queues')`.execute(db);
  expect(tables.length).toBeGreaterThan(20);
  const parts: string[] = [];
  for (const { schema, name } of tables) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(`${schema}.${name}`)}`.execute(db);
    for (const row of rows)
      for (const value of Object.values(row)) parts.push(Buffer.isBuffer(value) ? value.toString("latin1") : JSON.stringify(value));
  }
  return parts.join("\n");
}

async function dumpRedis({ variables }: World): Promise<string> {
  const url = variables["REDIS_URL"];
  if (!url) return "";
  const redis = new Redis(url);
  const parts: string[] = [];
  for (const key of await redis.keys("*")) {
    parts.push(key);
    const type = await redis.type(key);
    if (type === "hash") parts.push(JSON.stringify(await redis.hgetall(key)));
    if (type === "stream") parts.push(JSON.stringify(await redis.xrange(key, "-", "+")));
    if (type === "zset") parts.push(JSON.stringify(await redis.zrange(key, 0, -1)));
    if (type === "list") parts.push(JSON.stringify(await redis.lrange(key, 0, -1)));
  }
  redis.disconnect();
  expect(parts.length).toBeGreaterThan(3);
  return parts.join("\n");
}

function findMarks(text: string): string[] {
  const lower = text.toLowerCase();
  return Object.entries(MARKS).flatMap(([field, mark]) => (lower.includes(mark.toLowerCase()) ? [field] : []));
}

describeOnBackends("of a person nothing can be read", async (backend) => {
  const world = await openWorld({ backend });

  test("in the database, the queues or the log, after a course in which much went wrong", async () => {
    world.smtp.setFaults([
      { does: "refuse", at: "rcpt", code: 450, times: 3 },
      { does: "drop-after-accepting", to: MARKS.email },
    ]);
    world.twilio.setFaults([
      { does: "refuse", code: 21211, to: MARKS.phone, times: 1 },
      { does: "drop", when: "after-accepting", times: 1 },
    ]);
    await world.startWorkers();
    const request = await markedRequest();
    const options = { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" } as const;
    expect(await enqueueSeries(world.deps, [request], options)).toMatchObject([{ kind: "enqueued" }]);
    const refused = { ...request, patient: { ...request.patient, phone: "+13035550188" } };
    expect(await enqueueSeries(world.deps, [refused], { ...options, second: "also" })).toMatchObject([{ kind: "refused" }]);
    const loudly = await world.deps.queues.work(LOUD, () => Promise.reject(new Error(MARKS.name)));
    await world.deps.queues.queue(LOUD).add([{ data: {}, delayMs: 0 }]);
    await stepThrough(world.deps.db, { until: instant(EXAMPLES_BEGIN + 20 * DAY), facts: await attendAll(world) });
    await expect.poll(async () => (await world.deps.queues.queue(LOUD).counts())["failed"], { timeout: 10_000 }).toBe(1);
    await loudly.close();
    expect(findMarks(await dumpDatabase(world))).toEqual([]);
    expect(findMarks(await dumpRedis(world))).toEqual([]);
    expect(findMarks(world.logged.join("\n"))).toEqual([]);
    expect(world.logged.length).toBeGreaterThan(1);
  });

  test("and the search would have found it: the mails and texts themselves are full of it", () => {
    const outside = [...world.smtp.mails().map(({ raw }) => raw.toString()), ...world.twilio.messages().map(({ to }) => to)].join("\n");
    expect(findMarks(outside)).toEqual(expect.arrayContaining(["email", "escortPhone"]));
  });
});
