import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { hashToken } from "../../src/db/link-tokens.ts";
import { findLinkByToken } from "../../src/db/page-links.ts";
import { DAY, instant } from "../../src/domain/calendar.ts";
import { HOLD_CODES } from "../../src/domain/patient-facts.ts";
import type { ChangeDeps, ChangeOptions } from "../../src/producers/change-facts.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { holdPatient } from "../../src/producers/hold-patient.ts";
import { releasePatient } from "../../src/producers/release-patient.ts";
import { verifyPatient } from "../../src/producers/verify-patient.ts";
import { voidSeries } from "../../src/producers/void-series.ts";
import { watchPatient } from "../../src/producers/watch-patient.ts";
import { byText } from "../support/by-text.ts";
import { EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";
import { BY, checksum, DRY, enrol, type Enrolled, eventsOf, revisionOf, rowsOf, sessionsOf, statesOf } from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db, tokens, vault } = world.deps;
const REASON = "Her sister called: admitted on Sunday";
let ana: Enrolled;

beforeEach(async () => {
  ana = await enrol(world, "ana-iv");
});

const hold = (code: (typeof HOLD_CODES)[number] = "hospitalised", options = BY, reason = REASON) =>
  holdPatient(world.deps, ana.patientId, { ...options, code, reason });
const release = (options = BY) => releasePatient(world.deps, ana.patientId, options);
const patientRow = () => db.selectFrom("patients").selectAll().where("id", "=", ana.patientId).executeTakeFirstOrThrow();
const pageOfSeries = async () => {
  const link = await db
    .selectFrom("links")
    .selectAll()
    .where("subjectId", "=", ana.seriesId)
    .where("revokedAt", "is", null)
    .executeTakeFirstOrThrow();
  return findLinkByToken(db, hashToken(tokens.tokenOf(link)));
};

describe("a patient on hold", () => {
  test.each(HOLD_CODES)("(%s) hears nothing, nor does the escort, and sessions stay booked", async (code) => {
    const before = (await statesOf(db, ana))["planned"];
    expect(await hold(code)).toMatchObject({ kind: "changed", value: { hold: code, sessionsToCome: 6 } });
    expect(await statesOf(db, ana)).toMatchObject({ "held(patient-hold)": before });
    expect(
      (await sql`select from claimable_touchpoints where patient_id = ${ana.patientId} and recipient <> 'staff'`.execute(db)).rows,
    ).toEqual([]);
    expect((await sessionsOf(db, ana)).map(({ status, sequence }) => `${status} ${sequence}`)).toEqual(Array(6).fill("scheduled 0"));
  });

  test("has links that open nothing until the hold is lifted", async () => {
    expect(await pageOfSeries()).toBeDefined();
    await hold();
    expect(await pageOfSeries()).toBeUndefined();
    await release();
    expect(await pageOfSeries()).toBeDefined();
  });

  test("is held in every series", async () => {
    const [chen] = await readSeriesExample("chen-esketamine");
    if (!chen) expect.unreachable();
    const second = await enrol(world, "chen-esketamine", (request) => ({ ...request, patient: ana.request.patient }));
    expect(second.patientId).toBe(ana.patientId);
    await hold();
    expect((await statesOf(db, second))["planned"]).toBeUndefined();
  });

  test("has the reason sealed, and neither reason nor code in the audit", async () => {
    await hold("deceased");
    const { holdReasonSealed, holdCode, heldAt } = await patientRow();
    expect({ holdCode, heldAt }).toEqual({ holdCode: "deceased", heldAt: EXAMPLES_BEGIN });
    expect(holdReasonSealed && vault.open(holdReasonSealed, { table: "patients", column: "hold_reason_sealed", row: ana.patientId })).toBe(
      REASON,
    );
    const events = await db.selectFrom("events").selectAll().where("subjectId", "=", ana.patientId).execute();
    expect(events.map(({ kind, data }) => ({ kind, data }))).toEqual([{ kind: "patient.held", data: {} }]);
  });

  test("may be held for another reason without having been free in between", async () => {
    await hold("hospitalised");
    await setSteppedClock(db, instant(EXAMPLES_BEGIN + DAY));
    expect(await hold("deceased")).toMatchObject({ kind: "changed" });
    expect(await patientRow()).toMatchObject({ holdCode: "deceased", heldAt: EXAMPLES_BEGIN });
  });

  test("of whom staff enqueue another series is planned in silence, and staff are told", async () => {
    await hold();
    const [ben] = await readSeriesExample("ben-im");
    if (!ben) expect.unreachable();
    const sessions = ben.sessions?.map((session) => ({ ...session, startsAt: instant(session.startsAt + 90 * DAY) })) ?? null;
    const request = { ...ben, sessions, externalId: `held-${ana.patientId}`, patient: ana.request.patient };
    const [result] = await enqueueSeries(world.deps, [request], { clinic: world.clinic.slug, actor: "staff:test", second: "also" });
    expect(result).toMatchObject({ kind: "enqueued", warnings: expect.arrayContaining([expect.stringContaining("on hold")]) });
  });
});

describe("open work for staff", () => {
  const openTask = async (kind: string) => {
    const id = newId<"task">();
    const clinicId = world.clinicId;
    const [openedAt, dueBy] = [EXAMPLES_BEGIN, EXAMPLES_BEGIN + DAY].map((at) => new Date(at).toISOString());
    await sql`
      insert into tasks (id, clinic_id, patient_id, series_id, kind, template, locale, importance, opened_at, due_by)
      values (${id}, ${clinicId}, ${ana.patientId}, ${ana.seriesId}, ${kind}, 'day-before', 'en', 'high', ${openedAt}, ${dueBy})`.execute(
      db,
    );
    return async () => (await db.selectFrom("tasks").select("state").where("id", "=", id).executeTakeFirstOrThrow()).state;
  };

  test("that would have them ring up somebody who has died is closed, and no other hold closes it", async () => {
    const stateOf = await openTask("call");
    await hold("hospitalised");
    expect(await stateOf()).toBe("open");
    await hold("deceased", DRY);
    expect(await stateOf()).toBe("open");
    await hold("deceased");
    expect(await stateOf()).toBe("cancelled");
  });

  test("that asks for a check with the patient is closed by the check", async () => {
    const stateOf = await openTask("verify");
    await verifyPatient(world.deps, ana.patientId, BY);
    expect(await stateOf()).toBe("cancelled");
  });

  test("about a series that is voided is closed with it", async () => {
    const stateOf = await openTask("call");
    await setSteppedClock(db, instant(EXAMPLES_BEGIN + 1));
    await voidSeries(world.deps, ana.seriesId, { ...BY, reach: "any" });
    expect(await stateOf()).toBe("cancelled");
  });
});

describe("a patient who is released", () => {
  test("gets what is still of use, and never a backlog", async () => {
    const before = await rowsOf(db, ana);
    await hold();
    const later = instant(EXAMPLES_BEGIN + 12 * DAY);
    await setSteppedClock(db, later);
    const shown = await release(DRY);
    const done = await release();
    if (shown.kind !== "changed" || done.kind !== "changed") expect.unreachable();
    const followsFrom = ({ touchpoints }: typeof shown) =>
      touchpoints.map(({ rule, sessionId, channel, before, after }) => ({ rule, sessionId, channel, before, after }));
    expect(followsFrom(shown)).toEqual(followsFrom(done));
    const rows = await rowsOf(db, ana);
    expect(rows.filter(({ state, tryAt }) => state === "planned" && tryAt < later)).toEqual([]);
    const toCome = before.filter(({ state, dueAt }) => state === "planned" && dueAt > later).map(({ id }) => id);
    expect(rows.filter(({ id, state }) => toCome.includes(id) && state === "planned")).toHaveLength(toCome.length);
    expect(await patientRow()).toMatchObject({ holdCode: null, holdReasonSealed: null, heldAt: null });
    expect(await eventsOf(db, ana.patientId)).toEqual(["patient.held", "patient.released"]);
  });
});

type Verb = (deps: ChangeDeps, id: Enrolled["patientId"], options: ChangeOptions) => Promise<{ readonly kind: string }>;
const VERBS: [string, Verb][] = [
  ["holding", (deps, id, options) => holdPatient(deps, id, { ...options, code: "other", reason: REASON })],
  ["releasing", releasePatient],
  ["watching", (deps, id, options) => watchPatient(deps, id, { ...options, watch: "watched" })],
  ["no longer watching", (deps, id, options) => watchPatient(deps, id, { ...options, watch: "unwatched" })],
  ["verifying", verifyPatient],
];

describe.each(VERBS)("%s", (name, change) => {
  const run = (options = BY) => change(world.deps, ana.patientId, options);

  beforeEach(async () => {
    if (name === "releasing") await hold();
    if (name === "no longer watching") await watchPatient(world.deps, ana.patientId, { ...BY, watch: "watched" });
  });

  test("twice is once, whoever does it at the same moment", async () => {
    const results = await Promise.all([run(), run(), run()]);
    expect(results.map(({ kind }) => kind).toSorted(byText)).toEqual(["changed", "same", "same"]);
    const before = await checksum(db);
    expect(await run()).toEqual({ kind: "same" });
    expect(await checksum(db)).toEqual(before);
  });

  test("as a dry run stores nothing", async () => {
    const before = await checksum(db);
    expect(await run(DRY)).toMatchObject({ kind: "changed", dryRun: true });
    expect(await checksum(db)).toEqual(before);
  });

  test("on a plan that has changed since, or of somebody unknown, is refused", async () => {
    expect(await run({ ...BY, ifRevision: (await revisionOf(db, ana)) + 1 })).toMatchObject({
      kind: "refused",
      faults: [{ path: "revision" }],
    });
    expect(await change(world.deps, newId<"patient">(), BY)).toMatchObject({ kind: "refused", faults: [{ path: "patient" }] });
  });
});

test("a check with the patient is kept with its time, and a later one replaces it", async () => {
  expect(await verifyPatient(world.deps, ana.patientId, BY)).toMatchObject({ value: { verifiedAt: "2027-01-04T15:00:00.000Z" } });
  const later = instant(EXAMPLES_BEGIN + DAY);
  await setSteppedClock(db, later);
  await verifyPatient(world.deps, ana.patientId, BY);
  expect(await patientRow()).toMatchObject({ verifiedAt: later });
  expect(await eventsOf(db, ana.patientId)).toEqual(["patient.verified", "patient.verified"]);
});
