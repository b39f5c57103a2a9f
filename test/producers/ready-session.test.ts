import { beforeEach, describe, expect, test } from "vitest";
import { sql } from "kysely";
import { newId } from "../../src/clock.ts";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { type Instant, instant, MINUTE, parseWallClock } from "../../src/domain/calendar.ts";
import type { SessionId } from "../../src/domain/ids.ts";
import type { ChangeOptions } from "../../src/producers/change-facts.ts";
import { fileForm } from "../../src/producers/file-form.ts";
import { readySession } from "../../src/producers/ready-session.ts";
import { recordOutcome } from "../../src/producers/record-outcome.ts";
import { sweepDue } from "../../src/producers/sweep-due.ts";
import { type Course, enrolAna, nth, onWall, rowsOf } from "../support/course.ts";
import { openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const rows = rowsOf(world);
const BY: ChangeOptions = { actor: "staff:test", dryRun: false, ifRevision: null };
let ana: Course;
let first: SessionId;
let startsAt: Instant;

beforeEach(async () => {
  ana = await enrolAna(world);
  first = nth(ana, 1);
  ({ startsAt } = await rows.session(first));
  await stepClock(db, instant(startsAt + 30 * MINUTE));
});

const dose = () => recordOutcome(world.deps, first, { outcome: { status: "dosed", at: startsAt }, actor: "staff:test" });
const ready = (pickup: string, options: Partial<ChangeOptions> = {}) =>
  readySession(world.deps, first, { pickup: parseWallClock(pickup) ?? expect.unreachable(), ...BY, ...options });

describe("ready", () => {
  test("tells the escort once from about when to come, on the wall where it is", async () => {
    await dose();
    expect(await ready("10:40")).toMatchObject({ kind: "changed", warnings: [] });
    const { pickupAt, readyAt } = await rows.session(first);
    expect(pickupAt && onWall(pickupAt)).toBe("2027-01-11T10:40");
    expect(readyAt).toBe(startsAt + 30 * MINUTE);
    expect(await rows.touchpoints(first, "escort-ready")).toMatchObject([{ recipient: "escort", channel: "sms", state: "planned" }]);
    expect(await rows.events(first)).toContain("session.ready");
  });

  const told = async () =>
    (await rows.touchpoints(first, "escort-ready")).map(({ occurrence, state }) => `${occurrence} ${state}`).toSorted();

  test("said again is nothing new", async () => {
    await dose();
    await ready("10:40");
    const before = await rows.dump();
    expect(await ready("10:40")).toEqual({ kind: "same" });
    expect(await rows.dump()).toEqual(before);
  });

  test("is told once more for a time that differs by ten minutes, not by nine, from the one that was told", async () => {
    await dose();
    await ready("10:40");
    await rows.claim(first, "escort-ready");
    expect(await ready("10:49")).toMatchObject({ warnings: [expect.stringContaining("10:40 already and is not told again")] });
    expect(await told()).toEqual(["0 sent"]);
    expect(await ready("10:50")).toMatchObject({ warnings: [expect.stringContaining("10:40 already and is told the new time")] });
    expect(await told()).toEqual(["0 sent", "1 planned"]);
    await rows.claim(first, "escort-ready");
    // Back to the time that was told first: that is a third message, not the first one.
    await ready("10:40");
    expect(await told()).toEqual(["0 sent", "1 sent", "2 planned"]);
  });

  test("is told as the newest time only, when it changes before anybody was told", async () => {
    await dose();
    await ready("10:40");
    await ready("11:10");
    expect(await told()).toEqual(["0 superseded", "1 planned"]);
  });

  test("leaves one call on the list, for the newest time, where the escort can only be called", async () => {
    await sql`delete from contact_points where person = 'escort' and patient_id = ${ana.patientId}`.execute(db);
    await dose();
    const calls = async () => {
      await sweepDue(world.deps);
      const { rows: found } = await sql<{ line: string }>`
        select concat_ws(' ', k.state, k.outcome) as line from tasks k where k.template = 'escort-ready' order by k.opened_at, k.id`.execute(
        db,
      );
      return found.map(({ line }) => line).toSorted();
    };
    await ready("10:40");
    expect(await calls()).toEqual(["open"]);
    await ready("11:10");
    expect(await calls()).toEqual(["cancelled pickup-changed", "open"]);
  });

  test("is never told once the patient has gone home", async () => {
    await dose();
    await ready("10:40");
    await stepClock(db, instant(startsAt + 95 * MINUTE));
    await recordOutcome(world.deps, first, { outcome: { status: "discharged" }, actor: "staff:test" });
    expect(await told()).toEqual(["0 superseded"]);
    expect(await ready("11:10")).toMatchObject({ kind: "refused", faults: [{ path: "session.status", value: "discharged" }] });
  });

  test("without an escort says that nobody is told", async () => {
    await db.deleteFrom("escorts").where("patientId", "=", ana.patientId).execute();
    await dose();
    expect(await ready("10:40")).toMatchObject({ kind: "changed", warnings: ["no escort is named: nobody is told"] });
  });

  test("of somebody who has not come, or for a time that has passed, is refused", async () => {
    expect(await ready("10:40")).toMatchObject({ kind: "refused", faults: [{ path: "session.status", value: "scheduled" }] });
    await dose();
    expect(await ready("09:20")).toMatchObject({ kind: "refused", faults: [{ path: "pickup", value: "09:20" }] });
  });

  test("in a dry run or from a stale view stores nothing", async () => {
    await dose();
    const before = await rows.dump();
    expect(await ready("10:40", { dryRun: true })).toMatchObject({ kind: "changed", dryRun: true });
    expect(await ready("10:40", { ifRevision: 999 })).toMatchObject({ kind: "refused", faults: [{ path: "revision" }] });
    expect(await rows.dump()).toEqual(before);
  });
});

describe("a form", () => {
  const file = (at: Instant, options: Partial<ChangeOptions> = {}) =>
    fileForm(world.deps, first, { form: { by: "Sam Lee", at }, ...BY, ...options });
  const filedAt = () => instant(startsAt + 20 * MINUTE);

  test("is filed by somebody at some time, and nobody is asked for it any more", async () => {
    await dose();
    const at = new Date(startsAt).toISOString();
    const { clinicId, patientId, seriesId } = await rows.session(first);
    const task = {
      id: newId<"task">(),
      clinicId,
      patientId,
      seriesId,
      sessionId: first,
      kind: "file-form",
      template: "file-form",
      locale: "en",
    };
    await db
      .insertInto("tasks")
      .values({ ...task, state: "open", importance: "high", openedAt: at, dueBy: at })
      .execute();
    expect(await file(filedAt())).toMatchObject({ kind: "changed", value: { by: "Sam Lee" } });
    expect(await rows.session(first)).toMatchObject({ formFiledAt: filedAt(), formFiledBy: "Sam Lee" });
    expect(await db.selectFrom("tasks").select("state").where("id", "=", task.id).executeTakeFirst()).toEqual({ state: "cancelled" });
    expect(await file(filedAt())).toEqual({ kind: "same" });
  });

  test("is refused without a dose, before it, and in the future", async () => {
    expect(await file(filedAt())).toMatchObject({ kind: "refused", faults: [{ path: "session.status", value: "scheduled" }] });
    await dose();
    expect(await file(instant(startsAt - 1))).toMatchObject({ kind: "refused", faults: [{ path: "at" }] });
    expect(await file(instant(startsAt + 31 * MINUTE))).toMatchObject({ kind: "refused", faults: [{ path: "at" }] });
    expect(await file(startsAt)).toMatchObject({ kind: "changed" });
  });

  test("in a dry run or from a stale view stores nothing", async () => {
    await dose();
    const before = await rows.dump();
    expect(await file(filedAt(), { dryRun: true })).toMatchObject({ kind: "changed", dryRun: true });
    expect(await file(filedAt(), { ifRevision: 999 })).toMatchObject({ kind: "refused", faults: [{ path: "revision" }] });
    expect(await rows.dump()).toEqual(before);
  });
});
