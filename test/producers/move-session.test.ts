import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { DAY, instant } from "../../src/domain/calendar.ts";
import type { SessionId } from "../../src/domain/ids.ts";
import { cancelSession } from "../../src/producers/cancel-session.ts";
import type { ChangeOptions } from "../../src/producers/change-facts.ts";
import { type Move, moveSession } from "../../src/producers/move-session.ts";
import { postponeSession } from "../../src/producers/postpone-session.ts";
import { type Outcome, recordOutcome } from "../../src/producers/record-outcome.ts";
import { byText } from "../support/by-text.ts";
import { type Course, enrolAna, nth, onWall, rowsOf, wallTime } from "../support/course.ts";
import { EXAMPLES_BEGIN, openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const rows = rowsOf(world);
const BY: ChangeOptions = { actor: "staff:test", dryRun: false, ifRevision: null };
let ana: Course;
let third: SessionId;

beforeEach(async () => {
  ana = await enrolAna(world);
  third = nth(ana, 3);
});

/** Ana's third session is on Friday, 15 January, at nine. */
const move = (
  to: string,
  { id = third, options = {}, ...more }: Partial<Omit<Move, "to">> & { id?: SessionId; options?: Partial<ChangeOptions> } = {},
) => moveSession(world.deps, id, { move: { to: wallTime(to), ...more }, ...BY, ...options });

const notices = async (id = third) =>
  [...(await rows.touchpoints(id, "session-moved")), ...(await rows.touchpoints(id, "session-moved-soon"))].filter(
    ({ recipient }) => recipient === "patient",
  );

describe("a moved session", () => {
  test("stands at its new time with a new arming and the next sequence, and its reminders with it", async () => {
    const before = await rows.session(third);
    expect(await move("2027-01-15T14:00", { because: "patient" })).toMatchObject({
      kind: "changed",
      dryRun: false,
      value: { number: 3, wasPostponed: false },
    });
    const after = await rows.session(third);
    expect(after).toMatchObject({
      status: "scheduled",
      localStart: "2027-01-15T14:00",
      arming: 1,
      sequence: 1,
      changedBecause: "patient",
      toldStartsAt: null,
      changedAt: EXAMPLES_BEGIN,
    });
    expect(onWall(after.startsAt)).toBe("2027-01-15T14:00");
    expect(after.endsAt - after.startsAt).toBe(before.endsAt - before.startsAt);
    const reminders = await rows.touchpoints(third, "day-before");
    expect(reminders.filter(({ arming }) => arming === 0).map(({ state }) => state)).toContain("superseded");
    expect(reminders.some(({ arming, state }) => arming === 1 && state === "planned")).toBe(true);
    expect(await rows.events(third)).toEqual(["session.moved"]);
  });

  test("is no news to somebody who has not been told of it: no notice", async () => {
    await move("2027-01-15T14:00");
    expect(await notices()).toEqual([]);
  });

  test("is told once to somebody who has been told its old time", async () => {
    await rows.claim(third, "day-before");
    const { startsAt } = await rows.session(third);
    await move("2027-01-15T14:00");
    expect(await rows.session(third)).toMatchObject({ toldStartsAt: startsAt });
    expect((await notices()).map(({ state, arming }) => `${state} ${arming}`)).toContain("planned 1");
  });

  test("is told to somebody who only got the list of all dates, because that named it too", async () => {
    await rows.welcome(ana.seriesId);
    await move("2027-01-15T14:00");
    expect(await notices()).not.toEqual([]);
  });

  test("moved while its reminder is being sent, that reminder is unwanted and the notice is planned", async () => {
    await rows.claim(third, "day-before", "sending");
    await move("2027-01-15T14:00");
    const [reminder] = await rows.touchpoints(third, "day-before");
    expect(reminder).toMatchObject({ state: "sending" });
    expect(reminder?.unwantedAt).not.toBeNull();
    expect((await notices()).some(({ state }) => state === "planned")).toBe(true);
  });

  test("moved twice before anything was sent of the first move is told once, from the time that was told", async () => {
    await rows.claim(third, "day-before");
    const { startsAt } = await rows.session(third);
    await move("2027-01-15T14:00");
    await move("2027-01-16T10:00");
    expect(await rows.session(third)).toMatchObject({ toldStartsAt: startsAt, arming: 2, sequence: 2 });
    expect((await notices()).filter(({ state }) => state === "planned").map(({ arming }) => arming)).toEqual([2]);
  });

  test("moved there and back before a word of it was sent is nothing to tell", async () => {
    await rows.claim(third, "day-before");
    await move("2027-01-15T14:00");
    await move("2027-01-15T09:00");
    expect((await notices()).filter(({ state }) => state === "planned")).toEqual([]);
    expect(await rows.session(third)).toMatchObject({ localStart: "2027-01-15T09:00", arming: 2, sequence: 2 });
  });

  test("moved back after the move was told is told again", async () => {
    await rows.claim(third, "day-before");
    await move("2027-01-15T14:00");
    const { startsAt } = await rows.session(third);
    await rows.claim(third, "session-moved");
    await stepClock(db, instant(EXAMPLES_BEGIN + 60_000));
    await move("2027-01-15T09:00");
    expect(await rows.session(third)).toMatchObject({ toldStartsAt: startsAt });
    expect((await notices()).filter(({ state }) => state === "planned").map(({ arming }) => arming)).toEqual([2]);
  });

  test("cancels the calls that were open about the old time", async () => {
    const [reminder] = await rows.touchpoints(third, "day-before");
    if (!reminder) expect.unreachable();
    const at = new Date(EXAMPLES_BEGIN).toISOString();
    const { clinicId, patientId, seriesId, sessionId } = reminder;
    const task = {
      id: newId<"task">(),
      clinicId,
      patientId,
      seriesId,
      sessionId,
      kind: "call",
      template: "day-before",
      locale: "en",
      importance: "high",
    };
    await db
      .insertInto("tasks")
      .values({ ...task, state: "open", openedAt: at, dueBy: at })
      .execute();
    await move("2027-01-15T14:00");
    expect(await db.selectFrom("tasks").select(["state", "outcome", "closedBy"]).where("id", "=", task.id).execute()).toEqual([
      { state: "cancelled", outcome: "session-moved", closedBy: "staff:test" },
    ]);
  });

  test("changes place in the numbering of its series", async () => {
    expect(await move("2027-01-26T09:00")).toMatchObject({ value: { number: 6 } });
    const numbers = await db
      .selectFrom("sessions")
      .select(["number", "id"])
      .where("seriesId", "=", ana.seriesId)
      .orderBy("startsAt")
      .execute();
    expect(numbers.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(numbers.at(-1)?.id).toBe(third);
  });

  test("keeps its start and takes another length without a word to anybody", async () => {
    await rows.claim(third, "day-before");
    const before = await rows.session(third);
    expect(await move("2027-01-15T09:00", { minutes: 90 })).toMatchObject({ kind: "changed" });
    const after = await rows.session(third);
    expect(after).toMatchObject({ arming: 0, sequence: 1, changedAt: null, startsAt: before.startsAt });
    expect((after.endsAt - after.startsAt) / 60_000).toBe(90 + 45);
    expect(await notices()).toEqual([]);
    expect(await rows.events(third)).toEqual(["session.resized"]);
  });
});

describe("a dry run", () => {
  test("shows what would change, and stores not a single row", async () => {
    await rows.claim(third, "day-before");
    const before = await rows.dump();
    const shown = await move("2027-01-15T14:00", { options: { dryRun: true } });
    expect(await rows.dump()).toEqual(before);
    expect(shown).toMatchObject({ kind: "changed", dryRun: true });
    const done = await move("2027-01-15T14:00");
    const summary = (result: typeof shown) =>
      "touchpoints" in result && result.touchpoints.map(({ rule, after }) => `${rule} ${after.state}`).toSorted(byText);
    expect(summary(shown)).toEqual(summary(done));
    expect(await rows.dump()).not.toEqual(before);
  });
});

describe("what does not change anything", () => {
  test("is the same move again", async () => {
    await move("2027-01-15T14:00");
    const before = await rows.dump();
    expect(await move("2027-01-15T14:00")).toEqual({ kind: "same" });
    expect(await rows.dump()).toEqual(before);
  });

  test("is a move from a plan that has changed since it was looked at", async () => {
    const seen = await rows.revision(ana.patientId);
    await move("2027-01-15T14:00");
    const before = await rows.dump();
    expect(await move("2027-01-15T15:00", { options: { ifRevision: seen } })).toMatchObject({
      kind: "refused",
      faults: [{ path: "revision" }],
    });
    expect(await rows.dump()).toEqual(before);
    expect(await move("2027-01-15T15:00", { options: { ifRevision: seen + 1 } })).toMatchObject({ kind: "changed" });
  });

  test("is the same move by two people at once: one of them moves it", async () => {
    const results = await Promise.all([move("2027-01-15T14:00"), move("2027-01-15T14:00")]);
    expect(results.map(({ kind }) => kind).toSorted(byText)).toEqual(["changed", "same"]);
    expect(await rows.session(third)).toMatchObject({ sequence: 1 });
  });

  test.each([
    [
      "2027-03-14T02:30",
      "a time that exists: the clocks in America/Denver jump over it; the nearest are 2027-03-14T01:59 or 2027-03-14T03:00",
    ],
    ["2027-01-01T09:00", "a time to come"],
    ["2030-06-01T09:00", "a time within three years"],
    [
      "2027-01-13T09:30",
      "a time at which this patient has no other session; session 2 of this series lasts from 2027-01-13T09:00 to 2027-01-13T10:45",
    ],
  ])("is a move to %s: expected %s", async (to, expected) => {
    const before = await rows.dump();
    expect(await move(to)).toEqual({ kind: "refused", faults: [{ path: "to", value: to, expected }] });
    expect(await rows.dump()).toEqual(before);
  });

  test("is a move of no session", async () => {
    expect(await move("2027-01-15T14:00", { id: newId<"session">() })).toMatchObject({ kind: "refused", faults: [{ path: "session" }] });
  });
});

test("a time that happens twice is the first of the two, said in a warning, unless the second is meant", async () => {
  const first = await move("2027-11-07T01:30");
  expect("warnings" in first && first.warnings.join()).toContain("happens twice");
  const { startsAt } = await rows.session(third);
  expect(await move("2027-11-07T01:30", { occurrence: "second" })).toMatchObject({ kind: "changed" });
  const second = await rows.session(third);
  expect(second.startsAt - startsAt).toBe(3_600_000);
  expect(second.resolution).toBe("overlap-second");
});

describe("spacing", () => {
  test("that a move breaks is accepted, warned of and answered with the nearest dates that would keep it; nothing else moves", async () => {
    const before = await Promise.all([4, 5, 6].map(async (number) => (await rows.session(nth(ana, number))).startsAt));
    const result = await move("2027-01-19T09:00");
    expect(result).toMatchObject({ kind: "changed" });
    if (result.kind !== "changed") expect.unreachable();
    expect(result.warnings.length).toBeGreaterThan(0);
    expect(result.value.proposal.length).toBeGreaterThan(0);
    expect(await Promise.all([4, 5, 6].map(async (number) => (await rows.session(nth(ana, number))).startsAt))).toEqual(before);
  });

  test("that was broken before the move is not told again", async () => {
    await move("2027-01-14T09:00");
    const result = await move("2027-01-29T09:00", { id: nth(ana, 6) });
    if (result.kind !== "changed") expect.unreachable();
    expect(result.warnings.filter((warning) => warning.includes("2027-01-14"))).toEqual([]);
  });
});

describe("what has begun", () => {
  const outcomes: [Outcome, string][] = [
    [{ status: "arrived" }, "not-dosed"],
    [{ status: "dosed" }, "discharge"],
    [{ status: "no_show" }, "add a new session"],
    [{ status: "not_dosed", reason: "bp" }, "add a new session"],
  ];

  test.each(outcomes)("by %o is not moved, and what would be right is said", async (outcome, right) => {
    const { startsAt } = await rows.session(third);
    await stepClock(db, instant(startsAt + 60_000));
    await recordOutcome(world.deps, third, { outcome, actor: "staff:test" });
    const result = await move("2027-01-20T14:00");
    expect(result).toMatchObject({ kind: "refused", faults: [{ path: "session.status", value: outcome.status }] });
    expect("faults" in result && result.faults[0]?.expected).toContain(right);
  });

  test("on the clock is neither moved, postponed nor cancelled", async () => {
    const { startsAt } = await rows.session(third);
    await stepClock(db, startsAt);
    const before = await rows.dump();
    expect(await move("2027-01-20T14:00")).toMatchObject({ kind: "refused", faults: [{ path: "session.status", value: "begun" }] });
    expect(await postponeSession(world.deps, third, { because: "clinic", ...BY })).toMatchObject({ kind: "refused" });
    expect(await cancelSession(world.deps, third, { because: "clinic", ...BY })).toMatchObject({ kind: "refused" });
    expect(await rows.dump()).toEqual(before);
  });
});

test.each(["stopped", "void", "completed"])(
  "no session of a series that is %s is moved, cancelled, postponed or recorded",
  async (status) => {
    await db.updateTable("series").set({ status }).where("id", "=", ana.seriesId).execute();
    const before = await rows.dump();
    const refused = { kind: "refused", faults: [{ path: "series.status", value: status }] };
    expect(await move("2027-01-15T14:00")).toMatchObject(refused);
    expect(await cancelSession(world.deps, third, { because: "clinic", ...BY })).toMatchObject(refused);
    expect(await postponeSession(world.deps, third, { because: "clinic", ...BY })).toMatchObject(refused);
    await stepClock(db, instant((await rows.session(third)).startsAt + DAY));
    expect(await recordOutcome(world.deps, third, { outcome: { status: "no_show" }, actor: "staff:test" })).toMatchObject(refused);
    expect(await rows.dump()).toEqual(before);
  },
);

describe("a claim that commits while the session is moved", () => {
  const holdClaim = async () => {
    const held = Promise.withResolvers<void>();
    const claimed = Promise.withResolvers<void>();
    const done = db.transaction().execute(async (tx) => {
      await sql`update touchpoints set state = 'sending', claimed_at = clock_timestamp(), attempts = 1 where session_id = ${third} and rule = 'day-before' and state = 'planned'`.execute(
        tx,
      );
      claimed.resolve();
      await held.promise;
    });
    await claimed.promise;
    return { commit: () => held.resolve(), done };
  };
  const isWaiting = async () => {
    const { rows: found } = await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      db,
    );
    return found.length > 0;
  };

  test("counts as told, so that the move is told", async () => {
    const claim = await holdClaim();
    const moving = move("2027-01-15T14:00");
    await expect.poll(isWaiting, { timeout: 10_000 }).toBe(true);
    claim.commit();
    await claim.done;
    await moving;
    expect((await rows.session(third)).toldStartsAt).not.toBeNull();
    expect((await notices()).some(({ state }) => state === "planned")).toBe(true);
  });

  test("would be missed by reading without the lock", async () => {
    const claim = await holdClaim();
    const { rows: seen } = await sql`select from touchpoints where session_id = ${third} and state = 'sending'`.execute(db);
    expect(seen).toEqual([]);
    claim.commit();
    await claim.done;
    const { rows: after } = await sql`select from touchpoints where session_id = ${third} and state = 'sending'`.execute(db);
    expect(after.length).toBeGreaterThan(0);
  });
});
