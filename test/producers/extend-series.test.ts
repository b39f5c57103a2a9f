import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import { DAY, instant } from "../../src/domain/calendar.ts";
import type { PatientId, SeriesId } from "../../src/domain/ids.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { extendSeries } from "../../src/producers/extend-series.ts";
import { planPatient } from "../../src/producers/plan-patient.ts";
import { sweepDue } from "../../src/producers/sweep-due.ts";
import { EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let count = 0;
let patientId: PatientId;
let seriesId: SeriesId;

beforeEach(async () => {
  await setSteppedClock(db, EXAMPLES_BEGIN);
  await sql`update series set status = 'completed'`.execute(db);
  const [chen] = await readSeriesExample("chen-esketamine");
  if (!chen) expect.unreachable();
  const ref = `open-ended-${++count}`;
  const [result] = await enqueueSeries(world.deps, [{ ...chen, externalId: ref, patient: { ...chen.patient, ref } }], {
    clinic: world.clinic.slug,
    actor: "staff:test",
    second: "refuse",
  });
  if (result?.kind !== "enqueued" || !result.patientId) expect.unreachable();
  ({ patientId, seriesId } = { patientId: result.patientId, seriesId: result.seriesId });
  await transact(db, (tx) => planPatient(tx, patientId, world.deps.tokens));
});

/** Thirteen weeks on, the open-ended phase has been under way for some weeks. */
const LATER = instant(EXAMPLES_BEGIN + 91 * DAY);
const listSessions = () =>
  db.selectFrom("sessions").select(["number", "localStart"]).where("seriesId", "=", seriesId).orderBy("startsAt").execute();
const readHorizon = async () =>
  (await db.selectFrom("series").select("horizonUntil").where("id", "=", seriesId).executeTakeFirstOrThrow()).horizonUntil;

async function untilOneWaits(): Promise<void> {
  const countWaiting = async () =>
    (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db)).rows.length;
  await expect.poll(countWaiting, { timeout: 5_000 }).toBe(1);
}

describe("an open-ended series", () => {
  test("is not extended while its horizon is far enough", async () => {
    expect(await extendSeries(world.deps, seriesId)).toBe(0);
  });

  test("gains the sessions that its cadence now reaches, numbered on, and a plan that includes them", async () => {
    const before = await listSessions();
    await stepClock(db, LATER);
    const added = await extendSeries(world.deps, seriesId);
    const after = await listSessions();
    expect(added).toBeGreaterThan(0);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.map(({ number }) => number)).toEqual(after.map((_, index) => index + 1));
    expect(new Set(after.map(({ localStart }) => localStart)).size).toBe(after.length);
    expect(await readHorizon()).toBe("2027-05-10");
    expect((await sql`select from patients where id = ${patientId} and plan_revision > planned_revision`.execute(db)).rows).toHaveLength(1);
  });

  test("a repeat adds nothing", async () => {
    await stepClock(db, LATER);
    await extendSeries(world.deps, seriesId);
    const once = await listSessions();
    expect(await extendSeries(world.deps, seriesId)).toBe(0);
    expect(await listSessions()).toEqual(once);
  });

  test("is extended once by processes that do so at the same moment", async () => {
    await stepClock(db, LATER);
    const added = await Promise.all(Array.from({ length: 4 }, () => extendSeries(world.deps, seriesId)));
    expect(added.filter((each) => each > 0)).toHaveLength(1);
    const starts = (await listSessions()).map(({ localStart }) => localStart);
    expect(new Set(starts).size).toBe(starts.length);
  });

  test("waits for whoever holds the patient, and reads the horizon only then", async () => {
    await stepClock(db, LATER);
    const before = await listSessions();
    const waiting = await db.transaction().execute(async (tx) => {
      await sql`select from patients where id = ${patientId} for update`.execute(tx);
      await sql`update series set horizon_until = '2027-05-10' where id = ${seriesId}`.execute(tx);
      const extending = extendSeries(world.deps, seriesId);
      await untilOneWaits();
      return { extending };
    });
    expect(await waiting.extending).toBe(0);
    expect(await listSessions()).toEqual(before);
  });

  test("would be extended again by a process that reads the horizon before it waits", async () => {
    await stepClock(db, LATER);
    const read = () => sql<{ horizonUntil: string }>`select horizon_until from series where id = ${seriesId}`.execute(db);
    const seen = await Promise.all([read(), read()]);
    expect(seen.map(({ rows }) => (rows[0]?.horizonUntil ?? "") < "2027-05-10")).toEqual([true, true]);
  });

  test("that is not active, or has no cadence, is left alone", async () => {
    await stepClock(db, LATER);
    await sql`update series set status = 'stopped' where id = ${seriesId}`.execute(db);
    expect(await extendSeries(world.deps, seriesId)).toBe(0);
  });

  test("is found by the sweep, and one that cannot be extended keeps none of the others from it", async () => {
    const broken = await db.selectFrom("series").select("id").where("id", "!=", seriesId).limit(1).executeTakeFirstOrThrow();
    await sql`update series set status = 'active', cadence = '"broken"', horizon_until = '2027-01-01' where id = ${broken.id}`.execute(db);
    await stepClock(db, LATER);
    const before = await listSessions();
    await sweepDue(world.deps);
    expect((await listSessions()).length).toBeGreaterThan(before.length);
    expect(world.logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: "series.unextended", seriesId: broken.id }),
    );
  });
});
