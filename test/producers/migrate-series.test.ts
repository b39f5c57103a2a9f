import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { insertApproval } from "../../src/db/approvals.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import { DAY, instant } from "../../src/domain/calendar.ts";
import type { ProtocolFile } from "../../src/domain/protocol.ts";
import { migrateSeries } from "../../src/producers/migrate-series.ts";
import { pauseSeries } from "../../src/producers/pause-series.ts";
import { EXAMPLES_BEGIN, openWorld } from "../support/world.ts";
import { BY, checksum, DRY, enrol, type Enrolled, eventsOf, pretendSent, revisionOf, rowsOf } from "./support/enrolled.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const SECOND = { id: "iv-ketamine", version: 2 };
let first: ProtocolFile;
let ana: Enrolled;

async function approve(file: ProtocolFile): Promise<void> {
  await transact(db, (tx) =>
    insertApproval(tx, { clinicId: world.clinicId, file, templates: {}, hash: `${file.version}-${file.summary}`, by: "Dr. Test" }),
  );
}

/** Home-safe an hour later than in the first version, without the check of the next day and whatever chases it, and with a longer observation. */
function secondVersion(): ProtocolFile {
  const rules = first.rules
    .filter(({ id }) => id !== "next-day")
    .map((rule) => (rule.id === "home-safe" ? { ...rule, offset: "PT3H" } : rule))
    .map((rule) => (rule.of === undefined ? rule : { ...rule, of: rule.of.filter((id) => id !== "next-day") }));
  return { ...first, version: 2, rules, instructions: { ...first.instructions, observation: "PT3H" } };
}

beforeAll(async () => {
  first = parse(await readFile("protocols/iv-ketamine.yaml", "utf8"));
  await approve(secondVersion());
});

beforeEach(async () => {
  ana = await enrol(world, "ana-iv");
});

const migrate = (options = BY, to = SECOND) => migrateSeries(world.deps, ana.seriesId, { ...options, to });
const ofRule = async (rule: string) => (await rowsOf(db, ana)).filter((row) => row.rule === rule);

describe("a series that goes on with another version of its protocol", () => {
  test("moves what the version times otherwise, drops what it does not know, and leaves the rest alone", async () => {
    const before = await rowsOf(db, ana);
    const result = await migrate();
    expect(result).toMatchObject({ kind: "changed", value: { from: "iv-ketamine@1", to: "iv-ketamine@2" } });
    const after = new Map((await rowsOf(db, ana)).map((row) => [row.id, row]));
    for (const row of before) {
      const now = after.get(row.id);
      if (row.rule === "next-day" || row.key.startsWith("check-in-chase/next-day:"))
        expect(now?.state).toBe(row.state === "planned" ? "superseded" : row.state);
      else if (row.rule === "home-safe" && row.state === "planned") expect(now?.dueAt).not.toBe(row.dueAt);
      else expect(now).toEqual(row);
    }
    expect(await eventsOf(db, ana.seriesId)).toEqual(["series.enqueued", "series.migrated"]);
  });

  test("never says again what the version before has said", async () => {
    const rule = await pretendSent(db, ana, "email");
    const before = await ofRule(rule);
    await migrate();
    expect(await ofRule(rule)).toEqual(before);
  });

  test("is shown the difference first, and stores nothing of it", async () => {
    const before = await checksum(db);
    const shown = await migrate(DRY);
    expect(await checksum(db)).toEqual(before);
    if (shown.kind !== "changed") expect.unreachable();
    expect(new Set(shown.touchpoints.map(({ rule }) => rule))).toEqual(new Set(["home-safe", "next-day", "check-in-chase"]));
    expect(shown.warnings).toEqual([expect.stringContaining("sessions that are booked keep their ends")]);
  });

  test("is migrated once, and only on the plan that was looked at", async () => {
    expect(await migrate({ ...BY, ifRevision: (await revisionOf(db, ana)) + 1 })).toMatchObject({ faults: [{ path: "revision" }] });
    await migrate();
    const before = await checksum(db);
    expect(await migrate()).toEqual({ kind: "same" });
    expect(await checksum(db)).toEqual(before);
  });

  test("takes the newest approval of the version", async () => {
    await migrate();
    await approve({ ...secondVersion(), summary: "The same, reworded" });
    expect(await migrate()).toMatchObject({ kind: "changed", touchpoints: [] });
    expect(await migrate()).toEqual({ kind: "same" });
  });

  test("in the middle of a pause stays silent", async () => {
    await pauseSeries(world.deps, ana.seriesId, BY);
    await migrate();
    expect((await rowsOf(db, ana)).filter(({ state }) => state === "planned")).toEqual([]);
  });

  test("half way leaves the past alone and asks nothing twice", async () => {
    await setSteppedClock(db, instant(EXAMPLES_BEGIN + 12 * DAY));
    const result = await migrate();
    if (result.kind !== "changed") expect.unreachable();
    const { touchpoints } = result;
    expect(touchpoints.filter(({ before, after }) => before === null && after.state === "planned")).toEqual([]);
  });
});

test("a version that is not approved, another protocol and a series that has ended are refused", async () => {
  expect(await migrate(BY, { id: "iv-ketamine", version: 7 })).toMatchObject({ faults: [{ path: "to" }] });
  expect(await migrate(BY, { id: "im-ketamine", version: 1 })).toMatchObject({ faults: [{ path: "to" }] });
  await db.updateTable("series").set({ status: "stopped" }).where("id", "=", ana.seriesId).execute();
  expect(await migrate()).toMatchObject({ faults: [{ path: "series.status" }] });
  // Not even "the same as before": what has ended does not go on.
  expect(await migrate(BY, { id: "iv-ketamine", version: 1 })).toMatchObject({ faults: [{ path: "series.status" }] });
});
