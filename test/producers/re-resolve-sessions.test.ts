import { sql } from "kysely";
import { expect, test } from "vitest";
import { HOUR } from "../../src/domain/calendar.ts";
import { reResolveSessions } from "../../src/producers/re-resolve-sessions.ts";
import { planPatientsOf } from "../../src/workers/plan-patients.ts";
import { openWorld } from "../support/world.ts";
import { enqueueAna } from "../workers/support/clinic-at-work.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const VERSION = "2026z";

type Row = {
  id: string;
  number: number;
  localStart: string;
  tzVersion: string;
  startsAt: number;
  endsAt: number;
  arming: number;
  sequence: number;
};

async function readSessions(patientId: string): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select id, number, local_start, tz_version, starts_at, ends_at, arming, sequence from sessions where patient_id = ${patientId} order by number`.execute(
    db,
  );
  return rows;
}

const dueTimes = async (sessionId: string) =>
  (
    await sql<{ rule: string; dueAt: number }>`
      select rule, due_at from touchpoints where session_id = ${sessionId} and state = 'planned' and rule = 'record-outcome' order by due_at`.execute(
      db,
    )
  ).rows.map(({ dueAt }) => dueAt);
const events = async () =>
  (await db.selectFrom("events").select("data").where("kind", "=", "sessions.re-resolved").execute()).map(({ data }) => data);

/** As an older version would have stored it: the clocks were thought to stand an hour apart from where they do. */
const shift = (id: string) =>
  sql`update sessions set starts_at = starts_at - interval '1 hour', ends_at = ends_at - interval '1 hour' where id = ${id}`.execute(db);

test("after a change of the time-zone data the wall's time stays, what it means moves, and the plan with it", async () => {
  const ana = await enqueueAna(world);
  const before = await readSessions(ana);
  const [first, second] = before;
  if (!first || !second) expect.unreachable();
  const due = await dueTimes(second.id);
  expect(due.length).toBeGreaterThan(0);
  await shift(second.id);
  await sql`update patients set plan_revision = plan_revision + 1`.execute(db);
  await planPatientsOf(world.deps)({ patientIds: [ana] });
  expect(await dueTimes(second.id)).not.toEqual(due);

  const logged = world.logged.length;
  expect(await reResolveSessions(world.deps, VERSION)).toEqual({ sessions: before.length, moved: 1, gone: 0, patients: 1 });
  const after = await readSessions(ana);
  expect(after.map(({ localStart, startsAt, endsAt, arming }) => ({ localStart, startsAt, endsAt, arming }))).toEqual(
    before.map(({ localStart, startsAt, endsAt, arming }) => ({ localStart, startsAt, endsAt, arming })),
  );
  expect(after.map(({ tzVersion }) => tzVersion)).toEqual(before.map(() => VERSION));
  expect(after.map(({ sequence }) => sequence)).toEqual(before.map(({ id }) => (id === second.id ? 1 : 0)));
  expect(await events()).toEqual([{ version: VERSION, sessions: before.length, moved: 1, gone: 0, patients: 1 }]);
  expect(world.logged.slice(logged).filter((line) => line.includes("sessions.re-resolved"))).toHaveLength(1);

  await planPatientsOf(world.deps)({ patientIds: [ana] });
  expect(await dueTimes(second.id)).toEqual(due);
  expect(await reResolveSessions(world.deps, VERSION)).toEqual({ sessions: 0, moved: 0, gone: 0, patients: 0 });
  expect(await events()).toHaveLength(1);
});

test("a process with older data, or with data of no version, takes nothing back", async () => {
  const bea = await enqueueAna(world);
  await sql`update sessions set tz_version = '2026c'`.execute(db);
  const [first] = await readSessions(bea);
  if (!first) expect.unreachable();
  await shift(first.id);
  for (const version of ["2026b", "2026c", "unknown"]) expect(await reResolveSessions(world.deps, version)).toMatchObject({ sessions: 0 });
  expect((await readSessions(bea))[0]?.startsAt).toBe(first.startsAt - HOUR);
});

test("what took place, and what will not, keeps its instant", async () => {
  const cleo = await enqueueAna(world);
  await sql`update sessions set tz_version = '2026a'`.execute(db);
  const [first, second, third] = await readSessions(cleo);
  if (!first || !second || !third) expect.unreachable();
  for (const { id } of [first, second, third]) await shift(id);
  await sql`update sessions set status = 'cancelled' where id = ${first.id}`.execute(db);
  await sql`update sessions set status = 'arrived' where id = ${second.id}`.execute(db);
  expect((await reResolveSessions(world.deps, VERSION)).moved).toBeGreaterThanOrEqual(1);
  const startsAt = (await readSessions(cleo)).map((each) => each.startsAt);
  expect(startsAt.slice(0, 3)).toEqual([first.startsAt - HOUR, second.startsAt - HOUR, third.startsAt]);
});

test("a time that the clocks jump over now moves forward, and is counted", async () => {
  const dora = await enqueueAna(world);
  const [first] = await readSessions(dora);
  if (!first) expect.unreachable();
  await sql`
    update sessions set tz_version = '2026a', zone = 'America/New_York', local_start = '2027-03-14T02:30', starts_at = '2027-03-14T07:15Z', ends_at = '2027-03-14T08:15Z'
    where id = ${first.id}`.execute(db);
  expect(await reResolveSessions(world.deps, VERSION)).toMatchObject({ gone: 1 });
  const [after] = await readSessions(dora);
  expect([after?.startsAt, after?.endsAt]).toEqual([Date.parse("2027-03-14T07:30Z"), Date.parse("2027-03-14T08:30Z")]);
});
