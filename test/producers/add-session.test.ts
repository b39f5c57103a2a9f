import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { DAY, instant } from "../../src/domain/calendar.ts";
import { parsePublicId, type SessionId } from "../../src/domain/ids.ts";
import { addSession, type NewSession } from "../../src/producers/add-session.ts";
import type { ChangeOptions } from "../../src/producers/change-facts.ts";
import { extendSeries } from "../../src/producers/extend-series.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { type Course, enrolAna, nth, rowsOf, wallTime } from "../support/course.ts";
import { EXAMPLES_BEGIN, openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const rows = rowsOf(world);
const BY: ChangeOptions = { actor: "staff:test", dryRun: false, ifRevision: null };
let ana: Course;

beforeEach(async () => {
  ana = await enrolAna(world);
});

const BOOSTER: NewSession = { kind: "booster", startsAt: "2027-03-08T09:00" };
const add = (session: NewSession = BOOSTER, options: Partial<ChangeOptions> = {}) =>
  addSession(world.deps, ana.seriesId, { session, ...BY, ...options });

async function addedId(session: NewSession = BOOSTER): Promise<SessionId> {
  const result = await add(session);
  if (result.kind !== "changed") throw new Error(JSON.stringify(result));
  return parsePublicId("session", result.value.session) ?? expect.unreachable();
}

describe("an added session", () => {
  test("stands in the series by its time, with the protocol's length and a plan of its own", async () => {
    const id = await addedId();
    expect(await rows.session(id)).toMatchObject({
      number: 7,
      kind: "booster",
      setting: "clinic",
      owner: "ours",
      status: "scheduled",
      localStart: "2027-03-08T09:00",
    });
    const { startsAt, endsAt } = await rows.session(id);
    expect(endsAt - startsAt).toBeGreaterThan(45 * 60_000);
    expect((await rows.touchpoints(id, "day-before")).length + (await rows.touchpoints(id, "days-before")).length).toBeGreaterThan(0);
    expect(await rows.events(id)).toEqual(["session.added"]);
  });

  test("between others is counted in its place", async () => {
    const id = await addedId({
      kind: "integration",
      startsAt: "2027-01-12T14:00",
      setting: "telehealth",
      joinUrl: "https://visit.example.org/room",
    });
    expect(await rows.session(id)).toMatchObject({ number: 2, setting: "telehealth", joinUrl: "https://visit.example.org/room" });
    expect((await rows.session(nth(ana, 2))).number).toBe(3);
  });

  test("is not taken for announced because the list of all dates went out before it was made", async () => {
    await rows.welcome(ana.seriesId);
    const id = await addedId();
    await moveSession(world.deps, id, { move: { to: wallTime("2027-03-09T09:00") }, ...BY });
    expect(await rows.session(id)).toMatchObject({ toldStartsAt: null });
    expect(await rows.touchpoints(id, "session-moved")).toEqual([]);
  });

  test("twice is added once", async () => {
    await add();
    const before = await rows.dump();
    expect(await add()).toEqual({ kind: "same" });
    expect(await rows.dump()).toEqual(before);
  });

  test("in a dry run or from a stale view stores nothing", async () => {
    const before = await rows.dump();
    expect(await add(BOOSTER, { dryRun: true })).toMatchObject({ kind: "changed", dryRun: true, value: { number: 7 } });
    expect(await add(BOOSTER, { ifRevision: 999 })).toMatchObject({ kind: "refused", faults: [{ path: "revision" }] });
    expect(await rows.dump()).toEqual(before);
  });

  test("too close to another dose is accepted and warned of", async () => {
    const result = await add({ kind: "booster", startsAt: "2027-01-26T09:00" });
    expect("warnings" in result && result.warnings.join()).toContain("1 day apart");
  });
});

test.each([
  [{ startsAt: "2027-01-11T09:30" }, "startsAt", "a time at which this patient has no other session"],
  [{ startsAt: "2027-03-14T02:30" }, "startsAt", "a time that exists"],
  [{ startsAt: "2026-12-01T09:00" }, "startsAt", "a time to come"],
  [{ startsAt: "2030-12-01T09:00" }, "startsAt", "a time within three years"],
  [{ startsAt: "soon" }, "startsAt", "a local date and time"],
  [{ startsAt: "2027-03-08T09:00", minutes: 5 }, "minutes", "a whole number of minutes from 10 to 480"],
  [{ startsAt: "2027-03-08T09:00", joinUrl: "http://visit.example.org" }, "joinUrl", "a link that begins with https://"],
])("%o is refused", async (session, path, expected) => {
  const before = await rows.dump();
  const result = await add({ kind: "booster", ...session });
  expect(result).toMatchObject({ kind: "refused", faults: [{ path, expected: expect.stringContaining(expected) }] });
  expect(await rows.dump()).toEqual(before);
});

test("an external id that another session of the clinic has is refused, and names it", async () => {
  const id = await addedId({ ...BOOSTER, externalId: "visit-1" });
  const result = await add({ kind: "booster", startsAt: "2027-04-05T09:00", externalId: "visit-1" });
  expect(result).toMatchObject({
    kind: "refused",
    faults: [{ path: "externalId", value: "visit-1", expected: expect.stringContaining(id) }],
  });
});

test("nothing is added to no series, and nothing to one that is over", async () => {
  expect(await addSession(world.deps, newId<"series">(), { session: BOOSTER, ...BY })).toMatchObject({
    kind: "refused",
    faults: [{ path: "series" }],
  });
  await db.updateTable("series").set({ status: "stopped" }).where("id", "=", ana.seriesId).execute();
  expect(await add()).toMatchObject({ kind: "refused", faults: [{ path: "series.status", value: "stopped" }] });
});

describe("a series that has run its course", () => {
  const seriesOf = async () => db.selectFrom("series").select("status").where("id", "=", ana.seriesId).executeTakeFirstOrThrow();

  beforeEach(async () => {
    await db.updateTable("series").set({ status: "completed" }).where("id", "=", ana.seriesId).execute();
  });

  test("goes on with a booster, which its protocol has on request, and says so", async () => {
    const shown = await add(BOOSTER, { dryRun: true });
    expect(shown).toMatchObject({ kind: "changed", warnings: expect.arrayContaining(["the series was completed and goes on again"]) });
    expect(await seriesOf()).toEqual({ status: "completed" });
    const id = await addedId();
    expect(await seriesOf()).toEqual({ status: "active" });
    expect(await rows.events(ana.seriesId)).toContain("series.reopened");
    expect((await rows.touchpoints(id, "day-before")).map(({ state }) => state)).toContain("planned");
    expect(await add()).toEqual({ kind: "same" });
  });

  test("takes nothing else, and says what to do instead", async () => {
    const before = await rows.dump();
    expect(await add({ kind: "integration", startsAt: "2027-03-08T09:00" })).toMatchObject({
      kind: "refused",
      faults: [{ path: "series.status", value: "completed", expected: expect.stringMatching(/kind booster.*series enqueue/) }],
    });
    expect(await rows.dump()).toEqual(before);
  });
});

describe("a series that goes on by itself", () => {
  test("goes on, whatever was added far ahead and wherever its last session was moved", async () => {
    const chen = await enrolAna(world, (request) => ({ ...request, protocol: { id: "esketamine-trd", version: 1 } }));
    const made = chen.sessions.length;
    await addSession(world.deps, chen.seriesId, { session: { kind: "booster", startsAt: "2027-12-06T09:00" }, ...BY });
    const last = nth(chen, made);
    const { localStart } = await rows.session(last);
    const day = localStart.slice(0, 10);
    expect(await moveSession(world.deps, last, { move: { to: wallTime(`${day}T07:00`) }, ...BY })).toMatchObject({ kind: "changed" });
    await stepClock(db, instant(EXAMPLES_BEGIN + 91 * DAY));
    expect(await extendSeries(world.deps, chen.seriesId)).toBeGreaterThan(0);
    const { rows: doubled } = await sql`
      select from sessions where series_id = ${chen.seriesId} group by left(local_start, 10) having count(*) > 1`.execute(db);
    expect(doubled).toEqual([]);
  });
});
