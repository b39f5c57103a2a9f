import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { keepHinted, markHinted, tryLockSweep, waitForLegalHours } from "../../src/db/sweeps.ts";
import { transact } from "../../src/db/transact.ts";
import { HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import type { TouchpointId } from "../../src/domain/ids.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
await setSteppedClock(db, NOW);
const clinic = await storeClinic(db);
const person = await storePerson(db, clinic);
const horizon = instant(NOW + MINUTE);

beforeEach(async () => {
  await db.deleteFrom("touchpoints").execute();
});

const hint = async () => (await transact(db, (tx) => markHinted(tx, { now: NOW, horizon }))).map(({ id }) => id);
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

  test("a worker that waits with a row for tokens keeps it from being hinted again", async () => {
    const id = await storeTouchpoint(db, person);
    await hintedAgo(id, 11);
    await keepHinted(db, [id]);
    expect(await hint()).toEqual([]);
  });

  test("the earliest come first, and who cannot be reached and what is a task is left out", async () => {
    const late = await storeTouchpoint(db, person, { tryAt: instant(NOW - 1) });
    const early = await storeTouchpoint(db, person, { channel: "email", tryAt: instant(NOW - HOUR) });
    const held = await storePerson(db, clinic);
    await sql`update patients set hold_code = 'ill' where id = ${held.patientId}`.execute(db);
    await storeTouchpoint(db, held);
    await storeTouchpoint(db, person, { channel: "task" });
    await storeTouchpoint(db, person, { awaits: "discharge" });
    const rows = await transact(db, (tx) => markHinted(tx, { now: NOW, horizon }));
    expect(rows.toSorted((a, b) => a.tryAt - b.tryAt)).toEqual([
      { id: early, channel: "email", senderId: clinic.senders.email, tryAt: NOW - HOUR },
      { id: late, channel: "sms", senderId: clinic.senders.sms, tryAt: NOW - 1 },
    ]);
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
