import { beforeAll, describe, expect, test } from "vitest";
import { insertApproval } from "../../src/db/approvals.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import { getDraft, sourceOf } from "../../src/cli/protocol-files.ts";
import { at } from "../domain/aspen-ridge.ts";
import { ANA, linesOf, NOW } from "./run-cli.ts";
import { type SeededClinic, seedClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;
let series: string;

beforeAll(async () => {
  clinic = await seedClinic();
  const enqueued = await clinic.run(["series", "enqueue", ANA, "--json"]);
  series = String(linesOf(enqueued.stdout)[0]?.["series"]);
  await clinic.plan();
});

const run = (...args: string[]) => clinic.run(["series", ...args]);
const show = async (id = series) => linesOf((await run("show", id, "--json")).stdout)[0] ?? {};

describe("series pause, resume and stop", () => {
  test("say what changed, in words and as one object", async () => {
    const paused = await run("pause", series, "--actor", "Maria Lopez");
    expect(paused).toMatchObject({ code: 0, stderr: expect.stringContaining("6 sessions to come stay booked") });
    expect(paused.stdout).toMatch(/^ser_\S+ paused\.\n/);
    expect(paused.stdout).toMatch(/the plan is at revision \d+\.\n$/);
    expect(await show()).toMatchObject({ status: "paused", pausedAt: "2027-01-04T15:00:00.000Z", endedAt: null });
    expect((await run("show", series)).stdout).toContain("paused since Mon 2027-01-04 08:00");
    const resumed = await run("resume", series, "--json");
    expect(linesOf(resumed.stdout)[0]).toMatchObject({ kind: "changed", series, status: "active", sessionsToCome: 6, dryRun: false });
  });

  test("refuse a stale revision, which series show prints", async () => {
    const { revision } = await show();
    expect((await run("show", series)).stdout).toContain(`plan at revision ${String(revision)}`);
    const stale = await run("pause", series, "--if-revision", String(Number(revision) - 1));
    expect(stale).toMatchObject({ code: 1, stdout: "" });
    expect(stale.stderr).toContain("look at it again");
    expect((await run("pause", series, "--if-revision", "soon")).code).toBe(2);
  });

  test("store nothing as a dry run, and say so", async () => {
    const shown = await run("stop", series, "--dry-run", "--because", "patient");
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain("Would be: ");
    expect(shown.stdout).toContain("6 sessions called off");
    expect(shown.stdout).toContain("Nothing was stored");
    expect(await show()).toMatchObject({ status: "active" });
  });

  test("want the id of a series", async () => {
    expect(await run("pause", "nonsense")).toMatchObject({ code: 2, stderr: expect.stringContaining("expected the id of a series") });
    expect((await run("pause", "ser_0197c3a4-5a1e-7c00-8f00-0123456789ab")).code).toBe(1);
  });
});

/** Nothing is chased that is not asked any more. */
function withoutNextDay<Rule extends { of?: string[] | undefined }>(rule: Rule): Rule {
  return rule.of ? { ...rule, of: rule.of.filter((id) => id !== "next-day") } : rule;
}

describe("series migrate", () => {
  beforeAll(async () => {
    const draft = sourceOf(await getDraft({ id: "iv-ketamine", version: 1 }, undefined));
    const { id: clinicId } = await clinic.db.selectFrom("clinics").select("id").executeTakeFirstOrThrow();
    const file = { ...draft, version: 2, rules: draft.rules.filter(({ id }) => id !== "next-day").map(withoutNextDay) };
    await transact(clinic.db, (tx) => insertApproval(tx, { clinicId, file, templates: {}, hash: "second", by: "Dr. Test" }));
  });

  test("shows what differs first, and does it with --yes", async () => {
    const shown = await run("migrate", series, "--to", "iv-ketamine@2");
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining("--yes") });
    expect(shown.stdout).toContain("iv-ketamine@2 instead of iv-ketamine@1");
    expect(shown.stdout).toContain("next-day");
    expect(await show()).toMatchObject({ protocol: "iv-ketamine@1" });
    const all = await run("migrate", "--all-of", "iv-ketamine@1", "--clinic", "aspen-ridge", "--to", "iv-ketamine@2");
    expect(all.stderr).toMatch(/1 patient, 1 series, \d+ differences; nothing was stored/);
    expect(await show()).toMatchObject({ protocol: "iv-ketamine@1" });
    const done = await run("migrate", "--all-of", "iv-ketamine@1", "--clinic", "aspen-ridge", "--to", "iv-ketamine@2", "--yes", "--json");
    expect(linesOf(done.stdout)[0]).toMatchObject({ series, kind: "changed", dryRun: false });
    expect(await show()).toMatchObject({ protocol: "iv-ketamine@2" });
    expect((await run("migrate", series, "--to", "iv-ketamine@2")).stdout).toContain("how it is already");
  });

  test("wants either one series or all of a version at a clinic", async () => {
    expect((await run("migrate", "--to", "iv-ketamine@2")).code).toBe(2);
    expect((await run("migrate", "--all-of", "iv-ketamine@1", "--to", "iv-ketamine@2")).code).toBe(2);
    expect((await run("migrate", series, "--to", "newest")).code).toBe(2);
  });
});

describe("series replace and void", () => {
  test("within the undo time do it at once", async () => {
    const replaced = await run("replace", series, ANA, "--json");
    expect(replaced).toMatchObject({ code: 0, stderr: "" });
    const [result] = linesOf(replaced.stdout);
    expect(result).toMatchObject({ kind: "changed", how: "undo", dryRun: false });
    expect(await show()).toMatchObject({ status: "void", replacedBy: result?.["replacedBy"] });
    series = String(result?.["replacedBy"]);
    expect(await show()).toMatchObject({ status: "active", protocol: "iv-ketamine@1" });
  });

  test("later show what would follow, and do it with --yes", async () => {
    await setSteppedClock(clinic.db, at("2027-01-04T15:10:00Z"));
    const shown = await run("void", series);
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining("--yes") });
    expect(shown.stdout).toContain("Nothing was stored");
    expect(await show()).toMatchObject({ status: "active" });
    const done = await run("void", series, "--yes");
    expect(done.stdout).toMatch(/void, 6 sessions called off; nothing of it had left/);
    expect(await show()).toMatchObject({ status: "void", endedAt: "2027-01-04T15:10:00.000Z" });
    expect((await run("void", series, "--yes")).stdout).toContain("how it is already");
    await setSteppedClock(clinic.db, at(NOW));
  });

  test("take one series from a file, and list what is wrong with it", async () => {
    const empty = await clinic.run(["series", "replace", series, "-", "--yes"], "clinic: aspen-ridge\n");
    expect(empty).toMatchObject({ code: 1, stdout: "" });
    expect(empty.stderr).toContain("patient");
  });
});
