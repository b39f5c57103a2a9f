import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { DAY, type Instant, instant } from "../../src/domain/calendar.ts";
import { completeSeries } from "../../src/producers/complete-series.ts";
import { openWorld } from "../support/world.ts";
import { enrol, type Enrolled, eventsOf, sessionsOf } from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let ana: Enrolled;
let over: Instant;

beforeEach(async () => {
  await sql`update series set status = 'stopped'`.execute(db);
  ana = await enrol(world, "ana-iv");
  const last = (await sessionsOf(db, ana)).at(-1);
  if (!last) expect.unreachable();
  const { endsAt } = await db.selectFrom("sessions").select("endsAt").where("id", "=", last.id).executeTakeFirstOrThrow();
  over = instant(endsAt + 7 * DAY);
});

const endAll = () =>
  sql`update touchpoints set state = 'superseded' where series_id = ${ana.seriesId} and state in ('planned', 'held')`.execute(db);
const statusOf = async () =>
  (await db.selectFrom("series").select("status").where("id", "=", ana.seriesId).executeTakeFirstOrThrow()).status;

describe("a series", () => {
  test("is completed when its last session is a week past and nothing is left to say, and once", async () => {
    await endAll();
    await setSteppedClock(db, instant(over - 1));
    expect(await completeSeries(world.deps)).toBe(0);
    await setSteppedClock(db, over);
    expect(await completeSeries(world.deps)).toBe(1);
    expect(await statusOf()).toBe("completed");
    expect(await eventsOf(db, ana.seriesId)).toEqual(["series.enqueued", "series.completed"]);
    expect(await completeSeries(world.deps)).toBe(0);
  });

  test("is not while something is still to be said", async () => {
    await setSteppedClock(db, over);
    expect(await completeSeries(world.deps)).toBe(0);
  });

  test.each(["status = 'paused'", "horizon_until = '2027-03-01'"])("is not when it goes on: %s", async (change) => {
    await endAll();
    await sql`update series set ${sql.raw(change)} where id = ${ana.seriesId}`.execute(db);
    await setSteppedClock(db, over);
    expect(await completeSeries(world.deps)).toBe(0);
  });

  test("is not while a session waits for a new date, or a change waits to be planned", async () => {
    await endAll();
    await setSteppedClock(db, over);
    await sql`update sessions set status = 'postponed' where series_id = ${ana.seriesId} and number = 2`.execute(db);
    expect(await completeSeries(world.deps)).toBe(0);
    await sql`update sessions set status = 'cancelled' where series_id = ${ana.seriesId} and number = 2`.execute(db);
    await sql`update patients set plan_revision = plan_revision + 1 where id = ${ana.patientId}`.execute(db);
    expect(await completeSeries(world.deps)).toBe(0);
  });

  test("waits for whoever holds the patient, and sees what was booked meanwhile", async () => {
    await endAll();
    await setSteppedClock(db, over);
    const completing = await db.transaction().execute(async (tx) => {
      await sql`select from patients where id = ${ana.patientId} for update`.execute(tx);
      await sql`update sessions set status = 'postponed' where series_id = ${ana.seriesId} and number = 2`.execute(tx);
      const result = completeSeries(world.deps);
      const countWaiting = async () =>
        (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db)).rows.length;
      await expect.poll(countWaiting, { timeout: 5_000 }).toBe(1);
      return { result };
    });
    expect(await completing.result).toBe(0);
    expect(await statusOf()).toBe("active");
  });

  test("would be completed by a process that looks only before it waits", async () => {
    await endAll();
    await setSteppedClock(db, over);
    await db.transaction().execute(async (tx) => {
      await sql`update sessions set status = 'postponed' where series_id = ${ana.seriesId} and number = 2`.execute(tx);
      const { rows } = await sql`select from sessions where series_id = ${ana.seriesId} and status = 'postponed'`.execute(db);
      expect(rows).toEqual([]);
    });
  });
});
