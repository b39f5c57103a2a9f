import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { findEarly, keepHinted, markHinted, tryLockSweep, waitForLegalHours } from "../../src/db/sweeps.ts";
import { transact } from "../../src/db/transact.ts";
import { HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import type { TouchpointId } from "../../src/domain/ids.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { byText } from "../support/by-text.ts";
import { stateOf, storePerson, storeStage, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
await setSteppedClock(db, NOW);
const clinic = await storeClinic(db);
const person = await storePerson(db, clinic);
const horizon = instant(NOW + MINUTE);

beforeEach(async () => {
  await db.deleteFrom("touchpoints").execute();
});

const lostSince = instant(NOW - 10_000);
const mark = () => transact(db, (tx) => markHinted(tx, { now: NOW, horizon, lostSince }));
const hint = async () => (await mark()).map(({ id }) => id);
const hintedAgo = (id: TouchpointId, seconds: number) =>
  sql`update touchpoints set hinted_at = clock_timestamp() - make_interval(secs => ${seconds}) where id = ${id}`.execute(db);

describe("hinting", () => {
  test.each([
    ["due", NOW - HOUR, 1],
    ["due within the horizon", horizon, 1],
    ["due a moment after the horizon", horizon + 1, 0],
  ])("takes a row that is %s so often: %#", async (_, tryAt, times) => {
    await storeTouchpoint(db, person, { tryAt: instant(tryAt) });
    expect(await hint()).toHaveLength(times);
  });

  test("takes a row once, and again when it is due and has been without a claim for ten seconds", async () => {
    const id = await storeTouchpoint(db, person);
    expect(await hint()).toEqual([id]);
    expect(await hint()).toEqual([]);
    await hintedAgo(id, 9);
    expect(await hint()).toEqual([]);
    await hintedAgo(id, 11);
    expect(await hint()).toEqual([id]);
    expect(await hint()).toEqual([]);
  });

  test("a row that is not due yet is never taken for lost", async () => {
    const id = await storeTouchpoint(db, person, { tryAt: instant(NOW + 30_000) });
    await hintedAgo(id, 40);
    expect(await hint()).toEqual([]);
  });

  test.each([
    [9, 0],
    [10, 1],
  ])("a row hinted ahead of its moment, %d seconds after that moment, is hinted so often again: %d", async (seconds, times) => {
    const id = await storeTouchpoint(db, person, { tryAt: instant(NOW - seconds * 1_000) });
    await hintedAgo(id, 60);
    expect(await hint()).toHaveLength(times);
  });

  test("a worker that waits with a row for tokens keeps it from being hinted again", async () => {
    const id = await storeTouchpoint(db, person);
    await hintedAgo(id, 11);
    await keepHinted(db, [id]);
    expect(await hint()).toEqual([]);
  });

  test("who cannot be reached and what is a task is left out", async () => {
    const late = await storeTouchpoint(db, person, { tryAt: instant(NOW - 1) });
    const early = await storeTouchpoint(db, person, { channel: "email", tryAt: instant(NOW - HOUR) });
    const held = await storePerson(db, clinic);
    await sql`update patients set hold_code = 'ill' where id = ${held.patientId}`.execute(db);
    await storeTouchpoint(db, held);
    await storeTouchpoint(db, person, { channel: "task" });
    await storeTouchpoint(db, person, { awaits: "discharge" });
    expect((await mark()).toSorted((a, b) => a.tryAt - b.tryAt)).toEqual([
      { id: early, channel: "email", senderId: clinic.senders.email, tryAt: NOW - HOUR },
      { id: late, channel: "sms", senderId: clinic.senders.sms, tryAt: NOW - 1 },
    ]);
  });
});

describe("after an outage", () => {
  const until = (moment: number) => [{ from: instant(NOW - 6 * HOUR), to: instant(moment) }];

  test("what must go first comes first, whenever it was due, and what is not due yet comes last", async () => {
    const tomorrow = await storeTouchpoint(db, person, { tryAt: horizon, legal: [{ from: horizon, to: instant(NOW + 2 * MINUTE) }] });
    const lax = await storeTouchpoint(db, person, { tryAt: instant(NOW - 5 * HOUR), legal: until(NOW + 5 * HOUR) });
    const tight = await storeTouchpoint(db, person, { tryAt: instant(NOW - MINUTE), legal: until(NOW + MINUTE) });
    expect(await hint()).toEqual([tight, lax, tomorrow]);
  });

  test("the senders take turns: a long backlog of one stands in front of nobody", async () => {
    const backlog: TouchpointId[] = [];
    for (let index = 0; index < 4; index++) backlog.push(await storeTouchpoint(db, person, { legal: until(NOW + MINUTE + index) }));
    const other = await storeTouchpoint(db, person, { channel: "email", legal: until(NOW + HOUR) });
    const order = await hint();
    expect(order).toEqual([backlog[0], other, ...backlog.slice(1)]);
  });

  const stage = (rule: string, dueAgo: number, wish: Parameters<typeof storeTouchpoint>[2] = {}) =>
    storeStage(db, person, { rule, story: "lead-up", dueAt: instant(NOW - dueAgo), ...wish });

  test("only the newest stage of a story is sent, and the others say why they are not", async () => {
    const [old, middle, newest] = [
      await stage("three-days", 5 * HOUR),
      await stage("days-before", 3 * HOUR),
      await stage("day-before", HOUR),
    ];
    expect(await hint()).toEqual([newest]);
    expect(
      await db.selectFrom("touchpoints").select(["id", "state", "reason"]).where("id", "in", [old, middle]).orderBy("dueAt").execute(),
    ).toEqual([
      { id: old, state: "suppressed", reason: "newer-stage" },
      { id: middle, state: "suppressed", reason: "newer-stage" },
    ]);
  });

  test("a stage that was sent speaks for the older ones, and one that is not due yet, held or over does not", async () => {
    const old = await stage("three-days", 5 * HOUR);
    await storeStage(db, person, { rule: "later", story: "lead-up", dueAt: instant(NOW + HOUR), tryAt: instant(NOW + HOUR) });
    await stage("held", HOUR, { state: "held" });
    await stage("over", HOUR, { state: "expired" });
    expect(await hint()).toEqual([old]);
    const again = await stage("two-days", 4 * HOUR);
    await stage("day-before", 2 * HOUR, { state: "sent" });
    expect(await hint()).toEqual([]);
    expect(await stateOf(db, again)).toBe("suppressed");
  });

  test("stages of another session, another recipient or another story are left alone, and so are the channels of one stage", async () => {
    const other = await storePerson(db, clinic);
    const ids = [
      await stage("three-days", 5 * HOUR),
      await storeStage(db, other, { rule: "day-before", story: "lead-up", dueAt: NOW }),
      await stage("day-before", HOUR, { recipient: "escort" }),
      await storeStage(db, person, { rule: "day-before", story: "paper-work", dueAt: NOW }),
      await stage("three-days", HOUR, { channel: "email" }),
    ];
    expect((await hint()).toSorted(byText)).toEqual(ids.toSorted(byText));
  });
});

describe("a row whose hint came too early", () => {
  test("is found, and one that is due, or was never hinted, is not", async () => {
    const early = await storeTouchpoint(db, person, { tryAt: instant(NOW + 1) });
    const due = await storeTouchpoint(db, person, { tryAt: NOW });
    const unhinted = await storeTouchpoint(db, person, { tryAt: instant(NOW + 1) });
    for (const id of [early, due]) await hintedAgo(id, 1);
    expect((await findEarly(db, [early, due, unhinted])).map(({ id }) => id)).toEqual([early]);
  });
});

describe("a row that came due outside its legal hours", () => {
  const legal = [
    { from: instant(NOW - HOUR), to: NOW },
    { from: instant(NOW + HOUR), to: instant(NOW + 2 * HOUR) },
    { from: instant(NOW + 5 * HOUR), to: instant(NOW + 6 * HOUR) },
  ];
  const tryAtOf = async (id: TouchpointId) =>
    (await db.selectFrom("touchpoints").select("tryAt").where("id", "=", id).executeTakeFirstOrThrow()).tryAt;
  const wait = () => transact(db, (tx) => waitForLegalHours(tx, NOW));

  test("waits for the next legal moment, without the hint it had", async () => {
    const id = await storeTouchpoint(db, person, { legal, tryAt: instant(NOW - MINUTE) });
    await hintedAgo(id, 1);
    await wait();
    expect(await tryAtOf(id)).toBe(NOW + HOUR);
    const { hintedAt } = await db.selectFrom("touchpoints").select("hintedAt").where("id", "=", id).executeTakeFirstOrThrow();
    expect(hintedAt).toBeNull();
  });

  test("within its hours, and behind its last moment, it is left as it is", async () => {
    const inside = await storeTouchpoint(db, person, { tryAt: instant(NOW - MINUTE) });
    const over = await storeTouchpoint(db, person, { tryAt: instant(NOW - MINUTE), legal: legal.slice(0, 1) });
    await wait();
    expect([await tryAtOf(inside), await tryAtOf(over)]).toEqual([NOW - MINUTE, NOW - MINUTE]);
  });
});

describe("the sweep's lock", () => {
  test("is had by one at a time and ends with the transaction", async () => {
    await transact(db, async (tx) => {
      expect(await tryLockSweep(tx)).toBe(true);
      expect(await transact(db, tryLockSweep)).toBe(false);
    });
    expect(await transact(db, tryLockSweep)).toBe(true);
  });
});
