import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { newId } from "../../src/clock.ts";
import { DAY, instant } from "../../src/domain/calendar.ts";
import { extendSeries } from "../../src/producers/extend-series.ts";
import { pauseSeries } from "../../src/producers/pause-series.ts";
import { resumeSeries } from "../../src/producers/resume-series.ts";
import { byText } from "../support/by-text.ts";
import { EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { BY, checksum, DRY, enrol, type Enrolled, eventsOf, revisionOf, rowsOf, sessionsOf, statesOf } from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let ana: Enrolled;

beforeEach(async () => {
  ana = await enrol(world, "ana-iv");
});

const statusOf = async ({ seriesId }: Enrolled) =>
  db.selectFrom("series").select(["status", "pausedAt"]).where("id", "=", seriesId).executeTakeFirstOrThrow();

describe("a paused series", () => {
  test("is silent: every message that was to come is held, and its sessions stay booked", async () => {
    const before = (await statesOf(db, ana))["planned"] ?? 0;
    const result = await pauseSeries(world.deps, ana.seriesId, BY);
    expect(result).toMatchObject({ kind: "changed", value: { status: "paused", sessionsToCome: 6 }, dryRun: false });
    expect(result.kind === "changed" && result.warnings).toEqual([expect.stringContaining("6 sessions to come stay booked")]);
    expect(await statusOf(ana)).toEqual({ status: "paused", pausedAt: EXAMPLES_BEGIN });
    expect(await statesOf(db, ana)).toMatchObject({ "held(series-paused)": before });
    expect((await statesOf(db, ana))["planned"]).toBeUndefined();
    expect((await sessionsOf(db, ana)).map(({ status }) => status)).toEqual(Array(6).fill("scheduled"));
    expect(await eventsOf(db, ana.seriesId)).toEqual(["series.enqueued", "series.paused"]);
  });

  test("goes on where it would be by now, without a backlog", async () => {
    const before = await rowsOf(db, ana);
    await pauseSeries(world.deps, ana.seriesId, BY);
    const middle = instant(EXAMPLES_BEGIN + 12 * DAY);
    await setSteppedClock(db, middle);
    const result = await resumeSeries(world.deps, ana.seriesId, BY);
    expect(result).toMatchObject({ kind: "changed", value: { status: "active" } });
    expect(await statusOf(ana)).toEqual({ status: "active", pausedAt: null });
    const after = await rowsOf(db, ana);
    expect(after.filter(({ state, tryAt }) => state === "planned" && tryAt < middle)).toEqual([]);
    const later = new Set(before.filter(({ dueAt, state }) => dueAt > middle && state === "planned").map(({ id }) => id));
    expect(later.size).toBeGreaterThan(5);
    expect(after.filter(({ id, state }) => later.has(id) && state === "planned")).toHaveLength(later.size);
  });

  test("resumed at once is as if nothing had been", async () => {
    const plan = async () => (await rowsOf(db, ana)).map(({ id, state, dueAt, tryAt }) => ({ id, state, dueAt, tryAt }));
    const before = await plan();
    await pauseSeries(world.deps, ana.seriesId, BY);
    await resumeSeries(world.deps, ana.seriesId, BY);
    expect(await plan()).toEqual(before);
  });

  test("is not extended, and counts as active when another is enqueued", async () => {
    const chen = await enrol(world, "chen-esketamine");
    await pauseSeries(world.deps, chen.seriesId, BY);
    await setSteppedClock(db, instant(EXAMPLES_BEGIN + 91 * DAY));
    expect(await extendSeries(world.deps, chen.seriesId)).toBe(0);
    await resumeSeries(world.deps, chen.seriesId, BY);
    expect(await extendSeries(world.deps, chen.seriesId)).toBeGreaterThan(0);
  });
});

describe.each([
  ["pausing", pauseSeries],
  ["resuming", resumeSeries],
] as const)("%s", (word, change) => {
  beforeEach(async () => {
    if (word === "resuming") await pauseSeries(world.deps, ana.seriesId, BY);
  });

  test("twice is once", async () => {
    expect(await change(world.deps, ana.seriesId, BY)).toMatchObject({ kind: "changed" });
    const before = await checksum(db);
    expect(await change(world.deps, ana.seriesId, BY)).toEqual({ kind: "same" });
    expect(await checksum(db)).toEqual(before);
  });

  test("by several people at the same moment is once", async () => {
    const results = await Promise.all([1, 2, 3].map(() => change(world.deps, ana.seriesId, BY)));
    expect(results.map(({ kind }) => kind).toSorted(byText)).toEqual(["changed", "same", "same"]);
  });

  test("as a dry run shows what would change, and stores nothing", async () => {
    const before = await checksum(db);
    const shown = await change(world.deps, ana.seriesId, DRY);
    expect(await checksum(db)).toEqual(before);
    const done = await change(world.deps, ana.seriesId, BY);
    if (shown.kind !== "changed" || done.kind !== "changed") expect.unreachable();
    expect(shown.touchpoints.length).toBeGreaterThan(10);
    expect({ ...shown, dryRun: false }).toEqual(done);
  });

  test("is refused when the plan has changed since it was looked at", async () => {
    const seen = await revisionOf(db, ana);
    const before = await checksum(db);
    expect(await change(world.deps, ana.seriesId, { ...BY, ifRevision: seen - 1 })).toMatchObject({
      kind: "refused",
      faults: [{ path: "revision" }],
    });
    expect(await checksum(db)).toEqual(before);
    expect(await change(world.deps, ana.seriesId, { ...BY, ifRevision: seen })).toMatchObject({ kind: "changed", revision: seen + 1 });
  });

  test("is refused for a series that is unknown, stopped, void or completed", async () => {
    expect(await change(world.deps, newId<"series">(), BY)).toMatchObject({ kind: "refused", faults: [{ path: "series" }] });
    for (const status of ["stopped", "void", "completed"]) {
      await db.updateTable("series").set({ status }).where("id", "=", ana.seriesId).execute();
      expect(await change(world.deps, ana.seriesId, BY)).toMatchObject({
        kind: "refused",
        faults: [{ path: "series.status", value: status }],
      });
    }
  });
});
