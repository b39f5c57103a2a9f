import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { findClinic } from "../../src/db/clinics.ts";
import { toTimestamp } from "../../src/db/database.ts";
import { DAY, HOUR, instant, parseDay } from "../../src/domain/calendar.ts";
import type { PatientId } from "../../src/domain/ids.ts";
import type { ChangeOptions } from "../../src/producers/change-facts.ts";
import { closeClinic } from "../../src/producers/close-clinic.ts";
import { moveDay } from "../../src/producers/move-day.ts";
import { at, EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { addAna, listAbout, listVisits, planStale, tellWelcome } from "./support/clinic-with-anas.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
/** Monday 2027-01-11 in Denver. */
const span = { from: at("2027-01-11T07:00:00Z"), to: at("2027-01-12T07:00:00Z") };
const staff: ChangeOptions = { actor: "staff:Maria", dryRun: false, ifRevision: null };
let ana: PatientId;

beforeEach(async () => {
  await sql`delete from series`.execute(db);
  await sql`delete from clinic_closures`.execute(db);
  await sql`update clinics set closures = '{}'`.execute(db);
  ana = await addAna(world);
});

const day = (text: string) => {
  const parsed = parseDay(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};
const move = async (to = "2027-01-12", which: "day" | "day-and-following" = "day", options = staff) => {
  const clinic = await findClinic(db, world.clinic.slug);
  if (!clinic) expect.unreachable();
  return moveDay(world.deps, { clinic, from: day("2027-01-11"), to: day(to), span, which }, options);
};
const moved = async (...args: Parameters<typeof move>) => {
  const result = await move(...args);
  if (result.kind !== "changed") throw new Error(JSON.stringify(result));
  return result;
};
const firstVisit = async (patientId = ana) => {
  const [visit] = await listVisits(world, patientId);
  if (!visit) expect.unreachable();
  return visit;
};

describe("moving a clinic's day", () => {
  test("moves each visit to the same clock time, because of the clinic, and remembers what had been told", async () => {
    await tellWelcome(world, ana);
    const ben = await addAna(world);
    const [before, second] = await listVisits(world, ana);
    if (!before) expect.unreachable();
    const { value } = await moved();
    expect(value.moves.map(({ session }) => session.patientId).toSorted()).toEqual([ana, ben].toSorted());
    const [after, untouched] = await listVisits(world, ana);
    expect(after).toMatchObject({
      id: before.id,
      status: "scheduled",
      startsAt: before.startsAt + DAY,
      endsAt: before.endsAt + DAY,
      localStart: before.localStart.replace("-11T", "-12T"),
      arming: before.arming + 1,
      sequence: before.sequence + 1,
      changedAt: EXAMPLES_BEGIN,
      changedBecause: "clinic",
      toldStartsAt: before.startsAt,
      number: 1,
    });
    expect(await firstVisit(ben)).toMatchObject({ startsAt: before.startsAt + DAY, toldStartsAt: null });
    expect(untouched).toEqual(second);
  });

  test("silences the old time at once, tells the new one to whoever knew the old, and plans it anew", async () => {
    await tellWelcome(world, ana);
    const ben = await addAna(world);
    const visit = await firstVisit();
    const old = (await listAbout(world, visit.id)).filter(({ state }) => state === "planned");
    expect(old.length).toBeGreaterThan(3);
    await moved();
    const silent = await listAbout(world, visit.id);
    expect(silent.filter(({ state }) => state === "planned")).toEqual([]);
    expect(new Set(silent.filter(({ id }) => old.some((row) => row.id === id)).map(({ state }) => state))).toEqual(new Set(["superseded"]));
    await planStale(world);
    const planned = (await listAbout(world, visit.id)).filter(({ state }) => state === "planned");
    expect(planned.filter(({ anchor, recipient }) => anchor === "session.moved" && recipient === "patient").length).toBeGreaterThan(0);
    const reminders = (rows: readonly { anchor: string; rule: string }[]) =>
      rows.filter(({ anchor }) => anchor === "session.start").map(({ rule }) => rule);
    expect(new Set(reminders(planned))).toEqual(new Set(reminders(old)));
    const told = (await listAbout(world, (await firstVisit(ben)).id)).filter(
      ({ anchor, recipient }) => anchor === "session.moved" && recipient === "patient",
    );
    expect(told).toEqual([]);
  });

  test("leaves and names what meets another visit, and moves the rest", async () => {
    const ben = await addAna(world);
    const [first, second] = await listVisits(world, ana);
    const start = toTimestamp(instant((first?.startsAt ?? 0) + DAY + HOUR));
    await sql`update sessions set starts_at = ${start}::timestamptz, ends_at = ${start}::timestamptz + interval '1 hour' where id = ${second?.id ?? null}`.execute(
      db,
    );
    const { value } = await moved();
    expect(value.moves.map(({ session }) => session.patientId)).toEqual([ben]);
    expect(value.left).toMatchObject([{ session: { patientId: ana }, why: "clash" }]);
    expect(await firstVisit()).toEqual(first);
  });

  test("is refused onto a closed day, and leaves what would fall into closed hours", async () => {
    const visit = await firstVisit();
    const hours = {
      from: instant(visit.startsAt + DAY - HOUR),
      to: instant(visit.startsAt + DAY + HOUR),
      wholeDay: null,
      reason: "no water",
    };
    await closeClinic(world.deps, { clinicId: world.clinicId, ...hours }, staff);
    expect((await moved()).value).toMatchObject({ moves: [], left: [{ why: "closed" }] });
    await sql`update clinics set closures = '{2027-01-12}'`.execute(db);
    expect(await move()).toMatchObject({ kind: "refused", faults: [{ path: "to" }] });
    expect(await firstVisit()).toEqual(visit);
  });

  test("takes the later visits of each series along when asked, and numbers them by time", async () => {
    const before = await listVisits(world, ana);
    await moved("2027-01-13", "day-and-following");
    const after = await listVisits(world, ana);
    expect(after.map(({ startsAt }) => startsAt)).toEqual(before.map(({ startsAt }) => startsAt + 2 * DAY));
    expect(after.map(({ number }) => number)).toEqual(before.map((_, index) => index + 1));
  });

  test("warns of doses that lie too close together now", async () => {
    const [, second] = await listVisits(world, ana);
    const next = new Date((second?.startsAt ?? 0) - DAY).toISOString().slice(0, 10);
    const { value } = await moved(next);
    expect(value.warnings).toEqual([expect.stringContaining("1 day apart")]);
  });

  test("as a rehearsal says the same and stores nothing; done twice, it finds nothing more", async () => {
    const before = await firstVisit();
    const shown = await moved("2027-01-12", "day", { ...staff, dryRun: true });
    expect(shown.value.moves).toHaveLength(1);
    expect(await firstVisit()).toEqual(before);
    const done = await moved();
    expect(done.value.silenced).toEqual(shown.value.silenced);
    expect(await move()).toEqual({ kind: "same" });
    expect(await firstVisit()).toMatchObject({ arming: 1 });
  });

  test("by two people at the same moment moves everybody once", async () => {
    const results = await Promise.all([move(), move()]);
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(["changed", "same"]);
    expect(await firstVisit()).toMatchObject({ arming: 1, sequence: 1 });
  });

  test("leaves a visit that has begun", async () => {
    const visit = await firstVisit();
    await setSteppedClock(db, visit.startsAt);
    expect((await moved()).value).toMatchObject({ moves: [], left: [{ why: "under-way" }] });
  });
});
