import { expect, test } from "vitest";
import { sql } from "kysely";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { newId } from "../../src/clock.ts";
import { HOUR, instant, MINUTE } from "../../src/domain/calendar.ts";
import { transact } from "../../src/db/transact.ts";
import { planPatients } from "../../src/producers/plan-patient.ts";
import { raiseSilenceAlerts } from "../../src/producers/raise-silence-alerts.ts";
import { at, openWorld } from "../support/world.ts";
import { enrolAna } from "../workers/support/alarm.ts";

const world = await openWorld({ backend: "postgres", now: at("2027-01-09T15:00:00Z") });
const { deps } = world;
const { db } = deps;
const ana = await enrolAna(world);
await transact(db, (tx) => planPatients(tx, [ana.patientId], deps.tokens));
const first = await db
  .selectFrom("sessions")
  .select(["id", "endsAt"])
  .where("patientId", "=", ana.patientId)
  .orderBy("startsAt")
  .executeTakeFirstOrThrow();
const CHECKED_AT = at("2027-01-12T17:00:00Z");

async function listKinds(): Promise<string[]> {
  return (await db.selectFrom("alerts").select(["kind", "level"]).orderBy("storedAt").execute()).map(
    ({ kind, level }) => `${kind} ${level}`,
  );
}

test("a session at home whose end nobody has reported two hours later raises one critical alert, and a minute earlier none", async () => {
  await sql`update sessions set setting = 'home' where id = ${first.id}`.execute(db);
  await stepClock(db, instant(first.endsAt + 2 * HOUR - MINUTE));
  expect(await raiseSilenceAlerts(deps)).toBe(0);
  await stepClock(db, instant(first.endsAt + 2 * HOUR));
  expect((await Promise.all([raiseSilenceAlerts(deps), raiseSilenceAlerts(deps)])).toSorted((a, b) => a - b)).toEqual([0, 1]);
  expect(await raiseSilenceAlerts(deps)).toBe(0);
  expect(await listKinds()).toEqual(["no-home-end critical"]);
});

test("an end that the patient has reported, or that staff have recorded, raises none", async () => {
  await sql`delete from alerts`.execute(db);
  await sql`
    insert into session_answers (id, clinic_id, patient_id, session_id, arming, kind, via, actor, at)
    select ${newId()}::uuid, clinic_id, patient_id, id, arming, 'session-over', 'page', 'patient', ends_at from sessions where id = ${first.id}`.execute(
    db,
  );
  expect(await raiseSilenceAlerts(deps)).toBe(0);
  await sql`delete from session_answers`.execute(db);
  await sql`update sessions set status = 'completed' where id = ${first.id}`.execute(db);
  expect(await raiseSilenceAlerts(deps)).toBe(0);
});

test("no answer to the check on the day after raises an alert of a watched patient only, six hours later", async () => {
  await sql`alter table touchpoints disable trigger user`.execute(db);
  await sql`
    update touchpoints set state = 'sent', reason = null, awaits = null, due_at = ${new Date(CHECKED_AT).toISOString()}::timestamptz, try_at = ${new Date(CHECKED_AT).toISOString()}::timestamptz
    where session_id = ${first.id} and rule = 'next-day' and channel = (
      select channel from touchpoints where session_id = ${first.id} and rule = 'next-day' order by channel limit 1)`.execute(db);
  await sql`alter table touchpoints enable trigger user`.execute(db);
  await stepClock(db, instant(CHECKED_AT + 6 * HOUR));
  expect(await raiseSilenceAlerts(deps)).toBe(0);
  await sql`update patients set watched = true`.execute(db);
  expect(await raiseSilenceAlerts(deps)).toBe(1);
  expect(await raiseSilenceAlerts(deps)).toBe(0);
  expect(await listKinds()).toEqual(["no-next-day-answer high"]);
});
