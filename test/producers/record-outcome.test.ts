import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import { newId } from "../../src/clock.ts";
import { DAY, HOUR, type Instant, instant, MINUTE } from "../../src/domain/calendar.ts";
import type { PatientId, SessionId } from "../../src/domain/ids.ts";
import { SESSION_STATUSES, type SessionStatus } from "../../src/domain/patient-facts.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { planPatient } from "../../src/producers/plan-patient.ts";
import { type Outcome, recordOutcome } from "../../src/producers/record-outcome.ts";
import { EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";
import { byText } from "../support/by-text.ts";
import { rowsOf } from "../support/course.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let count = 0;
let patientId: PatientId;
let session: { id: SessionId; startsAt: Instant; endsAt: Instant };

beforeEach(async () => {
  await setSteppedClock(db, EXAMPLES_BEGIN);
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana) expect.unreachable();
  const ref = `outcome-${++count}`;
  const [result] = await enqueueSeries(world.deps, [{ ...ana, externalId: ref, patient: { ...ana.patient, ref } }], {
    clinic: world.clinic.slug,
    actor: "staff:test",
    second: "refuse",
  });
  if (result?.kind !== "enqueued" || !result.patientId) expect.unreachable();
  patientId = result.patientId;
  await transact(db, (tx) => planPatient(tx, patientId, world.deps.tokens));
  session = await db
    .selectFrom("sessions")
    .select(["id", "startsAt", "endsAt"])
    .where("patientId", "=", patientId)
    .where("number", "=", 1)
    .executeTakeFirstOrThrow();
  await stepClock(db, session.endsAt);
});

const record = (outcome: Outcome, id: SessionId = session.id) => recordOutcome(world.deps, id, { outcome, actor: "staff:test" });
const setStatus = (status: SessionStatus) => db.updateTable("sessions").set({ status }).where("id", "=", session.id).execute();
const readSession = () => db.selectFrom("sessions").selectAll().where("id", "=", session.id).executeTakeFirstOrThrow();
const readRows = (rule: string) =>
  db
    .selectFrom("touchpoints")
    .select(["state", "awaits", "dueAt", "tryAt", "reason", "legalAt"])
    .where("sessionId", "=", session.id)
    .where("rule", "=", rule)
    .execute();

const OUTCOMES: Outcome[] = [
  { status: "arrived" },
  { status: "dosed" },
  { status: "discharged" },
  { status: "not_dosed", reason: "bp" },
  { status: "no_show" },
];
const LEGAL = new Set([
  "scheduled arrived",
  "scheduled dosed",
  "arrived dosed",
  "dosed discharged",
  "scheduled not_dosed",
  "arrived not_dosed",
  "scheduled no_show",
]);
const pairs = SESSION_STATUSES.flatMap((from) =>
  OUTCOMES.filter(({ status }) => status !== from).map((outcome) => [from, outcome.status, outcome] as const),
);

describe("recording an outcome", () => {
  test.each(pairs)("of a session that is %s as %s is taken exactly where it makes sense", async (from, to, outcome) => {
    await setStatus(from);
    const result = await record(outcome);
    const legal = LEGAL.has(`${from} ${to}`);
    expect(result.kind).toBe(legal ? "changed" : "refused");
    expect((await readSession()).status).toBe(legal ? to : from);
  });

  test.each(OUTCOMES)("twice as $status is recorded once", async (outcome) => {
    if (outcome.status === "discharged") await setStatus("dosed");
    expect((await record(outcome)).kind).toBe("changed");
    const events = () => db.selectFrom("events").select("kind").where("subjectId", "=", session.id).execute();
    expect(await events()).toEqual([{ kind: `session.${outcome.status}` }]);
    expect(await record(outcome)).toEqual({ kind: "same" });
    expect(await events()).toHaveLength(1);
  });

  test("by two people at the same moment is recorded once", async () => {
    const results = await Promise.all([record({ status: "arrived" }), record({ status: "arrived" }), record({ status: "arrived" })]);
    expect(results.map(({ kind }) => kind).toSorted(byText)).toEqual(["changed", "same", "same"]);
  });

  test("an unknown session, a moment to come, one before the session's day and one before the dose are refused", async () => {
    expect(await record({ status: "arrived" }, newId<"session">())).toMatchObject({ kind: "refused", faults: [{ path: "session" }] });
    expect(await record({ status: "arrived", at: instant(session.endsAt + 1) })).toMatchObject({
      kind: "refused",
      faults: [{ path: "at" }],
    });
    expect(await record({ status: "arrived", at: instant(session.startsAt - DAY - 1) })).toMatchObject({
      kind: "refused",
      faults: [{ path: "at" }],
    });
    // Nine in the morning less ten hours is the evening before: another visit was meant.
    for (const status of ["arrived", "dosed"] as const)
      expect(await record({ status, at: instant(session.startsAt - 10 * HOUR) })).toMatchObject({
        kind: "refused",
        faults: [{ path: "at" }],
      });
    expect(await record({ status: "no_show", at: instant(session.startsAt - 1) })).toMatchObject({
      kind: "refused",
      faults: [{ path: "at" }],
    });
    await record({ status: "dosed", at: instant(session.startsAt + HOUR) });
    expect(await record({ status: "discharged", at: instant(session.startsAt + HOUR - 1) })).toMatchObject({
      kind: "refused",
      faults: [{ path: "at" }],
    });
    expect(await record({ status: "discharged", at: instant(session.startsAt + HOUR) })).toMatchObject({ kind: "changed" });
  });
});

describe("what waited for a fact", () => {
  test("is released by it, and no sooner", async () => {
    expect(await readRows("next-day")).toMatchObject([{ state: "planned", awaits: "dosing" }]);
    await record({ status: "arrived" });
    expect(await readRows("next-day")).toMatchObject([{ awaits: "dosing" }]);
    await record({ status: "dosed" });
    expect(await readRows("next-day")).toMatchObject([{ state: "planned", awaits: null }]);
    expect(await readRows("home-safe")).toMatchObject([{ awaits: "discharge" }]);
  });

  test("is measured from the discharge as it was, not as it was planned", async () => {
    const [before] = await readRows("home-safe");
    await record({ status: "dosed" });
    await stepClock(db, instant(session.endsAt + 50 * MINUTE));
    await record({ status: "discharged" });
    const [after] = await readRows("home-safe");
    expect(after?.awaits).toBeNull();
    expect((after?.dueAt ?? 0) - (before?.dueAt ?? 0)).toBe(50 * MINUTE);
    expect(after?.tryAt).toBe(after?.dueAt);
  });

  test.each<Outcome>([{ status: "no_show" }, { status: "not_dosed", reason: "food" }])(
    "ends when the session did not come to it: $status",
    async (outcome) => {
      await record(outcome);
      const rows = await db
        .selectFrom("touchpoints")
        .select(["state", "awaits"])
        .where("sessionId", "=", session.id)
        .where("state", "=", "planned")
        // What is to be done about a visit that was missed comes of the outcome itself.
        .where("rule", "not like", "missed-visit%")
        .execute();
      expect(rows).toEqual([]);
      expect(await readRows("home-safe")).toMatchObject([{ state: "cancelled" }]);
      const others =
        await sql`select from touchpoints where patient_id = ${patientId} and session_id <> ${session.id} and state = 'planned'`.execute(
          db,
        );
      expect(others.rows.length).toBeGreaterThan(10);
    },
  );
});

describe("a discharge", () => {
  const OBSERVATION = 45 * MINUTE;
  const dose = async () => {
    await record({ status: "dosed", at: session.startsAt });
    return instant(session.startsAt + OBSERVATION);
  };
  const readNote = async () => {
    const { outcomeNoteSealed } = await readSession();
    return (
      outcomeNoteSealed && world.deps.vault.open(outcomeNoteSealed, { table: "sessions", column: "outcome_note_sealed", row: session.id })
    );
  };
  const event = () =>
    db
      .selectFrom("events")
      .select(["actor", "data"])
      .where("subjectId", "=", session.id)
      .where("kind", "=", "session.discharged")
      .execute();

  test("a minute before the observation is over warns and is recorded with who and why; nothing of the reason is readable in the audit", async () => {
    const until = await dose();
    const result = await record({ status: "discharged", at: instant(until - MINUTE), why: "the ride had come" });
    expect(result).toMatchObject({
      kind: "changed",
      value: { status: "discharged", minutesEarly: 1 },
      warnings: [expect.stringContaining("staff:test")],
    });
    expect(await readNote()).toBe("the ride had come");
    expect(await event()).toEqual([{ actor: "staff:test", data: { at: new Date(until - MINUTE).toISOString(), minutesEarly: 1 } }]);
  });

  test("at the end of the observation is no reason for a warning", async () => {
    const until = await dose();
    expect(await record({ status: "discharged", at: until })).toMatchObject({
      kind: "changed",
      value: { minutesEarly: null },
      warnings: [],
    });
    expect((await event())[0]?.data).not.toHaveProperty("minutesEarly");
  });

  test("that is early is not held up by a missing reason, which is asked for and can be added once", async () => {
    const until = await dose();
    const result = await record({ status: "discharged", at: instant(until - MINUTE) });
    expect(result).toMatchObject({ kind: "changed", warnings: [expect.stringContaining("--why")] });
    expect(await record({ status: "discharged", why: "felt well" })).toMatchObject({ kind: "changed", value: { status: "discharged" } });
    expect(await readNote()).toBe("felt well");
    expect(await record({ status: "discharged", why: "another" })).toEqual({ kind: "same" });
    expect(await readNote()).toBe("felt well");
  });
});

describe("an outcome", () => {
  test("keeps the clinic time at which it was recorded beside the time at which it happened", async () => {
    await record({ status: "dosed", at: session.startsAt });
    expect(await readSession()).toMatchObject({ dosedAt: session.startsAt, outcomeAt: session.endsAt });
  });

  test("in a dry run or from a stale view stores nothing", async () => {
    const rows = rowsOf(world);
    const before = await rows.dump();
    const options = { outcome: { status: "dosed" }, actor: "staff:test" } as const;
    expect(await recordOutcome(world.deps, session.id, { ...options, dryRun: true })).toMatchObject({ kind: "changed", dryRun: true });
    expect(await recordOutcome(world.deps, session.id, { ...options, ifRevision: 999 })).toMatchObject({
      kind: "refused",
      faults: [{ path: "revision" }],
    });
    expect(await rows.dump()).toEqual(before);
  });

  test("settles the task that asked for it", async () => {
    const { clinicId, seriesId } = await readSession();
    const at = new Date(session.endsAt).toISOString();
    const task = {
      id: newId<"task">(),
      clinicId,
      patientId,
      seriesId,
      sessionId: session.id,
      kind: "record-outcome",
      template: "record-outcome",
    };
    await db
      .insertInto("tasks")
      .values({ ...task, locale: "en", state: "open", importance: "high", openedAt: at, dueBy: at })
      .execute();
    await record({ status: "arrived" });
    const state = async () => (await db.selectFrom("tasks").select("state").where("id", "=", task.id).executeTakeFirst())?.state;
    expect(await state()).toBe("open");
    await record({ status: "dosed" });
    expect(await state()).toBe("cancelled");
  });
});

describe("a fact that fails on its way", () => {
  test("leaves neither the fact nor a plan", async () => {
    await sql`create function fail_now() returns trigger language plpgsql as $$ begin raise exception 'as asked'; end $$`.execute(db);
    await sql`create trigger fail_now before update of awaits on touchpoints for each row execute function fail_now()`.execute(db);
    await expect(record({ status: "dosed" })).rejects.toThrow("as asked");
    await sql`drop trigger fail_now on touchpoints`.execute(db);
    await sql`drop function fail_now`.execute(db);
    expect((await readSession()).status).toBe("scheduled");
    expect(await db.selectFrom("events").select("kind").where("subjectId", "=", session.id).execute()).toEqual([]);
    expect(await sql`select from patients where id = ${patientId} and plan_revision <> planned_revision`.execute(db)).toMatchObject({
      rows: [],
    });
  });
});
