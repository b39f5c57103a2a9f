import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { findClosure } from "../../src/db/closures.ts";
import { toTimestamp } from "../../src/db/database.ts";
import { listSessionsWithin } from "../../src/db/day-sessions.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { registerWorker } from "../../src/db/workers.ts";
import { listClosedOut } from "../../src/db/view-closure.ts";
import { HOUR, type Instant, instant, MINUTE, parseDay } from "../../src/domain/calendar.ts";
import type { PatientId } from "../../src/domain/ids.ts";
import type { ChangeOptions } from "../../src/producers/change-facts.ts";
import { closeClinic } from "../../src/producers/close-clinic.ts";
import { reopenClinic } from "../../src/producers/reopen-clinic.ts";
import { claimNow } from "../db/support/stored-rows.ts";
import { at, EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { addAna, listAbout, listVisits, planStale, tellWelcome } from "./support/clinic-with-anas.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const { clinicId } = world;
/** Monday 2027-01-11 in Denver, on which Ana's first visit lasts from 09:00 to 10:45. */
const MONDAY = { from: at("2027-01-11T07:00:00Z"), to: at("2027-01-12T07:00:00Z") };
const wholeDay = parseDay("2027-01-11") ?? null;
const staff: ChangeOptions = { actor: "staff:Maria", dryRun: false, ifRevision: null };
let ana: PatientId;

beforeEach(async () => {
  await sql`delete from touchpoints`.execute(db);
  await sql`delete from clinic_closures`.execute(db);
  await sql`update clinics set closures = '{}'`.execute(db);
  await sql`delete from series`.execute(db);
  ana = await addAna(world);
});

const close = (changes: Partial<Parameters<typeof closeClinic>[1]> = {}, options = staff) =>
  closeClinic(world.deps, { clinicId, ...MONDAY, wholeDay, reason: "snow", ...changes }, options);
const closed = async (...args: Parameters<typeof close>) => {
  const result = await close(...args);
  if (result.kind !== "changed") throw new Error(JSON.stringify(result));
  return result;
};
const firstVisit = async (patientId = ana) => {
  const [visit] = await listVisits(world, patientId);
  if (!visit) expect.unreachable();
  return visit;
};
const readClosures = () => db.selectFrom("clinicClosures").selectAll().execute();
const closedDays = async () =>
  (await sql<{ days: string[] }>`select closures::text[] as days from clinics where id = ${clinicId}`.execute(db)).rows[0]?.days;
const startsAt = (when: Instant) => setSteppedClock(db, when);

/** Ana's second visit, on the Monday's afternoon instead. */
async function bookAfternoon() {
  const [first, second] = await listVisits(world, ana);
  const start = sql`${toTimestamp(instant((first?.endsAt ?? 0) + 2 * HOUR))}::timestamptz`;
  await sql`update sessions set starts_at = ${start}, ends_at = ${start} + interval '1 hour' where id = ${second?.id ?? null}`.execute(db);
  if (!second) expect.unreachable();
  return second;
}

describe("closing a clinic for a day", () => {
  test("postpones the visits of that day because of the clinic, and nobody else's", async () => {
    await tellWelcome(world, ana);
    const [before, second] = await listVisits(world, ana);
    const { value } = await closed();
    expect(value.postponed.map(({ id }) => id)).toEqual([before?.id]);
    const [after, untouched] = await listVisits(world, ana);
    expect(after).toMatchObject({
      status: "postponed",
      startsAt: before?.startsAt,
      changedAt: EXAMPLES_BEGIN,
      changedBecause: "clinic",
      toldStartsAt: before?.startsAt,
      sequence: (before?.sequence ?? 0) + 1,
      arming: before?.arming,
    });
    expect(untouched).toEqual(second);
    expect(await readClosures()).toMatchObject([
      { clinicId, fromAt: MONDAY.from, toAt: MONDAY.to, wholeDay: "2027-01-11", reason: "snow" },
    ]);
    expect(await closedDays()).toEqual(["2027-01-11"]);
    const kinds = await db
      .selectFrom("events")
      .select(["kind", "actor"])
      .where("subjectId", "in", [value.closure, after?.id ?? ""])
      .execute();
    expect(kinds).toEqual(
      expect.arrayContaining([
        { kind: "clinic.closed", actor: staff.actor },
        { kind: "session.postponed", actor: staff.actor },
      ]),
    );
  });

  test("ends what was going to be said before anything is planned, and marks what may be on its way", async () => {
    const visit = await firstVisit();
    const [held, sending, unknown] = (await listAbout(world, visit.id)).filter(
      ({ state, channel }) => state === "planned" && channel !== "task",
    );
    if (!held || !sending || !unknown) expect.unreachable();
    await sql`update touchpoints set state = 'held', reason = 'opted-out' where id = ${held.id}`.execute(db);
    await sql`update touchpoints set state = 'sending' where id in (${sending.id}, ${unknown.id})`.execute(db);
    await sql`update touchpoints set state = 'unknown' where id = ${unknown.id}`.execute(db);
    const { value } = await closed();
    const rows = await listAbout(world, visit.id);
    expect(rows.filter(({ state }) => state === "planned" || state === "held")).toEqual([]);
    expect(rows.find(({ id }) => id === held.id)?.state).toBe("cancelled");
    expect(rows.filter(({ isUnwanted }) => isUnwanted).map(({ id, state }) => ({ id, state }))).toEqual(
      expect.arrayContaining([
        { id: sending.id, state: "sending" },
        { id: unknown.id, state: "unknown" },
      ]),
    );
    expect(value.silenced).toEqual({ ended: rows.filter(({ state }) => state === "cancelled").length, inFlight: 2 });
    const stale = await db.selectFrom("patients").select("id").whereRef("planRevision", "!=", "plannedRevision").execute();
    expect(stale.map(({ id }) => id)).toContain(ana);
  });

  test("tells whoever had been told the visit, and says who is only called about a new date", async () => {
    const ben = await addAna(world);
    await tellWelcome(world, ana);
    const { value } = await closed();
    await planStale(world);
    const about = async (patientId: PatientId) =>
      (await listAbout(world, (await firstVisit(patientId)).id)).filter(
        ({ anchor, recipient }) => anchor === "session.off" && recipient === "patient",
      );
    expect((await about(ana)).map(({ state }) => state)).toContain("planned");
    expect(await about(ben)).toEqual([]);
    const closure = await findClosure(db, value.closure);
    if (!closure) expect.unreachable();
    const list = await listClosedOut(db, closure);
    expect(list.map(({ patientId }) => patientId).toSorted()).toEqual([ana, ben].toSorted());
    expect(list.find(({ patientId }) => patientId === ben)).toMatchObject({
      toldStartsAt: null,
      notices: [{ channel: "task", state: "planned" }],
      planIsFresh: true,
    });
    expect(list.find(({ patientId }) => patientId === ana)?.notices).toContainEqual(
      expect.objectContaining({ state: "planned", rank: 0, task: null }),
    );
  });

  test.each([
    [17, "urgent-change"],
    [19, "notice"],
  ])("%i hours before, tells it as %s", async (hours, purpose) => {
    await tellWelcome(world, ana);
    const visit = await firstVisit();
    await startsAt(instant(visit.startsAt - hours * HOUR));
    await closed();
    await planStale(world);
    const notices = (await listAbout(world, visit.id)).filter(
      ({ anchor, recipient }) => anchor === "session.off" && recipient === "patient",
    );
    expect(new Set(notices.map((each) => each.purpose))).toEqual(new Set([purpose]));
  });

  test("tells a patient with two visits that day once a channel", async () => {
    const second = await bookAfternoon();
    await tellWelcome(world, ana);
    const { value } = await closed();
    expect(value.postponed).toHaveLength(2);
    await planStale(world);
    const [one, other] = await Promise.all([(await firstVisit()).id, second.id].map((id) => listAbout(world, id)));
    const notices = [...(one ?? []), ...(other ?? [])].filter(
      ({ anchor, recipient, channel }) => anchor === "session.off" && recipient === "patient" && channel !== "task",
    );
    const planned = notices.filter(({ state }) => state === "planned").map(({ channel }) => channel);
    expect(planned.length).toBeGreaterThan(0);
    expect(new Set(planned).size).toBe(planned.length);
    const closure = await findClosure(db, value.closure);
    const list = closure ? await listClosedOut(db, closure) : [];
    expect(list.map(({ notices: each }) => each.some(({ channel, state }) => channel !== "task" && state === "planned"))).toEqual([
      true,
      true,
    ]);
  });

  test("leaves what is under way, over, or held by others", async () => {
    const visit = await firstVisit();
    await db.updateTable("sessions").set({ status: "arrived" }).where("id", "=", visit.id).execute();
    const ben = await firstVisit(await addAna(world));
    await db.updateTable("sessions").set({ owner: "external" }).where("id", "=", ben.id).execute();
    const chen = await firstVisit(await addAna(world));
    await db.updateTable("sessions").set({ status: "no_show" }).where("id", "=", chen.id).execute();
    const { value } = await closed();
    expect(value.postponed).toEqual([]);
    expect(value.left.map(({ id }) => id).toSorted()).toEqual([visit.id, ben.id].toSorted());
    await startsAt(instant(visit.startsAt + MINUTE));
    await db.updateTable("sessions").set({ status: "scheduled" }).where("id", "=", visit.id).execute();
    expect((await close()).kind).toBe("same");
  });

  test("counts whoever has no channel as somebody to be called", async () => {
    const finn = await addAna(world, { phone: null, email: null });
    const { value } = await closed();
    expect(value.postponed.filter(({ channels }) => channels.length === 0).map(({ patientId }) => patientId)).toEqual([finn]);
  });

  test("asks nobody to call a family in mourning", async () => {
    await sql`update patients set hold_code = 'deceased' where id = ${ana}`.execute(db);
    const { value } = await closed();
    expect(value.postponed).toMatchObject([{ channels: [], mayBeCalled: false }]);
    const closure = await findClosure(db, value.closure);
    expect(closure && (await listClosedOut(db, closure))).toMatchObject([{ mayBeCalled: false }]);
  });

  test("twice changes nothing the second time, and takes in what was booked since", async () => {
    const { value } = await closed();
    expect(await close()).toEqual({ kind: "same" });
    const { id } = await bookAfternoon();
    const again = await closed();
    expect(again.value.closure).toBe(value.closure);
    expect(again.value.postponed.map(({ id }) => id)).toEqual([id]);
    expect(await readClosures()).toHaveLength(1);
  });

  test("by two people at the same moment is done once", async () => {
    const results = await Promise.all([close(), close(), close()]);
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(["changed", "same", "same"]);
    expect(await firstVisit()).toMatchObject({ status: "postponed", sequence: 1 });
  });

  test("as a rehearsal says the same and stores nothing", async () => {
    const before = await firstVisit();
    const rows = await listAbout(world, before.id);
    const shown = await closed({}, { ...staff, dryRun: true });
    expect(shown).toMatchObject({ dryRun: true, value: { postponed: [{ id: before.id }] } });
    expect(await firstVisit()).toEqual(before);
    expect(await listAbout(world, before.id)).toEqual(rows);
    expect(await readClosures()).toEqual([]);
    expect((await closed()).value.silenced).toEqual(shown.value.silenced);
  });

  test("is refused when the clinic has changed since it was looked at, and when the day is over", async () => {
    const { revision } = await closed({}, { ...staff, dryRun: true });
    expect(await close({}, { ...staff, ifRevision: revision })).toMatchObject({ kind: "refused", faults: [{ path: "revision" }] });
    expect((await close({}, { ...staff, ifRevision: revision - 1 })).kind).toBe("changed");
    await startsAt(MONDAY.to);
    expect(await close({ reason: "late" })).toMatchObject({ kind: "refused", faults: [{ path: "day" }] });
  });
});

describe("closing a clinic for some hours", () => {
  const hours = (from: number, to: number) => ({ from: instant(from), to: instant(to), wholeDay: null });

  test("touches a visit that overlaps by a minute, and none that only borders on them", async () => {
    const { startsAt: start, endsAt: end } = await firstVisit();
    const touched = async (from: number, to: number) => {
      const shown = await closed(hours(from, to), { ...staff, dryRun: true });
      return shown.value.postponed.length;
    };
    expect(await touched(start - 3 * HOUR, start)).toBe(0);
    expect(await touched(start - 3 * HOUR, start + MINUTE)).toBe(1);
    expect(await touched(end - MINUTE, end + HOUR)).toBe(1);
    expect(await touched(end, end + HOUR)).toBe(0);
  });

  test("leaves the day open for everything else", async () => {
    const { startsAt: start } = await firstVisit();
    await closed(hours(start - HOUR, start + HOUR));
    expect(await readClosures()).toMatchObject([{ wholeDay: null }]);
    expect(await closedDays()).toEqual([]);
  });
});

describe("a closure against what happens at the same moment", () => {
  /** Ana's second visit is moved to the Monday by somebody who has not committed yet; `during` runs while that waits. */
  async function whileBooking(during: () => Promise<unknown>): Promise<void> {
    const [first, second] = await listVisits(world, ana);
    const afternoon = toTimestamp(instant((first?.endsAt ?? 0) + 2 * HOUR));
    let running: Promise<unknown> | undefined;
    await db.transaction().execute(async (tx) => {
      await sql`select from patients where id = ${ana} for update`.execute(tx);
      running = during();
      await waitForLock();
      await sql`update sessions set starts_at = ${afternoon}::timestamptz, ends_at = ${afternoon}::timestamptz + interval '1 hour' where id = ${second?.id ?? null}`.execute(
        tx,
      );
    });
    await running;
  }

  const waitForLock = () =>
    expect
      .poll(
        async () =>
          (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(db)).rows.length,
        {
          timeout: 10_000,
        },
      )
      .toBeGreaterThan(0);

  test("takes in a visit that was being booked while it waited", async () => {
    await whileBooking(() => closed());
    const statuses = (await listVisits(world, ana)).filter(({ startsAt: start }) => start < MONDAY.to).map(({ status }) => status);
    expect(statuses).toEqual(["postponed", "postponed"]);
  });

  test("would miss it with a list made before the lock", async () => {
    const found: number[] = [];
    await whileBooking(() =>
      db.transaction().execute(async (tx) => {
        found.push((await listSessionsWithin(tx, clinicId, MONDAY)).length);
        await sql`select from patients where id = ${ana} for update`.execute(tx);
        found.push((await listSessionsWithin(tx, clinicId, MONDAY)).length);
      }),
    );
    expect(found).toEqual([1, 2]);
  });

  test("counts a message that is being claimed as told, and never lets it be sent again", async () => {
    const visit = await firstVisit();
    const row = (await listAbout(world, visit.id)).find(
      ({ state, channel, recipient }) => state === "planned" && channel === "sms" && recipient === "patient",
    );
    if (!row) expect.unreachable();
    await startsAt(row.dueAt);
    await sql`update touchpoints set try_at = due_at where id = ${row.id}`.execute(db);
    const claim = await claimNow(db, row.id);
    const workerId = await registerWorker(db, { role: "worker", version: "test" });
    let running: Promise<unknown> | undefined;
    await db.transaction().execute(async (tx) => {
      expect(await claimTouchpoints(tx, [claim], { workerId, channel: "sms" })).toHaveLength(1);
      running = closed();
      await waitForLock();
    });
    await running;
    expect((await listAbout(world, visit.id)).find(({ id }) => id === row.id)).toMatchObject({ state: "sending", isUnwanted: true });
    expect(await firstVisit()).toMatchObject({ status: "postponed", toldStartsAt: visit.startsAt });
  });
});

describe("reopening", () => {
  const reopen = async (options = staff) => {
    const [row] = await readClosures();
    const closure = row && (await findClosure(db, row.id));
    if (!closure) expect.unreachable();
    return reopenClinic(world.deps, closure, options);
  };

  test("opens the day, keeps the visits postponed and listed, and does so once", async () => {
    await closed();
    expect((await reopen()).kind).toBe("changed");
    expect(await closedDays()).toEqual([]);
    expect(await firstVisit()).toMatchObject({ status: "postponed" });
    const [row] = await readClosures();
    const closure = row && (await findClosure(db, row.id));
    expect(closure?.reopenedAt).toBe(EXAMPLES_BEGIN);
    expect(closure && (await listClosedOut(db, closure))).toHaveLength(1);
    expect(await reopen()).toEqual({ kind: "same" });
  });

  test("keeps a day closed that the clinic's settings close", async () => {
    await sql`update clinics set closures = '{2027-01-11}'`.execute(db);
    await closed();
    await reopen();
    expect(await closedDays()).toEqual(["2027-01-11"]);
  });

  test("as a rehearsal leaves it closed", async () => {
    await closed();
    expect(await reopen({ ...staff, dryRun: true })).toMatchObject({ kind: "changed", dryRun: true });
    expect(await closedDays()).toEqual(["2027-01-11"]);
  });
});
