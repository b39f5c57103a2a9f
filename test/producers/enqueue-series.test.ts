import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { addDays } from "../../src/domain/calendar.ts";
import type { EnqueueRequest } from "../../src/domain/enqueue-request.ts";
import { type EnqueueOptions, enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { openWorld, readSeriesExample } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const ANA = (await readSeriesExample("ana-iv"))[0] ?? expect.unreachable();
let person = 0;
let ana: EnqueueRequest;

/** Another Ana for each test: the same wishes under a chart number, addresses and an external id of her own. */
function makeAna(): EnqueueRequest {
  person += 1;
  const number = String(person).padStart(2, "0");
  const patient = { ...ANA.patient, ref: `9${number}`, phone: `+130355501${number}`, email: `ana${number}@patients.example.org` };
  return { ...ANA, externalId: `series-${number}`, patient };
}

beforeEach(() => {
  ana = makeAna();
});

const enqueue = (requests: readonly EnqueueRequest[], options: Partial<EnqueueOptions> = {}) =>
  enqueueSeries(world.deps, requests, { clinic: world.clinic.slug, actor: "staff:test", second: "refuse", ...options });

async function enqueueOne(request: EnqueueRequest, options: Partial<EnqueueOptions> = {}) {
  return (await enqueue([request], options))[0] ?? expect.unreachable();
}

async function countRows(): Promise<Record<string, number>> {
  const { rows } = await sql<Record<string, number>>`
    select (select count(*) from patients) as patients, (select count(*) from escorts) as escorts, (select count(*) from contact_points) as contacts,
      (select count(*) from consents) as consents, (select count(*) from series) as series, (select count(*) from sessions) as sessions,
      (select count(*) from events) as events`.execute(db);
  return rows[0] ?? {};
}

describe("enqueueing", () => {
  test("stores the patient, whom she named, her consents, the series and its sessions, and asks for a plan", async () => {
    const before = await countRows();
    const result = await enqueueOne(ana);
    expect(result).toMatchObject({ kind: "enqueued", warnings: [] });
    const after = await countRows();
    const added = Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));
    expect(added).toEqual({ patients: 1, escorts: 1, contacts: 4, consents: 3, series: 1, sessions: 6, events: 1 });
    const stale = await sql`select from patients where plan_revision = planned_revision`.execute(db);
    expect(stale.rows).toEqual([]);
  });

  test("the same id and content give the same series back, and store nothing", async () => {
    const first = await enqueueOne(ana);
    const before = await countRows();
    const again = await enqueueOne(ana);
    expect(again).toEqual({ kind: "same", seriesId: "seriesId" in first ? first.seriesId : "", warnings: [] });
    expect(await countRows()).toEqual(before);
  });

  test("the same id with other content is refused, and stores nothing", async () => {
    await enqueueOne(ana);
    const before = await countRows();
    const other = await enqueueOne({ ...ana, condition: "anxiety" });
    expect(other).toMatchObject({ kind: "refused", faults: [{ path: "externalId", value: ana.externalId }] });
    expect(await countRows()).toEqual(before);
  });

  test("contact data that differ from what is stored are refused, each with what is stored", async () => {
    await enqueueOne(ana);
    const before = await countRows();
    const patient = { ...ana.patient, name: "Anna Ortiz", phone: "+13035550199" };
    const escort = ana.patient.escort && { ...ana.patient.escort, phone: "+13035550198" };
    const result = await enqueueOne({ ...ana, externalId: "new", patient: { ...patient, escort } }, { second: "also" });
    expect(result).toEqual({
      kind: "refused",
      faults: [
        { path: "patient.name", value: "Anna Ortiz", expected: "Ana Ortiz, as stored for this chart number" },
        {
          path: "patient.phone",
          value: "+13035550199",
          expected: `${ana.patient.phone}, as stored for this chart number (afterglow patient contact changes it)`,
        },
        {
          path: "patient.escort.phone",
          value: "+13035550198",
          expected: "+13035550112, as stored for this chart number (afterglow patient escort changes it)",
        },
      ],
    });
    expect(await countRows()).toEqual(before);
  });

  test("other quiet hours, another address and another emergency contact are not taken silently either", async () => {
    await enqueueOne(ana);
    const emergencyContact = { name: "Luis Ortiz", phone: "+13035550197", relation: null };
    const patient = {
      ...ana.patient,
      quietHours: { ...world.clinic.quietHours, from: world.clinic.quietHours.to },
      address: "1 Main Street",
      emergencyContact,
    };
    const result = await enqueueOne({ ...ana, externalId: "new", patient }, { second: "also" });
    expect(result.kind === "refused" && result.faults).toEqual([
      { path: "patient.address", value: "1 Main Street", expected: "nothing, as stored for this chart number" },
      {
        path: "patient.emergencyContact",
        value: "Luis Ortiz, +13035550197",
        expected: "Marta Ortiz, +13035550112, sister, as stored for this chart number",
      },
      { path: "patient.quietHours", value: "09:00-09:00", expected: "20:00-09:00, as stored for this chart number" },
    ]);
  });

  test("what a request leaves out keeps what is stored", async () => {
    await enqueueOne(ana);
    const bare = { ...ana.patient, phone: null, email: null, birthDate: null, escort: null, emergencyContact: null, consents: [] };
    expect(await enqueueOne({ ...inSpring(ana), externalId: "more", patient: bare }, { second: "also" })).toMatchObject({
      kind: "enqueued",
    });
  });

  test("a second active series is refused, unless it is meant", async () => {
    await enqueueOne(ana);
    const second = { ...inSpring(ana), externalId: "second" };
    expect(await enqueueOne(second)).toMatchObject({ kind: "refused", faults: [{ path: "patient.ref", value: ana.patient.ref }] });
    expect(await enqueueOne(second, { second: "also" })).toMatchObject({ kind: "enqueued" });
  });

  test("a second series at the times of the first is refused, each session by its path", async () => {
    await enqueueOne(ana);
    const result = await enqueueOne({ ...ana, externalId: "clash" }, { second: "also" });
    expect(result).toMatchObject({ kind: "refused" });
    expect("faults" in result && result.faults.map(({ path }) => path)).toEqual(
      [0, 1, 2, 3, 4, 5].map((index) => `sessions[${index}].startsAt`),
    );
  });

  test("one refused request never touches the others, and every result stands in its place", async () => {
    const good = [makeAna(), makeAna()];
    const unapproved = { ...makeAna(), protocol: { id: "iv-ketamine", version: 9 } };
    const results = await enqueue([good[0] ?? ana, unapproved, good[1] ?? ana]);
    expect(results.map(({ kind }) => kind)).toEqual(["enqueued", "refused", "enqueued"]);
    expect(results[1]).toMatchObject({ faults: [{ path: "protocol", value: "iv-ketamine@9" }] });
  });

  test("the same person twice in one batch is one patient, and the second series is a second one", async () => {
    const twice = [ana, { ...ana, externalId: "twice" }];
    expect((await enqueue(twice)).map(({ kind }) => kind)).toEqual(["enqueued", "refused"]);
    const bea = makeAna();
    const also = await enqueue([bea, { ...inSpring(bea), externalId: "also" }], { second: "also" });
    expect(also.map(({ kind }) => kind)).toEqual(["enqueued", "enqueued"]);
    expect(new Set(also.map((each) => "patientId" in each && each.patientId)).size).toBe(1);
  });

  test("the same external id twice in one batch is one series", async () => {
    expect((await enqueue([ana, ana])).map(({ kind }) => kind)).toEqual(["enqueued", "same"]);
  });

  test("a clinic that was never added refuses everything", async () => {
    expect(await enqueue([ana, ana], { clinic: "nowhere" })).toMatchObject([
      { faults: [{ path: "clinic" }] },
      { faults: [{ path: "clinic" }] },
    ]);
  });

  test("an error on the way leaves nothing", async () => {
    const before = await countRows();
    await sql`create function fail_now() returns trigger language plpgsql as $$ begin raise exception 'as asked'; end $$`.execute(db);
    await sql`create trigger fail_now before insert on events for each row execute function fail_now()`.execute(db);
    await expect(enqueue([ana, makeAna()])).rejects.toThrow("as asked");
    await sql`drop trigger fail_now on events`.execute(db);
    expect(await countRows()).toEqual(before);
    expect(await enqueueOne(ana)).toMatchObject({ kind: "enqueued" });
  });
});

/** The same course, eight weeks later. */
function inSpring(request: EnqueueRequest): EnqueueRequest {
  return { ...request, cadence: request.cadence && { ...request.cadence, first: addDays(request.cadence.first, 56) } };
}
