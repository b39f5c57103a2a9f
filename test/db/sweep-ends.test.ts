import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { toTimestamp, type Tx } from "../../src/db/database.ts";
import { abandonDeadSends, expireTouchpoints, openDueTasks, suppressHeld, suppressUnrecorded } from "../../src/db/sweep-ends.ts";
import { transact } from "../../src/db/transact.ts";
import { abandonOwnSends, listWorkers, registerWorker, retireWorker } from "../../src/db/workers.ts";
import { HOUR, type Instant, instant } from "../../src/domain/calendar.ts";
import type { TouchpointId, WorkerId } from "../../src/domain/ids.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { stateOf, type StoredPerson, storePerson, storeStage, storeTouchpoint } from "./support/stored-rows.ts";
import { byText } from "../support/by-text.ts";

const { db } = await cloneDatabase();
await setSteppedClock(db, NOW);
const clinic = await storeClinic(db);
let person: StoredPerson;

beforeEach(async () => {
  await db.deleteFrom("tasks").execute();
  await db.deleteFrom("touchpoints").execute();
  person = await storePerson(db, clinic);
});

const over = [{ from: instant(NOW - HOUR), to: NOW }];
/** When a visit began before which something had to be said. */
const BEGAN = instant(NOW - HOUR / 2);
const before = [{ from: instant(NOW - HOUR), to: BEGAN }];
const listTasks = () =>
  db.selectFrom("tasks").select(["kind", "template", "sessionId", "touchpointId", "importance", "state", "openedAt"]).execute();
const expire = () => transact(db, (tx) => expireTouchpoints(tx, NOW));
const suppress = () => transact(db, (tx) => suppressUnrecorded(tx, NOW));

describe("what can no longer be said", () => {
  test("ends expired at its last moment, not before, and only once", async () => {
    const id = await storeTouchpoint(db, person, { legal: over });
    const still = await storeTouchpoint(db, person, { legal: [{ from: instant(NOW - HOUR), to: instant(NOW + 1) }] });
    expect(await expire()).toBe(1);
    expect([await stateOf(db, id), await stateOf(db, still)]).toEqual(["expired", "planned"]);
    expect(await expire()).toBe(0);
    expect(await listTasks()).toEqual([]);
  });

  test("becomes a call when it was critical", async () => {
    const id = await storeTouchpoint(db, person, { legal: over, importance: "critical" });
    await expire();
    expect(await listTasks()).toEqual([
      {
        kind: "call",
        template: "day-before",
        sessionId: person.sessionId,
        touchpointId: id,
        importance: "critical",
        state: "open",
        openedAt: NOW,
      },
    ]);
  });

  test("is shown to staff late rather than never when it was their own work", async () => {
    const id = await storeTouchpoint(db, person, { channel: "task", recipient: "staff", legal: over });
    await expire();
    expect(await listTasks()).toMatchObject([{ touchpointId: id, state: "open" }]);
  });

  test("before a visit that has ended since is no call, and one while it lasts or about one that is off is", async () => {
    const store = () => storeTouchpoint(db, person, { legal: before, importance: "critical" });
    const setSession = (endsAt: Instant, status: string) =>
      db
        .updateTable("sessions")
        .set({ startsAt: toTimestamp(BEGAN), endsAt: toTimestamp(endsAt), status })
        .where("id", "=", person.sessionId)
        .execute();
    await setSession(NOW, "dosed");
    await store();
    expect(await expire()).toBe(1);
    expect(await listTasks()).toEqual([]);
    await db.deleteFrom("touchpoints").execute();
    await setSession(instant(NOW + 1), "dosed");
    await store();
    await expire();
    expect(await listTasks()).toHaveLength(1);
    await db.deleteFrom("tasks").execute();
    await db.deleteFrom("touchpoints").execute();
    await setSession(NOW, "cancelled");
    await store();
    await expire();
    expect(await listTasks()).toHaveLength(1);
  });

  test("of staff before a visit that has ended since is opened, but not the search for a driver", async () => {
    const store = (taskKind: "record-outcome" | "find-driver") =>
      storeTouchpoint(db, person, { channel: "task", recipient: "staff", legal: before }).then((id) =>
        db.updateTable("touchpoints").set({ taskKind }).where("id", "=", id).execute(),
      );
    await db
      .updateTable("sessions")
      .set({ startsAt: toTimestamp(BEGAN), endsAt: toTimestamp(NOW) })
      .where("id", "=", person.sessionId)
      .execute();
    await store("find-driver");
    await expire();
    expect(await listTasks()).toEqual([]);
    await db.deleteFrom("touchpoints").execute();
    await store("record-outcome");
    await expire();
    expect((await listTasks()).map(({ kind }) => kind)).toEqual(["record-outcome"]);
  });

  test("ends even when the patient could not be reached", async () => {
    const id = await storeTouchpoint(db, person, { legal: over });
    await sql`update patients set hold_code = 'ill' where id = ${person.patientId}`.execute(db);
    await expire();
    expect(await stateOf(db, id)).toBe("expired");
  });
});

describe("what mattered and can no longer be said", () => {
  const callFor = async (wish: Parameters<typeof storeTouchpoint>[2] & { purpose?: string; rule?: string }) => {
    const { purpose = "reminder", rule = "day-before", ...rest } = wish;
    const id = await storeTouchpoint(db, person, { legal: over, ...rest });
    await db.updateTable("touchpoints").set({ purpose, rule }).where("id", "=", id).execute();
    return id;
  };
  const called = async () => (await listTasks()).map(({ touchpointId }) => touchpointId);

  test.each([
    ["when to fast and who drives", { importance: "high", purpose: "preparation" }, 1],
    ["what the driver has to know", { importance: "high", recipient: "escort" }, 1],
    ["that the clinic is closed", { purpose: "urgent-change" }, 1],
    ["a welcome", { importance: "high", purpose: "notice" }, 0],
    ["an ordinary reminder", {}, 0],
  ] as const)("%s: %o makes so many calls: %d", async (_, wish, calls) => {
    await callFor(wish);
    await expire();
    expect(await listTasks()).toHaveLength(calls);
  });

  test("is one call, although it should have gone by two channels", async () => {
    await callFor({ importance: "critical" });
    await callFor({ importance: "critical", channel: "email" });
    await expire();
    expect(await listTasks()).toHaveLength(1);
  });

  test("is no call when the other channel has said it", async () => {
    await callFor({ importance: "critical" });
    await callFor({ importance: "critical", channel: "email", state: "sent" });
    await expire();
    expect(await listTasks()).toEqual([]);
  });

  test("is a task for each survey that nobody filled in, although one rule asks for all of them", async () => {
    for (const survey of ["phq-9", "gad-7"]) {
      const id = await callFor({ channel: "task", recipient: "staff", rule: "survey-unanswered" });
      await db
        .updateTable("touchpoints")
        .set({ key: `survey-unanswered/${survey}:series:0/0/s/task` })
        .where("id", "=", id)
        .execute();
    }
    await expire();
    expect(await listTasks()).toHaveLength(2);
  });

  test("is a call to the new escort although the one before has read it, and one call although two channels failed", async () => {
    const read = async (key: string, wish: Parameters<typeof callFor>[0]) => {
      const id = await callFor({ importance: "high", recipient: "escort", ...wish });
      await db.updateTable("touchpoints").set({ key }).where("id", "=", id).execute();
    };
    await read("escort-day-before/x.0/0/e/sms", { state: "sent" });
    await read("escort-day-before/x.0/0/e/email", {});
    await expire();
    expect(await listTasks()).toEqual([]);
    await read("escort-day-before/x.0/0/e2/sms", {});
    await read("escort-day-before/x.0/0/e2/email", {});
    await expire();
    expect(await listTasks()).toHaveLength(1);
  });

  test("is no call to a family in mourning, nor where a call may reach the wrong person", async () => {
    for (const [code, calls] of [
      ["deceased", 0],
      ["privacy", 0],
      ["complaint", 1],
    ] as const) {
      person = await storePerson(db, clinic);
      await sql`update patients set hold_code = ${code} where id = ${person.patientId}`.execute(db);
      const id = await callFor({ importance: "critical" });
      await storeTouchpoint(db, person, { awaits: "discharge", legal: over });
      await expire();
      await suppress();
      expect(
        (await called()).filter((each) => each === id),
        code,
      ).toHaveLength(calls);
      expect(
        (await listTasks()).filter(({ template, sessionId }) => template === "no-outcome-call" && sessionId === person.sessionId),
      ).toHaveLength(calls);
    }
  });

  test("is an older stage that matters no more when a newer one is due", async () => {
    const hours = (ago: number) => instant(NOW - ago * HOUR);
    const old = await storeStage(db, person, {
      rule: "three-days",
      story: "lead-up",
      dueAt: hours(5),
      legal: over,
      importance: "critical",
    });
    await storeStage(db, person, { rule: "day-before", story: "lead-up", dueAt: hours(1) });
    expect(await expire()).toBe(1);
    expect([await stateOf(db, old), await listTasks()]).toEqual(["suppressed", []]);
  });

  test("two stages of work for staff open the newer one", async () => {
    const work = { channel: "task", recipient: "staff" } as const;
    const hours = (ago: number) => instant(NOW - ago * HOUR);
    const old = await storeStage(db, person, { rule: "file-form", story: "form", dueAt: hours(5), ...work });
    const urgent = await storeStage(db, person, { rule: "file-form-urgent", story: "form", dueAt: hours(1), ...work });
    expect(await transact(db, (tx) => openDueTasks(tx, NOW))).toBe(1);
    expect([await stateOf(db, old), await stateOf(db, urgent), await called()]).toEqual(["suppressed", "tasked", [urgent]]);
  });
});

describe("what is held at its last moment", () => {
  const hold = async (reason: string, wish: Parameters<typeof storeTouchpoint>[2] = {}) => {
    const id = await storeTouchpoint(db, person, { state: "held", legal: over, ...wish });
    await db.updateTable("touchpoints").set({ reason }).where("id", "=", id).execute();
    return id;
  };
  const end = () => transact(db, (tx) => suppressHeld(tx, NOW));
  const endingOf = (id: TouchpointId) =>
    db.selectFrom("touchpoints").select(["state", "reason"]).where("id", "=", id).executeTakeFirstOrThrow();

  test("ends suppressed, because its block was not lifted; not a moment before, and once", async () => {
    const id = await hold("series-paused");
    const still = await hold("series-paused", { legal: [{ from: instant(NOW - HOUR), to: instant(NOW + 1) }] });
    expect(await end()).toBe(1);
    expect(await endingOf(id)).toEqual({ state: "suppressed", reason: "block-not-lifted" });
    expect(await stateOf(db, still)).toBe("held");
    expect(await end()).toBe(0);
    expect(await listTasks()).toEqual([]);
  });

  test("becomes a call when it was critical", async () => {
    const id = await hold("no-consent", { importance: "critical" });
    await end();
    expect(await listTasks()).toMatchObject([{ kind: "call", template: "day-before", touchpointId: id }]);
  });

  test.each([
    ["deceased", 0],
    ["hospitalised", 1],
  ])("is work for staff only while the patient lives: %s", async (code, tasks) => {
    await sql`update patients set hold_code = ${code} where id = ${person.patientId}`.execute(db);
    await hold("patient-hold", { importance: "critical", recipient: "staff", channel: "task" });
    await end();
    expect(await listTasks()).toHaveLength(tasks);
  });

  test("was said already when its fallback was sent, and is no call", async () => {
    const id = await hold("opted-out", { importance: "critical" });
    const fallback = await storeTouchpoint(db, person, { channel: "email", state: "sent" });
    await db.updateTable("touchpoints").set({ fallbackOf: id }).where("id", "=", fallback).execute();
    await end();
    expect(await endingOf(id)).toEqual({ state: "suppressed", reason: "already-told" });
    expect(await listTasks()).toEqual([]);
  });

  test("is left to staff when nobody knows whether it was sent", async () => {
    const id = await hold("unknown", { importance: "critical" });
    expect(await end()).toBe(0);
    expect(await endingOf(id)).toEqual({ state: "held", reason: "unknown" });
  });
});

describe("a session whose outcome nobody recorded", () => {
  test("suppresses what waited for it and opens one call, however many rows waited and however often it is looked at", async () => {
    const ids = [
      await storeTouchpoint(db, person, { awaits: "discharge", legal: over }),
      await storeTouchpoint(db, person, { awaits: "dosing", legal: over, channel: "email" }),
      await storeTouchpoint(db, person, { awaits: "discharge", legal: over, recipient: "escort" }),
    ];
    const later = await storeTouchpoint(db, person, { awaits: "dosing" });
    expect(await suppress()).toBe(3);
    expect(await Promise.all(ids.map((id) => stateOf(db, id)))).toEqual(["suppressed", "suppressed", "suppressed"]);
    expect(await stateOf(db, later)).toBe("planned");
    await transact(db, (tx) => suppressUnrecorded(tx, instant(NOW + HOUR)));
    expect(await stateOf(db, later)).toBe("suppressed");
    expect(await listTasks()).toMatchObject([
      { kind: "call", template: "no-outcome-call", sessionId: person.sessionId, importance: "high" },
    ]);
  });

  test("gets its call once although two look at the same moment", async () => {
    const [one, other] = [
      await storeTouchpoint(db, person, { awaits: "dosing", legal: over }),
      await storeTouchpoint(db, person, { awaits: "dosing", legal: over }),
    ];
    await Promise.all([suppress(), suppress(), suppress()]);
    expect(await Promise.all([stateOf(db, one), stateOf(db, other)])).toEqual(["suppressed", "suppressed"]);
    expect(await listTasks()).toHaveLength(1);
  });

  test("each session gets its own", async () => {
    const other = await storePerson(db, clinic);
    for (const each of [person, other]) await storeTouchpoint(db, each, { awaits: "dosing", legal: over });
    await suppress();
    expect((await listTasks()).map(({ sessionId }) => sessionId).toSorted(byText)).toEqual(
      [person.sessionId, other.sessionId].toSorted(byText),
    );
  });
});

describe("a task that is due", () => {
  test("is opened within its hours and ends its touchpoint, once though several open at the same moment", async () => {
    const id = await storeTouchpoint(db, person, { channel: "task" });
    const early = await storeTouchpoint(db, person, { channel: "task", legal: [{ from: instant(NOW + 1), to: instant(NOW + HOUR) }] });
    const opened = await Promise.all(Array.from({ length: 4 }, () => transact(db, (tx) => openDueTasks(tx, NOW))));
    expect(opened.toSorted(byText)).toEqual([0, 0, 0, 1]);
    expect([await stateOf(db, id), await stateOf(db, early)]).toEqual(["tasked", "planned"]);
    expect(await listTasks()).toMatchObject([{ touchpointId: id, kind: "call" }]);
  });

  test("would be opened twice by sweeps that only read what is due", async () => {
    const id = await storeTouchpoint(db, person, { channel: "task" });
    const due = () =>
      sql`select id from claimable_touchpoints where channel = 'task' and try_at <= (select afterglow_now()) and id = ${id}`.execute(db);
    const seen = await Promise.all([due(), due()]);
    expect(seen.map(({ rows }) => rows.length)).toEqual([1, 1]);
  });

  test("needs no consent, but not for a patient on hold", async () => {
    await sql`update contact_points set granted = false where patient_id = ${person.patientId}`.execute(db);
    const call = await storeTouchpoint(db, person, { channel: "task" });
    const held = await storePerson(db, clinic);
    await sql`update patients set hold_code = 'ill' where id = ${held.patientId}`.execute(db);
    const [kept, staff] = [
      await storeTouchpoint(db, held, { channel: "task" }),
      await storeTouchpoint(db, held, { channel: "task", recipient: "staff" }),
    ];
    await transact(db, (tx) => openDueTasks(tx, NOW));
    expect([await stateOf(db, call), await stateOf(db, kept), await stateOf(db, staff)]).toEqual(["tasked", "planned", "tasked"]);
  });
});

describe("a call that the sweep opens", () => {
  // Friday, six in the evening in Denver: the clinic closed at four, and is closed on Monday as well.
  const FRIDAY = instant(Date.parse("2027-01-16T01:00:00Z"));
  const TUESDAY = Date.parse("2027-01-19T15:00:00Z");
  const until = (to: Instant) => [{ from: instant(NOW - HOUR), to }];
  const dueBy = async () => (await db.selectFrom("tasks").select("dueBy").orderBy("dueBy").execute()).map((task) => task.dueBy);
  const inTx = (sweep: (tx: Tx, now: Instant) => Promise<number>) => transact(db, (tx) => sweep(tx, FRIDAY));
  const expiring = async (id: TouchpointId, expiresAt: Instant) =>
    sql`update touchpoints set expires_at = to_timestamp(${expiresAt / 1_000}) where id = ${id}`.execute(db);

  test("about what nobody recorded is due a working day later, when somebody is there", async () => {
    await storeTouchpoint(db, person, { awaits: "dosing", legal: until(FRIDAY) });
    await inTx(suppressUnrecorded);
    expect(await dueBy()).toEqual([TUESDAY + 8 * HOUR]);
  });

  test.each([
    ["is of no more use", 0, TUESDAY + 2 * HOUR],
    ["is of use until nobody has been there", 12 * HOUR, TUESDAY + 2 * HOUR],
    ["is of use for an hour of Tuesday", TUESDAY + HOUR - FRIDAY, TUESDAY + HOUR],
    ["is of use for long", 30 * 24 * HOUR, TUESDAY + 2 * HOUR],
  ])("about what could not be said and %s is due within two staffed hours, in time if it can be", async (_, useful, due) => {
    const id = await storeTouchpoint(db, person, { legal: until(FRIDAY), importance: "critical" });
    await expiring(id, instant(FRIDAY + useful));
    await inTx(expireTouchpoints);
    expect(await dueBy()).toEqual([due]);
  });

  test("about what was held is due in staffed hours as well", async () => {
    await storeTouchpoint(db, person, { state: "held", legal: until(FRIDAY), importance: "critical" });
    await inTx(suppressHeld);
    expect(await dueBy()).toEqual([TUESDAY + 2 * HOUR]);
  });

  test("keeps the time that its plan gave it, and is due anew where that has passed", async () => {
    const work = { channel: "task", recipient: "staff" } as const;
    for (const due of [TUESDAY, FRIDAY - HOUR]) {
      const id = await storeTouchpoint(db, person, { ...work, legal: until(instant(FRIDAY + HOUR)) });
      await db
        .updateTable("touchpoints")
        .set({ taskDueBy: toTimestamp(instant(due)) })
        .where("id", "=", id)
        .execute();
      await expiring(id, instant(FRIDAY + 30 * 24 * HOUR));
    }
    await inTx(openDueTasks);
    expect(await dueBy()).toEqual([TUESDAY, TUESDAY + 2 * HOUR]);
  });
});

describe("a form that is asked for", () => {
  const ask = async (template: string, wish: Parameters<typeof storeTouchpoint>[2] = {}) => {
    const id = await storeTouchpoint(db, person, { channel: "task", recipient: "staff", ...wish });
    await db.updateTable("touchpoints").set({ taskKind: "file-form", template, rule: template }).where("id", "=", id).execute();
    await transact(db, (tx) => (wish.legal ? expireTouchpoints(tx, NOW) : openDueTasks(tx, NOW)));
  };
  const forms = () =>
    db
      .selectFrom("tasks")
      .select(["template", "state", "outcome", "closedBy", "assignee"])
      .where("kind", "=", "file-form")
      .orderBy("template")
      .execute();
  const open = { state: "open", outcome: null, closedBy: null, assignee: null };
  const replaced = { state: "cancelled", outcome: "newer-task", closedBy: "afterglow", assignee: null };

  test.each<[string, Parameters<typeof storeTouchpoint>[2]]>([
    ["in time", {}],
    ["late", { legal: over }],
  ])("again, %s, is one task: the newer one, and the audit says so", async (_, wish) => {
    await ask("form-1");
    await ask("form-2", wish);
    expect(await forms()).toEqual([
      { template: "form-1", ...replaced },
      { template: "form-2", ...open },
    ]);
    const told = db.selectFrom("events").select(["actor", "data"]).where("kind", "=", "task.cancelled").orderBy("id", "desc").limit(1);
    expect(await told.execute()).toEqual([{ actor: "afterglow", data: { kind: "file-form", because: "newer-task" } }]);
  });

  test("stays with whoever had taken the older task", async () => {
    await ask("form-1");
    await sql`update tasks set state = 'taken', assignee = 'Sam Lee'`.execute(db);
    await ask("form-2");
    expect(await forms()).toEqual([
      { template: "form-1", ...replaced, assignee: "Sam Lee" },
      { template: "form-2", ...open, state: "taken", assignee: "Sam Lee" },
    ]);
  });

  test("leaves alone another session's form, what is done, and other work", async () => {
    await ask("form-1");
    await sql`update tasks set state = 'done', outcome = 'filed', closed_by = 'Sam Lee', closed_at = now()`.execute(db);
    const call = await storeTouchpoint(db, person, { channel: "task" });
    await transact(db, (tx) => openDueTasks(tx, NOW));
    person = await storePerson(db, clinic);
    await ask("form-2");
    person = await storePerson(db, clinic);
    await ask("form-3");
    expect((await forms()).map(({ state }) => state)).toEqual(["done", "open", "open"]);
    expect((await listTasks()).filter(({ touchpointId }) => touchpointId === call)).toMatchObject([{ state: "open" }]);
  });
});

describe("what a worker holds", () => {
  const abandon = () => transact(db, (tx) => abandonDeadSends(tx, { deadAfterSeconds: 20 }));
  const beatAgo = (id: WorkerId, seconds: number) =>
    sql`update workers set beat_at = clock_timestamp() - make_interval(secs => ${seconds}) where id = ${id}`.execute(db);
  const hold = async (workerId: WorkerId, seconds = 1): Promise<TouchpointId> => {
    const id = await storeTouchpoint(db, person, { state: "sending" });
    await sql`update touchpoints set worker_id = ${workerId}, attempts = 1, claimed_at = clock_timestamp() - make_interval(secs => ${seconds}) where id = ${id}`.execute(
      db,
    );
    await sql`
      insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, state, content_hash)
      values (gen_random_uuid(), ${id}, ${clinic.clinicId}, ${workerId}, 1, 'sms', 'sending', '\\x00')`.execute(db);
    return id;
  };
  const work = () => registerWorker(db, { role: "worker", version: "test" });

  test.each([
    [19, "sending", 0],
    [21, "unknown", 1],
  ] as const)("after %d seconds without a heartbeat is %s", async (seconds, state, abandoned) => {
    const worker = await work();
    const id = await hold(worker);
    await beatAgo(worker, seconds);
    expect(await abandon()).toBe(abandoned);
    expect(await stateOf(db, id)).toBe(state);
    const deliveries = await db.selectFrom("deliveries").select("state").where("touchpointId", "=", id).execute();
    expect(deliveries).toEqual([{ state }]);
  });

  test("becomes unknown when the worker was never registered or has stopped", async () => {
    const stopped = await work();
    await retireWorker(db, stopped);
    const ids = [await hold(newId<"worker">()), await hold(stopped)];
    expect(await abandon()).toBe(2);
    expect(await Promise.all(ids.map((id) => stateOf(db, id)))).toEqual(["unknown", "unknown"]);
    expect(await abandon()).toBe(0);
  });

  test.each([
    [119, "sending"],
    [121, "unknown"],
  ] as const)("of a living worker, %d seconds after the claim, is %s: its record was lost", async (seconds, state) => {
    const id = await hold(await work(), seconds);
    await abandon();
    expect(await stateOf(db, id)).toBe(state);
  });

  test("is given up by a worker that has to go, and only its own", async () => {
    const [leaving, staying] = [await work(), await work()];
    const [left, kept] = [await hold(leaving), await hold(staying)];
    expect(await abandonOwnSends(db, leaving)).toBe(1);
    expect([await stateOf(db, left), await stateOf(db, kept)]).toEqual(["unknown", "sending"]);
    expect(await abandonOwnSends(db, leaving)).toBe(0);
  });

  test("a living worker is listed, a dead and a stopped one are not", async () => {
    const [alive, dead, stopped] = [await work(), await work(), await work()];
    await beatAgo(dead, 21);
    await retireWorker(db, stopped);
    const listed = (await listWorkers(db, { deadAfterSeconds: 20 })).map(({ id }) => id);
    expect(listed).toContain(alive);
    expect(listed).not.toContain(dead);
    expect(listed).not.toContain(stopped);
  });
});
