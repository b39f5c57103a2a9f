import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { countWaiting, endDueBefore, endSafeMode, findSafeMode, guardHome } from "../../src/db/safe-mode.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { markHinted } from "../../src/db/sweeps.ts";
import { openDueTasks } from "../../src/db/sweep-ends.ts";
import { transact } from "../../src/db/transact.ts";
import { HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import { leaveSafeMode, previewWaiting } from "../../src/producers/leave-safe-mode.ts";
import { cloneDatabase } from "../support/database.ts";
import { NOW, storeClinic } from "./support/stored-clinic.ts";
import { claimOf, stateOf, type StoredPerson, storePerson, storeTouchpoint } from "./support/stored-rows.ts";

const { db } = await cloneDatabase();
const clinic = await storeClinic(db);
const staff = { actor: "staff:Sam", dryRun: false };
let person: StoredPerson;

const clock = () => db.selectFrom("clinicClock").select(["home", "safeModeSince", "safeModeReason"]).executeTakeFirstOrThrow();
const setHome = (change: ReturnType<typeof sql>) => sql`update clinic_clock set ${change}`.execute(db);
const restored = () =>
  setHome(sql`safe_mode_since = afterglow_now(), safe_mode_reason = 'the database runs on another server than before'`);
const reasonOf = async (id: string) =>
  (
    await db
      .selectFrom("touchpoints")
      .select("reason")
      .where("id", "=", id as never)
      .executeTakeFirstOrThrow()
  ).reason;
const dueAgo = (ms: number, rest: object = {}) => ({ tryAt: instant(NOW - ms), ...rest });
const until = (ms: number) => ({ legal: [{ from: instant(NOW - 12 * HOUR), to: instant(NOW + ms) }] });

describe("where the database lives", () => {
  beforeEach(() => setHome(sql`mode = 'real', environment = 'production', home = null, safe_mode_since = null, safe_mode_reason = null`));

  test("is remembered at the first start, and found again at the next", async () => {
    expect(await guardHome(db)).toEqual({ kind: "adopted" });
    const { home } = await clock();
    expect(home).toMatch(/^\d+\/\d+\/\d+$/);
    expect(await guardHome(db)).toEqual({ kind: "home" });
    expect(await clock()).toEqual({ home, safeModeSince: null, safeModeReason: null });
  });

  test.each([
    [sql`'1/' || split_part(home, '/', 2) || '/' || split_part(home, '/', 3)`, "the database runs on another server than before"],
    [sql`split_part(home, '/', 1) || '/77/' || split_part(home, '/', 3)`, "its server was restored or promoted (timeline 1, before 77)"],
    [sql`split_part(home, '/', 1) || '/' || split_part(home, '/', 2) || '/1'`, "it was copied into another database"],
  ])("having changed, begins safe mode and says what changed", async (home, reason) => {
    await guardHome(db);
    await setHome(sql`home = ${home}`);
    const guarded = await guardHome(db);
    expect(guarded).toMatchObject({ kind: "safe-mode", reason });
    expect(await findSafeMode(db)).toMatchObject({ reason });
    // A second start neither ends it nor begins it anew.
    expect(await guardHome(db)).toEqual(guarded);
  });

  test("having changed, is found by every process that starts at that moment", async () => {
    await setHome(sql`home = '1/1/1'`);
    const kinds = (await Promise.all([guardHome(db), guardHome(db), guardHome(db)])).map(({ kind }) => kind);
    expect(kinds).toEqual(["safe-mode", "safe-mode", "safe-mode"]);
  });

  test("is taken for home outside production, where databases are copies of each other", async () => {
    await setHome(sql`home = '1/1/1', environment = 'test'`);
    expect(await guardHome(db)).toEqual({ kind: "adopted" });
    expect(await findSafeMode(db)).toBeUndefined();
    expect(await guardHome(db)).toEqual({ kind: "home" });
  });

  test("is remembered anew when safe mode ends, so that the next start finds nothing", async () => {
    await setHome(sql`home = '1/1/1'`);
    await guardHome(db);
    expect(await transact(db, endSafeMode)).toMatchObject({ reason: expect.stringContaining("another server") });
    expect(await guardHome(db)).toEqual({ kind: "home" });
    expect(await transact(db, endSafeMode)).toBeUndefined();
  });
});

describe("in safe mode", () => {
  beforeEach(async () => {
    await sql`delete from tasks`.execute(db);
    await sql`delete from touchpoints`.execute(db);
    await setHome(sql`environment = 'test', safe_mode_since = null, safe_mode_reason = null`);
    await setSteppedClock(db, NOW);
    person = await storePerson(db, clinic);
  });

  const claim = (id: Parameters<typeof claimOf>[0]) => claimTouchpoints(db, [claimOf(id)], { workerId: newId<"worker">(), channel: "sms" });
  const hint = () => transact(db, (tx) => markHinted(tx, { now: NOW, horizon: NOW, lostSince: NOW }));

  test("nothing is claimed or hinted, and work for staff goes on", async () => {
    const [text, call] = [await storeTouchpoint(db, person), await storeTouchpoint(db, person, { channel: "task", recipient: "staff" })];
    await restored();
    expect(await claim(text)).toEqual([]);
    expect(await hint()).toEqual([]);
    await transact(db, (tx) => openDueTasks(tx, NOW));
    expect([await stateOf(db, text), await stateOf(db, call)]).toEqual(["planned", "tasked"]);
  });

  test("it can be seen what would go, and what is overdue, without anything going", async () => {
    const due = await storeTouchpoint(db, person, dueAgo(HOUR));
    await storeTouchpoint(db, person, { ...dueAgo(HOUR), legal: [{ from: instant(NOW + 1), to: instant(NOW + HOUR) }] });
    await storeTouchpoint(db, person, dueAgo(-HOUR, until(3 * HOUR)));
    await restored();
    expect(await previewWaiting({ db })).toEqual({ wouldGo: 1, overdue: 2, withinADay: 1, oldestDueAt: instant(NOW - HOUR) });
    expect(await countWaiting(db)).toMatchObject({ wouldGo: 0 });
    expect(await claim(due)).toEqual([]);
  });

  test("leaving it ends what was due before, and sends what is due from then on", async () => {
    const [late, past, now, waits] = [
      await storeTouchpoint(db, person, { ...dueAgo(3 * HOUR), ...until(0) }),
      await storeTouchpoint(db, person, dueAgo(1)),
      await storeTouchpoint(db, person, dueAgo(0)),
      await storeTouchpoint(db, person, { ...dueAgo(HOUR), awaits: "discharge" }),
    ];
    await restored();
    const left = await leaveSafeMode({ db }, { notBefore: null, reason: "checked" }, staff);
    expect(left).toMatchObject({
      kind: "left",
      notBefore: NOW,
      ended: { suppressed: 2, expired: 1, calls: 0, inFlight: 0 },
      waiting: { wouldGo: 1 },
    });
    expect([await stateOf(db, late), await reasonOf(late)]).toEqual(["expired", "too-late"]);
    expect([await stateOf(db, past), await reasonOf(past)]).toEqual(["suppressed", "past"]);
    expect(await stateOf(db, waits)).toBe("suppressed");
    expect(await claim(now)).toHaveLength(1);
    const [event] = await db.selectFrom("events").select(["kind", "actor"]).where("kind", "=", "safe-mode.left").execute();
    expect(event).toEqual({ kind: "safe-mode.left", actor: "staff:Sam" });
  });

  test("what mattered of it becomes a call, once", async () => {
    const critical = await storeTouchpoint(db, person, { ...dueAgo(HOUR), importance: "critical" });
    await storeTouchpoint(db, person, { ...dueAgo(HOUR), importance: "low" });
    await restored();
    expect(await leaveSafeMode({ db }, { notBefore: null, reason: "checked" }, staff)).toMatchObject({
      ended: { suppressed: 2, calls: 1 },
    });
    const tasks = await db.selectFrom("tasks").select(["touchpointId", "kind", "state"]).execute();
    expect(tasks).toEqual([{ touchpointId: critical, kind: "call", state: "open" }]);
  });

  test("what may have been sent is never sent again, and what waits for a person's decision still does", async () => {
    const [sending, unknown, undecided, blocked] = [
      await storeTouchpoint(db, person, { ...dueAgo(HOUR), state: "sending" }),
      await storeTouchpoint(db, person, { ...dueAgo(HOUR), state: "unknown" }),
      await storeTouchpoint(db, person, { ...dueAgo(HOUR), state: "held" }),
      await storeTouchpoint(db, person, { ...dueAgo(HOUR), state: "held" }),
    ];
    await sql`update touchpoints set reason = case id when ${undecided} then 'unknown' else 'opted-out' end where state = 'held'`.execute(
      db,
    );
    await restored();
    await leaveSafeMode({ db }, { notBefore: null, reason: "checked" }, staff);
    expect([await stateOf(db, undecided), await stateOf(db, blocked)]).toEqual(["held", "suppressed"]);
    const rows = await db.selectFrom("touchpoints").select(["id", "unwantedAt"]).where("id", "in", [sending, unknown]).execute();
    expect(rows.map(({ unwantedAt }) => unwantedAt !== null)).toEqual([true, true]);
  });

  test("the restore point can lie later, but not for ever", async () => {
    const soon = await storeTouchpoint(db, person, dueAgo(-MINUTE));
    const after = await storeTouchpoint(db, person, dueAgo(-HOUR, until(3 * HOUR)));
    await restored();
    const far = await leaveSafeMode({ db }, { notBefore: instant(NOW + 8 * 24 * HOUR), reason: "checked" }, staff);
    expect(far).toMatchObject({ kind: "refused", faults: [{ path: "not-before" }] });
    expect(await findSafeMode(db)).toBeDefined();
    await leaveSafeMode({ db }, { notBefore: instant(NOW + HOUR), reason: "checked" }, staff);
    expect([await stateOf(db, soon), await stateOf(db, after)]).toEqual(["suppressed", "planned"]);
  });

  test("leaving as a rehearsal says the same and stays; leaving twice is refused", async () => {
    const past = await storeTouchpoint(db, person, dueAgo(1));
    await restored();
    const shown = await leaveSafeMode({ db }, { notBefore: null, reason: "checked" }, { ...staff, dryRun: true });
    expect(shown).toMatchObject({ kind: "left", dryRun: true, ended: { suppressed: 1 } });
    expect([await stateOf(db, past), await findSafeMode(db)]).toMatchObject(["planned", { reason: expect.any(String) }]);
    expect((await leaveSafeMode({ db }, { notBefore: null, reason: "checked" }, staff)).kind).toBe("left");
    expect(await leaveSafeMode({ db }, { notBefore: null, reason: "checked" }, staff)).toMatchObject({ kind: "refused" });
  });

  test("a row that is never due before is not touched", async () => {
    const future = await storeTouchpoint(db, person, dueAgo(-HOUR, until(3 * HOUR)));
    expect(await transact(db, (tx) => endDueBefore(tx, { notBefore: NOW, now: NOW }))).toEqual({
      suppressed: 0,
      expired: 0,
      calls: 0,
      inFlight: 0,
    });
    expect(await stateOf(db, future)).toBe("planned");
  });
});
