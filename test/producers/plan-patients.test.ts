import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { raisePlanRevision } from "../../src/db/plans.ts";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import { hashToken } from "../../src/db/link-tokens.ts";
import { DAY, instant, MINUTE } from "../../src/domain/calendar.ts";
import type { PatientId } from "../../src/domain/ids.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { sweepDue } from "../../src/producers/sweep-due.ts";
import { sendEmail, sendSms } from "../../src/queues/send-hints.ts";
import { planPatientsOf } from "../../src/workers/plan-patients.ts";
import { EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db, tokens } = world.deps;
const plan = planPatientsOf(world.deps);
let count = 0;

beforeEach(() => setSteppedClock(db, EXAMPLES_BEGIN));

async function enqueueAna(): Promise<PatientId> {
  const [ana] = await readSeriesExample("ana-iv");
  if (!ana) expect.unreachable();
  const ref = `plan-${++count}`;
  const [result] = await enqueueSeries(world.deps, [{ ...ana, externalId: ref, patient: { ...ana.patient, ref } }], {
    clinic: world.clinic.slug,
    actor: "staff:test",
    second: "refuse",
  });
  if (result?.kind !== "enqueued" || !result.patientId) expect.unreachable();
  return result.patientId;
}

const readRows = (patientId: PatientId) =>
  db.selectFrom("touchpoints").selectAll().where("patientId", "=", patientId).orderBy("id").execute();
const raise = (patientId: PatientId) => transact(db, (tx) => raisePlanRevision(tx, [patientId]));

describe("the worker of plan-series", () => {
  test("plans an enqueued series and makes it active; a repeat changes nothing, at any later moment either", async () => {
    const patientId = await enqueueAna();
    expect((await plan({ patientIds: [patientId] })).planned).toBeGreaterThan(20);
    const rows = await readRows(patientId);
    expect(await db.selectFrom("series").select("status").where("patientId", "=", patientId).execute()).toEqual([{ status: "active" }]);
    expect(await plan({ patientIds: [patientId] })).toEqual({ planned: 0 });
    for (const days of [0, 1, 9, 40]) {
      await stepClock(db, instant(EXAMPLES_BEGIN + days * DAY));
      await raise(patientId);
      expect(await plan({ patientIds: [patientId] })).toEqual({ planned: 0 });
      expect(await readRows(patientId)).toEqual(rows);
    }
  });

  test("leaves a patient alone whose plan is not stale: many copies of a job cost little", async () => {
    const patientId = await enqueueAna();
    await plan({ patientIds: [patientId] });
    await sql`delete from touchpoints where patient_id = ${patientId} and rule = 'review-series'`.execute(db);
    expect(await plan({ patientIds: [patientId] })).toEqual({ planned: 0 });
    await raise(patientId);
    expect(await plan({ patientIds: [patientId] })).toEqual({ planned: 1 });
  });

  test("plans a patient once although two workers have the same job", async () => {
    const patientId = await enqueueAna();
    const planned = (await Promise.all(Array.from({ length: 4 }, () => plan({ patientIds: [patientId] })))).map((each) => each.planned);
    expect(planned.filter((each) => each > 0)).toHaveLength(1);
    const keys = (await readRows(patientId)).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("a patient that cannot be planned keeps none of the neighbours from it, stays stale and is named in the log", async () => {
    const [good, bad, other] = [await enqueueAna(), await enqueueAna(), await enqueueAna()];
    await sql`update patients set zone = 'Nowhere/Land' where id = ${bad}`.execute(db);
    await plan({ patientIds: [good, bad, other] });
    expect((await readRows(good)).length).toBeGreaterThan(20);
    expect((await readRows(other)).length).toBeGreaterThan(20);
    expect(await readRows(bad)).toEqual([]);
    expect(world.logged.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining({ msg: "plan.failed", patientId: bad }));
    expect((await sql`select from patients where id = ${bad} and plan_revision <> planned_revision`.execute(db)).rows).toHaveLength(1);
  });

  test("every message to a person has a link, of whose token only the hash is stored", async () => {
    const patientId = await enqueueAna();
    await plan({ patientIds: [patientId] });
    const rows = await readRows(patientId);
    const linkless = rows.filter(({ linkId, recipient }) => linkId === null && recipient !== "staff");
    expect(linkless).toEqual([]);
    const links = await db.selectFrom("links").selectAll().where("patientId", "=", patientId).execute();
    expect(links.length).toBeGreaterThan(6);
    for (const link of links) expect(link.tokenHash.equals(hashToken(tokens.tokenOf(link)))).toBe(true);
  });

  test("nothing leaves before the time to undo is over", async () => {
    const patientId = await enqueueAna();
    await plan({ patientIds: [patientId] });
    const rows = (await readRows(patientId)).filter(({ state }) => state === "planned");
    expect(Math.min(...rows.map(({ tryAt }) => tryAt))).toBe(EXAMPLES_BEGIN + 10 * MINUTE);
  });
});

describe("the sweep", () => {
  const countJobs = async () => {
    const counts = await Promise.all([sendEmail, sendSms].map((each) => world.deps.queues.queue(each).counts()));
    return counts.flatMap((each) => Object.values(each)).reduce((sum, each) => sum + each, 0);
  };

  test("hints what is due, once, in a job for each channel; again only when the hint seems lost", async () => {
    const patientId = await enqueueAna();
    await plan({ patientIds: [patientId] });
    await stepClock(db, instant(EXAMPLES_BEGIN + 120 * MINUTE));
    const before = await countJobs();
    expect((await sweepDue(world.deps))?.hinted).toBeGreaterThanOrEqual(2);
    const hinted = await countJobs();
    expect(hinted).toBe(before + 2);
    expect((await sweepDue(world.deps))?.hinted).toBe(0);
    await sql`update touchpoints set hinted_at = hinted_at - interval '11 seconds' where hinted_at is not null`.execute(db);
    expect((await sweepDue(world.deps))?.hinted).toBeGreaterThanOrEqual(2);
    expect(await countJobs()).toBe(hinted + 2);
  });

  test("leaves the work to another one that sweeps", async () => {
    await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtext('afterglow sweep'))`.execute(tx);
      expect(await sweepDue(world.deps)).toBeUndefined();
    });
    expect(await sweepDue(world.deps)).toBeDefined();
  });

  test("nothing due, nothing done: a repeat finds nothing", async () => {
    await sweepDue(world.deps);
    await sql`update patients set unplanned_since = clock_timestamp() where unplanned_since is not null`.execute(db);
    expect(await sweepDue(world.deps)).toEqual({ hinted: 0, tasked: 0, ended: 0, abandoned: 0, replanned: 0 });
  });
});
