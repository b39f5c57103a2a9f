import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import type { SeriesId } from "../../src/domain/ids.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { type Replacing, replaceSeries } from "../../src/producers/replace-series.ts";
import { voidSeries } from "../../src/producers/void-series.ts";
import { EXAMPLES_BEGIN, openWorld, readSeriesExample } from "../support/world.ts";
import {
  BY,
  checksum,
  DRY,
  enrol,
  type Enrolled,
  eventsOf,
  pretendSent,
  revisionOf,
  rowsOf,
  sessionsOf,
  statesOf,
} from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let ana: Enrolled;

beforeEach(async () => {
  ana = await enrol(world, "ana-iv");
});

const TEN_MINUTES = instant(EXAMPLES_BEGIN + 10 * MINUTE);
const undo = () => voidSeries(world.deps, ana.seriesId, { ...BY, reach: "undo" });
const voidAny = (options = BY) => voidSeries(world.deps, ana.seriesId, { ...options, reach: "any" });
const live = (states: Record<string, number>) => Object.keys(states).filter((state) => /^(planned|held|sending|unknown)/.test(state));
const seriesOf = (id: SeriesId) =>
  db
    .selectFrom("series")
    .select(["status", "endedAt", "replacedBy", "externalIdIndex", "patientId"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();

describe("a series enqueued by mistake", () => {
  test("is undone within ten minutes: nothing of it ever leaves, and its times and ids are free again", async () => {
    await setSteppedClock(db, instant(TEN_MINUTES - 1));
    expect(await undo()).toMatchObject({
      kind: "changed",
      value: { status: "void", how: "undo", sessionsCalledOff: 6, wasAnnounced: false },
    });
    expect(live(await statesOf(db, ana))).toEqual([]);
    expect((await sessionsOf(db, ana)).map(({ status }) => status)).toEqual(Array(6).fill("cancelled"));
    expect(await eventsOf(db, ana.seriesId)).toEqual(["series.enqueued", "series.undone"]);
    const [again] = await enqueueSeries(world.deps, [ana.request], { clinic: world.clinic.slug, actor: "staff:test", second: "refuse" });
    expect(again).toMatchObject({ kind: "enqueued", patientId: ana.patientId });
  });

  test("is not undone any more when the ten minutes are over", async () => {
    await setSteppedClock(db, TEN_MINUTES);
    const before = await checksum(db);
    expect(await undo()).toMatchObject({ kind: "refused", faults: [{ path: "series" }] });
    expect(await checksum(db)).toEqual(before);
    expect(await voidAny()).toMatchObject({ value: { how: "void" } });
  });

  test("is not undone any more when something of it has left", async () => {
    await pretendSent(db, ana, "email");
    expect(await undo()).toMatchObject({ kind: "refused" });
    expect((await seriesOf(ana.seriesId)).status).toBe("active");
  });

  test("that has been heard of is void with what was said kept, and nothing more is said of its sessions", async () => {
    await setSteppedClock(db, TEN_MINUTES);
    await pretendSent(db, ana, "email");
    expect(await voidAny()).toMatchObject({ value: { how: "void", wasAnnounced: true } });
    expect(await seriesOf(ana.seriesId)).toMatchObject({ status: "void", endedAt: TEN_MINUTES, externalIdIndex: null });
    expect((await rowsOf(db, ana)).filter(({ state, sessionId }) => state === "planned" && sessionId !== null)).toEqual([]);
    expect(await eventsOf(db, ana.seriesId)).toEqual(["series.enqueued", "series.voided"]);
  });

  test("is at most once followed by a request to disregard it", async () => {
    await setSteppedClock(db, TEN_MINUTES);
    await pretendSent(db, ana, "email");
    await voidAny();
    const toPatient = (await rowsOf(db, ana)).filter(({ state, recipient }) => state === "planned" && recipient === "patient");
    expect(new Set(toPatient.map(({ rule }) => rule)).size).toBeLessThanOrEqual(1);
  });

  test("is voided once", async () => {
    await voidAny();
    const before = await checksum(db);
    expect(await voidAny()).toEqual({ kind: "same" });
    expect(await undo()).toEqual({ kind: "same" });
    expect(await checksum(db)).toEqual(before);
  });

  test("is shown first by a dry run, which stores nothing", async () => {
    const before = await checksum(db);
    expect(await voidAny(DRY)).toMatchObject({ kind: "changed", dryRun: true, value: { how: "undo" } });
    expect(await checksum(db)).toEqual(before);
  });

  test("is not voided on the strength of a plan that has changed since", async () => {
    expect(await voidAny({ ...BY, ifRevision: (await revisionOf(db, ana)) + 1 })).toMatchObject({ faults: [{ path: "revision" }] });
  });

  test("while a message of it is being claimed waits for that claim, and is then no undoing", async () => {
    const [row] = (await rowsOf(db, ana)).filter(({ recipient, state }) => recipient === "patient" && state === "planned");
    if (!row) expect.unreachable();
    const voiding = await db.transaction().execute(async (tx) => {
      await sql`update touchpoints set state = 'sending', attempts = 1, claimed_at = clock_timestamp() where id = ${row.id}`.execute(tx);
      const result = undo();
      await untilOneWaits();
      return { result };
    });
    expect(await voiding.result).toMatchObject({ kind: "refused" });
  });

  test("would be taken for one that nobody heard of by whoever reads its rows without waiting", async () => {
    const [row] = (await rowsOf(db, ana)).filter(({ recipient, state }) => recipient === "patient" && state === "planned");
    if (!row) expect.unreachable();
    await db.transaction().execute(async (tx) => {
      await sql`update touchpoints set state = 'sending', attempts = 1, claimed_at = clock_timestamp() where id = ${row.id}`.execute(tx);
      const { rows } =
        await sql`select from touchpoints where series_id = ${ana.seriesId} and state in ('sending', 'unknown', 'sent')`.execute(db);
      expect(rows).toEqual([]);
    });
  });
});

async function untilOneWaits(): Promise<void> {
  const countWaiting = async () =>
    (await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db)).rows.length;
  await expect.poll(countWaiting, { timeout: 5_000 }).toBe(1);
}

describe("replacing a series", () => {
  const replace = async (change: Partial<Replacing> = {}) => {
    const [ben] = await readSeriesExample("ben-im");
    if (!ben) expect.unreachable();
    const request = { ...ana.request, protocol: ben.protocol, condition: ben.condition };
    return replaceSeries(world.deps, ana.seriesId, { ...BY, request, reach: "any", second: "refuse", ...change });
  };

  test("of the same patient voids the wrong one and enqueues and plans the right one, under the same external id", async () => {
    const result = await replace();
    if (result.kind !== "changed") expect.unreachable();
    const { replacedBy } = result.value;
    expect(result.value).toMatchObject({ how: "undo", sessionsCalledOff: 6 });
    expect(await seriesOf(ana.seriesId)).toMatchObject({ status: "void", replacedBy });
    expect(await seriesOf(replacedBy)).toMatchObject({ status: "active", patientId: ana.patientId });
    expect(live(await statesOf(db, ana))).toEqual([]);
    expect((await statesOf(db, { seriesId: replacedBy }))["planned"]).toBeGreaterThan(5);
    expect(result.revision).toBe(await revisionOf(db, ana));
    expect(result.touchpoints.some(({ seriesId, before }) => seriesId === replacedBy && before === null)).toBe(true);
  });

  test("for the patient it was meant for plans both, whether that one is stored already or not", async () => {
    const chen = await enrol(world, "chen-esketamine");
    const [meant] = await readSeriesExample("ana-iv");
    if (!meant) expect.unreachable();
    const toChen = { ...meant, externalId: null, patient: chen.request.patient };
    const known = await replace({ request: toChen, second: "also" });
    if (known.kind !== "changed") expect.unreachable();
    expect((await seriesOf(known.value.replacedBy)).patientId).toBe(chen.patientId);
    expect(known.revision).toBe(await revisionOf(db, ana));

    ana = await enrol(world, "ana-iv");
    const toNew = { ...meant, externalId: null, patient: { ...meant.patient, ref: `new-${ana.patientId}` } };
    const fresh = await replace({ request: toNew });
    if (fresh.kind !== "changed") expect.unreachable();
    const { patientId } = await seriesOf(fresh.value.replacedBy);
    expect([ana.patientId, chen.patientId]).not.toContain(patientId);
    expect(fresh.touchpoints.some((touchpoint) => touchpoint.patientId === patientId)).toBe(true);
    expect((await sql`select from patients where id = ${patientId} and plan_revision = planned_revision`.execute(db)).rows).toHaveLength(1);
  });

  test("is both or neither: a request that is refused leaves the series as it was", async () => {
    const before = await checksum(db);
    const request = { ...ana.request, protocol: { id: "iv-ketamine", version: 9 } };
    expect(await replace({ request })).toMatchObject({ kind: "refused", faults: [{ path: "protocol" }] });
    expect(await checksum(db)).toEqual(before);
  });

  test("by a series that is stored already is refused", async () => {
    const ben = await enrol(world, "ben-im");
    const before = await checksum(db);
    expect(await replace({ request: ben.request })).toMatchObject({ kind: "refused", faults: [{ path: "externalId" }] });
    expect(await checksum(db)).toEqual(before);
  });

  test("a second time is refused", async () => {
    await replace();
    expect(await replace()).toMatchObject({ kind: "refused", faults: [{ path: "series.status" }] });
  });

  test("as a dry run shows both, and stores nothing", async () => {
    const before = await checksum(db);
    const shown = await replace({ dryRun: true });
    expect(await checksum(db)).toEqual(before);
    if (shown.kind !== "changed") expect.unreachable();
    expect(shown.touchpoints.some(({ before: was }) => was === null)).toBe(true);
    expect(shown.touchpoints.some(({ seriesId }) => seriesId === ana.seriesId)).toBe(true);
  });
});
