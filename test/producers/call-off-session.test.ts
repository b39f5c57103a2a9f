import { beforeEach, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { instant } from "../../src/domain/calendar.ts";
import type { SessionId } from "../../src/domain/ids.ts";
import { cancelSession } from "../../src/producers/cancel-session.ts";
import type { ChangeOptions } from "../../src/producers/change-facts.ts";
import { moveSession } from "../../src/producers/move-session.ts";
import { postponeSession } from "../../src/producers/postpone-session.ts";
import { type Course, enrolAna, nth, rowsOf, wallTime } from "../support/course.ts";
import { EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { callsOf, finishCall, openTasks, replan } from "./support/calls.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const rows = rowsOf(world);
const BY: ChangeOptions = { actor: "staff:test", dryRun: false, ifRevision: null };
let ana: Course;
let third: SessionId;
let minutes = 0;

beforeEach(async () => {
  ana = await enrolAna(world);
  third = nth(ana, 3);
  minutes = 0;
});

type Called = Partial<ChangeOptions> & { because?: "patient" | "clinic" };
const cancel = (options: Called = {}) => cancelSession(world.deps, third, { because: "patient", ...BY, ...options });
const postpone = (options: Called = {}) => postponeSession(world.deps, third, { because: "clinic", ...BY, ...options });
const move = (to: string) => moveSession(world.deps, third, { move: { to: wallTime(to) }, ...BY });
/** Two changes are never made at the very same moment. */
const later = () => stepClock(db, instant(EXAMPLES_BEGIN + ++minutes * 60_000));
const planned = async (rule: string) =>
  (await rows.touchpoints(third, rule)).filter(({ state, recipient }) => state === "planned" && recipient === "patient").length;
const reasons = async (rule: string) =>
  (await rows.touchpoints(third, rule)).filter(({ recipient }) => recipient === "patient").map(({ state, reason }) => reason ?? state);
const toCome = async () =>
  (
    await db.selectFrom("touchpoints").select(["rule", "purpose"]).where("sessionId", "=", third).where("state", "=", "planned").execute()
  ).map(({ rule }) => rule);

describe.each([
  ["cancelled", "session.cancelled", "session-cancelled", cancel, []],
  ["postponed", "session.postponed", "session-postponed", postpone, ["rebook-postponed"]],
] as const)("a session that is %s", (status, event, notice, callOff, calls) => {
  test("before anything was said of it takes everything with it, and nobody is told: what the clinic takes away is offered anew", async () => {
    expect(await callOff()).toMatchObject({ kind: "changed", value: { number: 3, status } });
    expect(await rows.session(third)).toMatchObject({ status, sequence: 1, arming: 0, toldStartsAt: null, changedAt: EXAMPLES_BEGIN });
    expect(await toCome()).toEqual(calls);
    expect(await rows.events(third)).toEqual([event]);
  });

  test("after it was announced is told once", async () => {
    await rows.claim(third, "day-before");
    const { startsAt } = await rows.session(third);
    await callOff();
    expect(await rows.session(third)).toMatchObject({ toldStartsAt: startsAt });
    expect(await planned(notice)).toBe(1);
    expect(await planned("home-safe")).toBe(0);
  });

  test("while its reminder is being sent leaves that reminder unwanted and is told", async () => {
    await rows.claim(third, "day-before", "sending");
    await callOff();
    for (const reminder of await rows.touchpoints(third, "day-before")) expect(reminder.unwantedAt).not.toBeNull();
    expect(await planned(notice)).toBe(1);
  });

  test("twice is called off once", async () => {
    await callOff();
    const before = await rows.dump();
    expect(await callOff()).toEqual({ kind: "same" });
    expect(await rows.dump()).toEqual(before);
  });

  test("in a dry run stores nothing", async () => {
    await rows.claim(third, "day-before");
    const before = await rows.dump();
    expect(await callOff({ dryRun: true })).toMatchObject({ kind: "changed", dryRun: true });
    expect(await rows.dump()).toEqual(before);
  });

  test("from a stale view is refused", async () => {
    const before = await rows.dump();
    expect(await callOff({ ifRevision: 999 })).toMatchObject({ kind: "refused", faults: [{ path: "revision", value: "999" }] });
    expect(await rows.dump()).toEqual(before);
  });

  test("leaves a gap that is warned of, with dates that would close it", async () => {
    const result = await callOff();
    expect("warnings" in result && result.warnings.join()).toContain("The doses on 2027-01-13 and 2027-01-20 are 7 days apart");
    expect("value" in result && result.value.proposal[0]).toMatchObject({ number: 4 });
  });
});

describe("a postponed session", () => {
  test("comes back by a move, and who was told that it is off is told its new time", async () => {
    await rows.claim(third, "day-before");
    await postpone();
    await rows.claim(third, "session-postponed");
    await later();
    expect(await move("2027-01-16T09:00")).toMatchObject({ kind: "changed", value: { wasPostponed: true } });
    expect(await rows.session(third)).toMatchObject({ status: "scheduled", arming: 1, sequence: 2, toldOff: true });
    expect(await planned("session-moved")).toBe(1);
  });

  test("that comes back to its old time is told too, when it had been told to be off", async () => {
    await rows.claim(third, "day-before");
    await postpone();
    await rows.claim(third, "session-postponed");
    await later();
    await move("2027-01-15T09:00");
    expect(await planned("session-moved")).toBe(1);
    expect(await planned("session-postponed")).toBe(0);
  });

  test("that comes back to its old time before anybody was told is nothing to tell", async () => {
    await rows.claim(third, "day-before");
    await postpone();
    await later();
    await move("2027-01-15T09:00");
    expect(await planned("session-moved")).toBe(0);
    expect(await planned("session-postponed")).toBe(0);
    expect(await rows.session(third)).toMatchObject({ toldOff: false });
  });

  test("of which nobody ever heard comes back without a word", async () => {
    await postpone();
    await later();
    await move("2027-01-16T09:00");
    expect(await planned("session-moved")).toBe(0);
    expect(await toCome()).toContain("day-before");
  });

  test("whose old time has passed still gets a new one", async () => {
    await postpone();
    await stepClock(db, instant((await rows.session(third)).startsAt + 60_000));
    expect(await move("2027-01-21T09:00")).toMatchObject({ kind: "changed" });
  });

  test("may be cancelled for good, and who was told that it is off is not told twice", async () => {
    await rows.claim(third, "day-before");
    await postpone();
    await rows.claim(third, "session-postponed");
    await later();
    expect(await cancel()).toMatchObject({ kind: "changed", value: { status: "cancelled" } });
    expect(await reasons("session-cancelled")).toEqual(["already-told"]);
  });

  test("that is cancelled before anybody was told is told once: that it is cancelled", async () => {
    await rows.claim(third, "day-before");
    await postpone();
    await later();
    await cancel();
    expect(await planned("session-postponed")).toBe(0);
    expect(await planned("session-cancelled")).toBe(1);
  });

  test("that is cancelled while the mail about it is in a provider's hands is told after all when that was never sent", async () => {
    await rows.claim(third, "day-before");
    await postpone();
    await rows.claim(third, "session-postponed", "sending");
    await later();
    await cancel();
    expect(await reasons("session-cancelled")).toEqual(["already-told"]);
    await db.updateTable("touchpoints").set({ state: "superseded" }).where("state", "=", "sending").execute();
    await replan(world, ana);
    expect(await planned("session-cancelled")).toBe(1);
  });

  test("whose cancellation was told anew after it had come back is told off again", async () => {
    await rows.claim(third, "day-before");
    await postpone();
    await rows.claim(third, "session-postponed");
    await later();
    await move("2027-01-16T09:00");
    await rows.claim(third, "session-moved");
    await later();
    await cancel();
    expect(await planned("session-cancelled")).toBe(1);
  });
});

describe("the call about another time", () => {
  const rebook = { template: "rebook-call", sessionId: () => third };

  /** Once the series may not be undone any more. */
  beforeEach(async () => {
    minutes = 60;
    await later();
  });

  test("is one: what the clinic postponed and cancels then leaves one open", async () => {
    await postpone();
    await openTasks(world);
    await later();
    await cancel({ because: "clinic" });
    await openTasks(world);
    expect(await callsOf(world, rebook)).toEqual(["cancelled", "open"]);
  });

  test.each([
    ["reached", ["done"]],
    ["no-answer", ["done", "open"]],
  ] as const)("that is done (%s) is made again only where nobody was reached", async (outcome, expected) => {
    await postpone();
    await openTasks(world);
    await finishCall(world, rebook, outcome);
    await later();
    await cancel({ because: "clinic" });
    await openTasks(world);
    expect(await callsOf(world, rebook)).toEqual(expected);
  });

  test("is made again for the new time that was postponed too", async () => {
    await postpone();
    await openTasks(world);
    await finishCall(world, rebook, "reached");
    await later();
    await move("2027-01-16T09:00");
    await later();
    await postpone();
    await openTasks(world);
    expect(await callsOf(world, rebook)).toEqual(["done", "open"]);
  });
});

test("a cancelled session is neither moved nor postponed: a new one is to be added", async () => {
  await cancel();
  const refused = {
    kind: "refused",
    faults: [{ path: "session.status", value: "cancelled", expected: expect.stringContaining("add a new session") }],
  };
  expect(await move("2027-01-16T09:00")).toMatchObject(refused);
  expect(await postpone()).toMatchObject(refused);
});
