import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import type { EnqueueRequest } from "../../src/domain/enqueue-request.ts";
import { type EnqueueOptions, enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { sweepDue } from "../../src/producers/sweep-due.ts";
import { planSeries } from "../../src/queues/plan-series.ts";
import { openWorld, readSeriesExample } from "../support/world.ts";
import { byText } from "../support/by-text.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const [ANA] = await readSeriesExample("ana-iv");

function makeAna(ref: string, externalId: string | null): EnqueueRequest {
  if (!ANA) throw new Error("No example");
  return { ...ANA, externalId, patient: { ...ANA.patient, ref } };
}

const enqueue = async (request: EnqueueRequest, options: Partial<EnqueueOptions> = {}) =>
  (await enqueueSeries(world.deps, [request], { clinic: world.clinic.slug, actor: "staff:test", second: "refuse", ...options }))[0];

const refOf = (request: EnqueueRequest) => world.deps.vault.blindIndex("ref", request.patient.ref);
const count = async (table: string, request: EnqueueRequest) => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table)} x join patients p on ${table === "patients" ? sql`p.id = x.id` : sql`p.id = x.patient_id`}
    where p.ref_index = ${refOf(request)}`.execute(db);
  return rows[0]?.count;
};

describe("several people enqueue at the same moment", () => {
  test("the same new patient, and one patient is stored with one series", async () => {
    const requests = ["one", "two", "three", "four"].map((id) => makeAna("same-new", `new-${id}`));
    const results = await Promise.all(requests.map((request) => enqueue(request)));
    expect(results.map((result) => result?.kind).toSorted(byText)).toEqual(["enqueued", "refused", "refused", "refused"]);
    const [request] = requests;
    if (!request) expect.unreachable();
    expect(await count("patients", request)).toBe(1);
    expect(await count("series", request)).toBe(1);
  });

  test("the same file, and all get the same series", async () => {
    const request = makeAna("same-file", "same-file");
    const results = await Promise.all(Array.from({ length: 4 }, () => enqueue(request)));
    expect(results.map((result) => result?.kind).toSorted(byText)).toEqual(["enqueued", "same", "same", "same"]);
    expect(new Set(results.map((result) => result && "seriesId" in result && result.seriesId)).size).toBe(1);
  });

  test("a series each for a patient who is stored and has none: one gets through, because the count is read behind the lock", async () => {
    const first = makeAna("known", "known-0");
    await enqueue(first);
    await sql`update series set status = 'completed' where patient_id = (select id from patients where ref_index = ${refOf(first)})`.execute(
      db,
    );
    const results = await Promise.all(["known-1", "known-2", "known-3"].map((id) => enqueue(makeAna("known", id))));
    expect(results.map((result) => result?.kind).toSorted(byText)).toEqual(["enqueued", "refused", "refused"]);
  });

  test("a count read in the statement that waits for the lock is the one from before it waited", async () => {
    const request = makeAna("counted", "counted-0");
    await enqueue(request);
    await sql`delete from sessions where patient_id = (select id from patients where ref_index = ${refOf(request)})`.execute(db);
    await sql`delete from series where patient_id = (select id from patients where ref_index = ${refOf(request)})`.execute(db);
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let locked: () => void = () => undefined;
    const holds = new Promise<void>((resolve) => (locked = resolve));
    const holder = db.transaction().execute(async (tx) => {
      await sql`select from patients where ref_index = ${refOf(request)} for update`.execute(tx);
      await sql`update patients set plan_revision = plan_revision + 1 where ref_index = ${refOf(request)}`.execute(tx);
      await sql`
        insert into series (id, clinic_id, patient_id, approval_id, condition, status, enqueued_at, quiet_until, content_hash)
        select gen_random_uuid(), s.clinic_id, p.id, s.approval_id, s.condition, 'active', now(), now(), '\\x00'
        from patients p, (select * from series limit 1) s where p.ref_index = ${refOf(request)}`.execute(tx);
      locked();
      await released;
    });
    await holds;
    const naive = sql<{ active: number }>`
      select (select count(*) from series s where s.patient_id = p.id) as active from patients p where ref_index = ${refOf(request)} for update`.execute(
      db,
    );
    await expect
      .poll(
        async () =>
          (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db)).rows.length,
        { timeout: 5_000 },
      )
      .toBe(1);
    release();
    await holder;
    expect((await naive).rows).toEqual([{ active: 0 }]);
    expect(await count("series", request)).toBe(1);
  });
});

describe("a queue that is away", () => {
  test("keeps nobody from enqueueing, and the sweep asks for the plan again", async () => {
    await sql`update patients set planned_revision = plan_revision, unplanned_since = null`.execute(db);
    const away = {
      queue: () => ({ name: "plan-series", add: () => Promise.reject(new Error("away")), counts: () => Promise.resolve({}) }),
    };
    const request = makeAna("away", "away");
    const [result] = await enqueueSeries({ ...world.deps, queues: away }, [request], {
      clinic: world.clinic.slug,
      actor: "staff:test",
      second: "refuse",
    });
    expect(result).toMatchObject({ kind: "enqueued" });
    expect(world.logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ msg: "hint.lost", queue: "plan-series", count: 1 }),
    );
    const jobs = async () => Object.values(await world.deps.queues.queue(planSeries).counts()).reduce((sum, each) => sum + each, 0);
    const before = await jobs();
    expect((await sweepDue(world.deps))?.replanned).toBe(0);
    await sql`update patients set unplanned_since = clock_timestamp() - interval '6 seconds' where ref_index = ${refOf(request)}`.execute(
      db,
    );
    expect((await sweepDue(world.deps))?.replanned).toBe(1);
    expect(await jobs()).toBe(before + 1);
  });
});
