import { sql } from "kysely";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { readLiveness } from "../../src/db/liveness.ts";
import { beat, registerWorker } from "../../src/db/workers.ts";
import { HOUR, instant } from "../../src/domain/calendar.ts";
import { makeReadinessCheck } from "../../src/http/check-readiness.ts";
import { findStuck, watchActivity } from "../../src/workers/watch-progress.ts";
import { cloneDatabase } from "../support/database.ts";
import { storeClinic } from "./support/stored-clinic.ts";
import { type StoredPerson, storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
const clinic = await storeClinic(db);
let person: StoredPerson;

beforeEach(async () => {
  await sql`delete from touchpoints`.execute(db);
  await sql`delete from workers`.execute(db);
  await sql`update patients set planned_revision = plan_revision`.execute(db);
  await asked(3_600);
  person = await storePerson(db, clinic);
});

const read = () => readLiveness(db, { deadAfterSeconds: 20 });
const asked = (secondsAgo: number) =>
  sql`update rate_buckets set refilled_at = clock_timestamp() - make_interval(secs => ${secondsAgo})`.execute(db);
/** Due for so many seconds, in real time. */
async function storeDue(seconds: number, wish: Parameters<typeof storeTouchpoint>[2] = {}): Promise<void> {
  const { rows } = await sql<{ now: number }>`select afterglow_now() as now`.execute(db);
  const now = rows[0]?.now ?? 0;
  const legal = [{ from: instant(now - HOUR), to: instant(now + HOUR) }];
  await storeTouchpoint(db, person, { tryAt: instant(now - seconds * 1_000), legal, ...wish });
}

describe("whether anybody works", () => {
  test("nothing waits where nothing is due, and nobody is alive where nobody beats", async () => {
    expect(await read()).toEqual({ waitingSeconds: 0, unplannedSeconds: 0, alive: 0, working: 0 });
  });

  test("something due that nobody takes waits, as long as it has been due", async () => {
    await storeDue(70);
    await storeDue(20);
    const { waitingSeconds } = await read();
    expect(waitingSeconds).toBeGreaterThanOrEqual(70);
    expect(waitingSeconds).toBeLessThan(100);
  });

  test("a backlog that is worked off at its sender's pace does not wait, and another sender's does", async () => {
    await storeDue(600);
    await asked(1);
    expect((await read()).waitingSeconds).toBeLessThan(60);
    await sql`update rate_buckets set refilled_at = clock_timestamp() - interval '1 hour' where sender_id = ${clinic.senders.email}`.execute(
      db,
    );
    await storeDue(600, { channel: "email" });
    expect((await read()).waitingSeconds).toBeGreaterThanOrEqual(600);
  });

  test("something due of a sender that has lost its rate waits", async () => {
    const lost = sql`delete from rate_buckets where sender_id = ${clinic.senders.sms} returning *`;
    const { rows } = await sql<{ perSecond: number }>`${lost}`.execute(db);
    await storeDue(70);
    expect((await read()).waitingSeconds).toBeGreaterThanOrEqual(70);
    const rate = rows[0]?.perSecond ?? 1;
    await sql`insert into rate_buckets (sender_id, per_second, burst, tokens) values (${clinic.senders.sms}, ${rate}, ${rate + 1}, 1)`.execute(
      db,
    );
  });

  test("what may not go does not wait", async () => {
    await storeDue(600, { state: "held" });
    await storeDue(600, { awaits: "dosing" });
    await storeDue(600, { legal: [{ from: instant(Date.now() + HOUR), to: instant(Date.now() + 2 * HOUR) }] });
    await sql`update patients set hold_code = 'complaint' where id = ${person.patientId}`.execute(db);
    await storeDue(600);
    expect((await read()).waitingSeconds).toBe(0);
  });

  test("a plan that nobody makes waits", async () => {
    await sql`update patients set plan_revision = plan_revision + 1, unplanned_since = clock_timestamp() - interval '90 seconds' where id = ${person.patientId}`.execute(
      db,
    );
    expect((await read()).unplannedSeconds).toBeGreaterThanOrEqual(90);
  });

  test.each([
    [2_000, 1],
    [2_001, 0],
    [-2_001, 0],
  ])("a worker whose clock is off by %d ms works: %d", async (skewMs, working) => {
    await beat(db, await registerWorker(db, { role: "worker", version: "test" }), { skewMs });
    expect(await read()).toMatchObject({ alive: 1, working });
  });
});

describe("readiness of a process that works itself", () => {
  const queues = {
    queue: () => ({ name: "none", add: () => Promise.resolve(), counts: () => Promise.resolve({}) }),
    probe: () => Promise.resolve(),
  };
  const work = async (role: "all" | "http") => (await makeReadinessCheck({ db, queues, config: { ROLE: role } })()).work;

  test("is red without a worker that is well, and while something due is not taken", async () => {
    expect(await work("all")).toBe("down");
    await beat(db, await registerWorker(db, { role: "worker", version: "test" }), { skewMs: 0 });
    expect(await work("all")).toBe("ok");
    await storeDue(55);
    expect(await work("all")).toBe("ok");
    await storeDue(65);
    expect(await work("all")).toBe("down");
  });

  test("says nothing of work in a web process, which goes on answering patients", async () => {
    expect(await work("http")).toBeUndefined();
  });
});

describe("a worker to which no job comes", () => {
  const answering = { queue: () => ({ name: "none", add: () => Promise.resolve(), counts: () => Promise.resolve({ waiting: 3 }) }) };
  const silent = { queue: () => ({ name: "none", add: () => Promise.resolve(), counts: () => Promise.reject(new Error("down")) }) };
  const idle = (seconds: number) => ({ idleMs: () => seconds * 1_000, longestMs: () => 0 });

  test("is stuck when something is due, the queue answers, and it has been idle for a minute", async () => {
    await storeDue(65);
    expect(await findStuck({ db, queues: answering }, idle(61))).toMatchObject({ name: "NoJobArrives" });
    expect(await findStuck({ db, queues: answering }, idle(59))).toBeUndefined();
  });

  test("is stuck when a job of its own hangs, however busy the other queues are; a job that takes long is no such thing", async () => {
    const busy = (seconds: number) => ({ idleMs: () => 0, longestMs: () => seconds * 1_000 });
    expect(await findStuck({ db, queues: answering }, busy(901))).toMatchObject({ name: "JobHangs" });
    expect(await findStuck({ db, queues: answering }, busy(899))).toBeUndefined();
    const clock = vi.spyOn(performance, "now").mockReturnValue(10_000);
    const activity = watchActivity();
    const { promise, resolve } = Promise.withResolvers<void>();
    const handled = activity.around(() => promise)("a hint");
    clock.mockReturnValue(70_000);
    expect([activity.idleMs(), activity.longestMs()]).toEqual([0, 60_000]);
    resolve();
    await handled;
    clock.mockReturnValue(71_000);
    expect([activity.idleMs(), activity.longestMs()]).toEqual([1_000, 0]);
    clock.mockRestore();
  });

  test("is not stuck while nothing has waited that long, nor while the queue itself is down", async () => {
    await storeDue(55);
    expect(await findStuck({ db, queues: answering }, idle(600))).toBeUndefined();
    await storeDue(65);
    expect(await findStuck({ db, queues: silent }, idle(600))).toBeUndefined();
  });
});
