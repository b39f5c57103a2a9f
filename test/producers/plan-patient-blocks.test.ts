import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { raisePlanRevision } from "../../src/db/plans.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { transact } from "../../src/db/transact.ts";
import { newId } from "../../src/clock.ts";
import { DAY, instant } from "../../src/domain/calendar.ts";
import type { PatientId } from "../../src/domain/ids.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { planPatient } from "../../src/producers/plan-patient.ts";
import { claimNow } from "../db/support/stored-rows.ts";
import { EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db, tokens } = world.deps;
let count = 0;

/** Ana as in the examples, enqueued and not planned yet. */
async function enqueueAna(): Promise<PatientId> {
  await setSteppedClock(db, EXAMPLES_BEGIN);
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana) expect.unreachable();
  const ref = `blocks-${++count}`;
  const [result] = await enqueueSeries(world.deps, [{ ...ana, externalId: ref, patient: { ...ana.patient, ref } }], {
    clinic: world.clinic.slug,
    actor: "staff:test",
    second: "refuse",
  });
  if (result?.kind !== "enqueued" || !result.patientId) expect.unreachable();
  return result.patientId;
}

const plan = (patientId: PatientId) =>
  transact(db, async (tx) => {
    await raisePlanRevision(tx, [patientId]);
    return planPatient(tx, patientId, tokens);
  });

const rowsOf = (patientId: PatientId) =>
  db.selectFrom("touchpoints").selectAll().where("patientId", "=", patientId).orderBy("id").execute();

async function statesOf(patientId: PatientId, recipient: "person" | "staff"): Promise<Set<string>> {
  const rows = (await rowsOf(patientId)).filter((row) => (row.recipient === "staff") === (recipient === "staff"));
  return new Set(rows.filter(({ state }) => state !== "suppressed").map(({ state, reason }) => `${state} ${reason}`));
}

const setHold = (patientId: PatientId, code: string | null) =>
  sql`update patients set hold_code = ${code} where id = ${patientId}`.execute(db);

describe("a hold", () => {
  test("takes every row to a person out of a worker's reach, and gives it back as it was", async () => {
    const ana = await enqueueAna();
    await plan(ana);
    const before = await rowsOf(ana);
    await setHold(ana, "hospitalised");
    const shown = (await plan(ana)).changes();
    expect(await statesOf(ana, "person")).toEqual(new Set(["held patient-hold"]));
    expect(await statesOf(ana, "staff")).toEqual(new Set(["planned null"]));
    expect(shown.find(({ before: was }) => was?.state === "planned")?.after).toMatchObject({ state: "held", reason: "patient-hold" });
    const held = (await rowsOf(ana)).filter(({ state }) => state === "held");
    expect(held.every(({ hintedAt }) => hintedAt === null)).toBe(true);
    const claims = await Promise.all(held.filter(({ channel }) => channel === "sms").map(({ id }) => claimNow(db, id)));
    await setHold(ana, null);
    expect(await claimTouchpoints(db, claims, { workerId: newId<"worker">(), channel: "sms" })).toEqual([]);
    await plan(ana);
    expect(await rowsOf(ana)).toEqual(before.map((row) => (row.recipient === "staff" ? row : { ...row, hintedAt: null })));
  });

  test("that stood before the first plan stores it held, and planning again changes nothing", async () => {
    const ana = await enqueueAna();
    await setHold(ana, "other");
    await plan(ana);
    expect(await statesOf(ana, "person")).toEqual(new Set(["held patient-hold"]));
    const rows = await rowsOf(ana);
    await stepClock(db, instant(EXAMPLES_BEGIN + 3 * DAY));
    await plan(ana);
    expect(await rowsOf(ana)).toEqual(rows);
  });
});

describe("a consent that is taken back and given again", () => {
  test("holds the texts, has mails instead, and ends with the texts and no mail twice", async () => {
    const ana = await enqueueAna();
    await plan(ana);
    const live = async () => {
      const rows = (await rowsOf(ana)).filter(
        ({ rule, recipient }) => rule === "integration-reminder" || (rule === "home-safe" && recipient === "patient"),
      );
      return new Set(rows.map(({ channel, state, reason }) => `${channel} ${reason ?? state}`));
    };
    const grant = (granted: boolean) =>
      sql`update contact_points set granted = ${granted} where patient_id = ${ana} and person = 'patient' and channel = 'sms'`.execute(db);
    expect(await live()).toEqual(new Set(["sms planned"]));
    await grant(false);
    await plan(ana);
    expect(await live()).toEqual(new Set(["sms no-consent", "email planned"]));
    await grant(true);
    await plan(ana);
    expect(await live()).toEqual(new Set(["sms planned", "email superseded"]));
    await grant(false);
    await plan(ana);
    const retaken = (await rowsOf(ana)).filter(({ key }) => key.endsWith("~2"));
    expect(new Set(retaken.map(({ channel, state }) => `${channel} ${state}`))).toEqual(new Set(["email planned"]));
    expect(retaken.every(({ fallbackOf, linkId }) => fallbackOf !== null && linkId !== null)).toBe(true);
  });
});

describe("links that were revoked", () => {
  test("are replaced in every row that is still to go, and in no other", async () => {
    const ana = await enqueueAna();
    await plan(ana);
    const before = new Map((await rowsOf(ana)).map((row) => [row.id, row]));
    await sql`update links set revoked_at = clock_timestamp() where patient_id = ${ana} and recipient = 'patient'`.execute(db);
    await plan(ana);
    const links = new Map((await db.selectFrom("links").selectAll().where("patientId", "=", ana).execute()).map((link) => [link.id, link]));
    for (const row of await rowsOf(ana)) {
      const was = before.get(row.id)?.linkId ?? null;
      const link = row.linkId === null ? undefined : links.get(row.linkId);
      const isReplaced = row.recipient === "patient" && row.state === "planned";
      expect(row.linkId !== was, `${row.key} ${row.state}`).toBe(isReplaced);
      if (isReplaced) expect([link?.generation, link?.revokedAt]).toEqual([1, null]);
    }
    const rows = await rowsOf(ana);
    await plan(ana);
    expect(await rowsOf(ana)).toEqual(rows);
  });
});

describe("a clinic that closes", () => {
  test("says so once to a patient with several visits: the others point at the one that speaks", async () => {
    const ana = await enqueueAna();
    await plan(ana);
    await sql`update touchpoints set state = 'sending' where patient_id = ${ana} and rule = 'welcome'`.execute(db);
    await sql`update touchpoints set state = 'sent' where patient_id = ${ana} and rule = 'welcome'`.execute(db);
    await sql`
      update sessions set status = 'postponed', sequence = sequence + 1, changed_at = afterglow_now(), changed_because = 'clinic', told_starts_at = starts_at
      where patient_id = ${ana} and number <= 3`.execute(db);
    await plan(ana);
    const told = (await rowsOf(ana)).filter(({ rule, recipient }) => rule === "session-postponed" && recipient === "patient");
    const speaker = told.find(({ state }) => state === "planned");
    expect(told.map(({ state, reason }) => reason ?? state).sort()).toEqual(["merged", "merged", "planned"]);
    expect(told.filter(({ reason }) => reason === "merged").every(({ mergedInto }) => mergedInto === speaker?.id)).toBe(true);
  });
});

test("a week without room stores the text with its reason, and the mail in its place", async () => {
  await sql`update clinics set texts_per_week = 1 where id = ${world.clinicId}`.execute(db);
  const ana = await enqueueAna();
  await plan(ana);
  const rows = await rowsOf(ana);
  const dropped = rows.filter(({ reason }) => reason === "over-budget");
  expect(dropped.length).toBeGreaterThan(0);
  const inPlace = rows.filter(({ fallbackOf }) => dropped.some(({ id }) => id === fallbackOf));
  expect(new Set(inPlace.map(({ channel, state }) => `${channel} ${state}`))).toEqual(new Set(["email planned"]));
  await plan(ana);
  expect(await rowsOf(ana)).toEqual(rows);
});
