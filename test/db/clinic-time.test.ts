import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { findNextStep, readClinicTime, setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
const person = await storePerson(db, await storeClinic(db));

beforeEach(async () => {
  await db.deleteFrom("touchpoints").execute();
  await sql`update clinic_clock set environment = 'test', mode = 'real', scale = 1`.execute(db);
});

async function check(condition: ReturnType<typeof sql>): Promise<unknown> {
  return (await sql<{ holds: unknown }>`select ${condition} as holds from clinic_clock`.execute(db)).rows[0]?.holds;
}

describe("clinic time", () => {
  test("is the machine's time where nobody moved it", async () => {
    expect(await check(sql`afterglow_now() = statement_timestamp()`)).toBe(true);
    expect(await check(sql`machine_time_of('2027-01-11T16:00:00Z') = '2027-01-11T16:00:00Z'`)).toBe(true);
  });

  test("stands still on a stepped clock, and never goes back", async () => {
    await setSteppedClock(db, NOW);
    expect(await readClinicTime(db)).toEqual({ now: NOW, mode: "stepped", scale: 1 });
    await stepClock(db, instant(NOW + HOUR));
    await stepClock(db, instant(NOW + MINUTE));
    expect((await readClinicTime(db)).now).toBe(NOW + HOUR);
    expect(await check(sql`machine_time_of('2030-01-01T00:00:00Z') = machine_at`)).toBe(true);
  });

  test("runs at its scale on a scaled clock, there and back", async () => {
    await sql`update clinic_clock set mode = 'scaled', scale = 600, clinic_at = '2027-01-11T16:00:00Z', machine_at = clock_timestamp() - interval '1 minute'`.execute(
      db,
    );
    expect(await check(sql`afterglow_now() = clinic_at + (statement_timestamp() - machine_at) * 600`)).toBe(true);
    expect(await check(sql`machine_time_of(clinic_at + interval '10 hours') = machine_at + interval '1 minute'`)).toBe(true);
    expect((await readClinicTime(db)).now).toBeGreaterThanOrEqual(NOW + 10 * HOUR);
  });

  test("a scale above 600 is refused", async () => {
    await expect(sql`update clinic_clock set mode = 'scaled', scale = 601`.execute(db)).rejects.toThrow("clinic_clock_scale_check");
  });

  test("is never moved in production", async () => {
    await sql`update clinic_clock set environment = 'production'`.execute(db);
    await expect(setSteppedClock(db, NOW)).rejects.toThrow("clinic_clock_check");
    await expect(sql`update clinic_clock set mode = 'scaled'`.execute(db)).rejects.toThrow("clinic_clock_check");
    await stepClock(db, instant(NOW + 1_000 * HOUR));
    expect(await check(sql`afterglow_now() = statement_timestamp()`)).toBe(true);
  });

  test("there is one clock: a second row is refused", async () => {
    await expect(sql`insert into clinic_clock (environment) values ('test')`.execute(db)).rejects.toThrow("clinic_clock_pkey");
  });
});

describe("what a stepped clock waits for", () => {
  beforeEach(() => setSteppedClock(db, NOW));

  test("the earliest try of a row to come", async () => {
    await storeTouchpoint(db, person, { tryAt: instant(NOW + HOUR) });
    await storeTouchpoint(db, person, { tryAt: instant(NOW + 30 * MINUTE) });
    expect(await findNextStep(db)).toEqual({ busy: 0, nextAt: NOW + 30 * MINUTE });
  });

  test("a row that may go now, and one in flight, keep it where it is", async () => {
    await storeTouchpoint(db, person);
    await storeTouchpoint(db, person, { state: "sending" });
    expect((await findNextStep(db)).busy).toBe(2);
  });

  test("a row that waits for a fact wants nothing before its last moment", async () => {
    await storeTouchpoint(db, person, { awaits: "discharge" });
    expect(await findNextStep(db)).toEqual({ busy: 0, nextAt: NOW + HOUR });
    await stepClock(db, instant(NOW + HOUR - 1_000));
    expect((await findNextStep(db)).busy).toBe(0);
    await stepClock(db, instant(NOW + HOUR));
    expect((await findNextStep(db)).busy).toBe(1);
  });

  test("a due row that is blocked wants nothing before its last moment", async () => {
    await storeTouchpoint(db, person);
    await sql`update patients set hold_code = 'ill'`.execute(db);
    expect(await findNextStep(db)).toEqual({ busy: 0, nextAt: NOW + HOUR });
    await sql`update patients set hold_code = null`.execute(db);
  });

  test("a patient whose plan is stale keeps it where it is", async () => {
    await sql`update patients set plan_revision = plan_revision + 1`.execute(db);
    expect((await findNextStep(db)).busy).toBe(1);
    await sql`update patients set planned_revision = plan_revision`.execute(db);
  });
});
