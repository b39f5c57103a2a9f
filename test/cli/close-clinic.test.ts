import { readFile } from "node:fs/promises";
import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { ANA, CLINIC, linesOf, runCli } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;

beforeAll(async () => {
  clinic = await seedClinic();
  expect(await clinic.run(["series", "enqueue", ANA])).toMatchObject({ code: 0 });
  await clinic.plan();
});

const status = async () => (await clinic.db.selectFrom("sessions").select("status").orderBy("startsAt").executeTakeFirst())?.status;
const DAY = ["--day", "2027-01-11", "--reason", "snow"];

describe("clinic close", () => {
  test("shows whom it concerns, by chart number and never by name, and stores nothing when rehearsed", async () => {
    const { code, stdout } = await clinic.run(["clinic", "close", "aspen-ridge", ...DAY, "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Would be: aspen-ridge closed on 2027-01-11, the whole day (America/Denver): snow");
    expect(stdout).toMatch(/postponed +1 session of 1 patient/);
    expect(stdout).not.toMatch(/ketamine|infusion/i);
    expect(await status()).toBe("scheduled");
    const [shown] = linesOf((await clinic.run(["clinic", "close", "aspen-ridge", ...DAY, "--dry-run", "--json"])).stdout);
    expect(shown).toMatchObject({
      kind: "changed",
      dryRun: true,
      closure: null,
      patients: 1,
      urgent: 0,
      mustBeCalled: 0,
      postponed: [{ chart: "10482" }],
    });
  });

  test("names who must be called, because no message can reach them", async () => {
    await sql`update contact_points set granted = false`.execute(clinic.db);
    const { stdout } = await clinic.run(["clinic", "close", "aspen-ridge", ...DAY, "--dry-run"]);
    expect(stdout).toMatch(/no channel +1 patient, to be called/);
    expect(stdout).toMatch(/To call[^\n]+\n +chart 10482 +pat_[0-9a-f-]+ +Mon 2027-01-11 09:00/);
    await sql`update contact_points set granted = true`.execute(clinic.db);
  });

  test("closes, lists the closure and who is not reached, and opens again", { timeout: 120_000 }, async () => {
    const [closed] = linesOf((await clinic.run(["clinic", "close", "aspen-ridge", ...DAY, "--actor", "Maria Lopez", "--json"])).stdout);
    expect(closed).toMatchObject({ kind: "changed", dryRun: false, revision: expect.any(Number), closure: expect.stringMatching(/^clo_/) });
    expect(await status()).toBe("postponed");
    const id = String(closed?.["closure"]);
    expect((await clinic.run(["clinic", "close", "aspen-ridge", ...DAY])).stdout).toBe("That is how it is already; nothing was stored.\n");
    expect((await clinic.run(["clinic", "closure", "list", "aspen-ridge"])).stdout).toMatch(new RegExp(`^${id} .* closed +snow$`, "m"));
    await clinic.plan();
    const { stdout } = await clinic.run(["clinic", "closure", "show", id]);
    expect(stdout).toContain("1 session without a new time; the patients of 0 are reached, of 1 not.");
    expect(stdout).toMatch(/chart 10482 +ses_[0-9a-f-]+ +Mon 2027-01-11 09:00 +call planned/);
    expect((await clinic.run(["clinic", "reopen", id])).stdout).toContain("aspen-ridge open again");
    expect(await status()).toBe("postponed");
    const [shown] = linesOf((await clinic.run(["clinic", "closure", "show", id, "--all", "--json"])).stdout);
    expect(shown).toMatchObject({ reopenedAt: expect.any(String), sessions: 1, reached: 0, listed: [{ chart: "10482", reached: false }] });
  });

  test("keeps a day closed when the clinic's settings are set again", async () => {
    await clinic.run(["clinic", "close", "aspen-ridge", "--day", "2027-03-01", "--reason", "painters"]);
    expect(await clinic.run(["clinic", "set", CLINIC])).toMatchObject({ code: 0 });
    const { rows } = await sql<{ kept: boolean }>`select date '2027-03-01' = any(closures) as kept from clinics`.execute(clinic.db);
    expect(rows).toEqual([{ kept: true }]);
    expect(await readFile(CLINIC, "utf8")).not.toContain("2027-03-01");
  });

  test.each([
    [["--day", "2027-02-30", "--reason", "snow"], "a day that exists"],
    [["--day", "2027-02-02", "--from", "8", "--reason", "snow"], "a time of day"],
    [["--day", "2027-02-02", "--from", "12:00", "--to", "08:00", "--reason", "snow"], "end after they begin"],
    [["--day", "2027-03-14", "--from", "02:30", "--reason", "snow"], "the clocks jump over it on that day; nearest are 01:59 and 03:00"],
    [["--day", "2027-02-02", "--reason", "   "], "some text"],
    [["--reason", "snow"], "--day"],
  ])("refuses %j as a wrong command line", async (args, words) => {
    const { code, stderr } = await clinic.run(["clinic", "close", "aspen-ridge", ...args]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });

  test("refuses a clinic and a closure that are not there, and a day that is over", async () => {
    expect(await clinic.run(["clinic", "close", "aspen-rige", ...DAY])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("did you mean aspen-ridge"),
    });
    expect(await clinic.run(["clinic", "close", "aspen-ridge", "--day", "2027-01-03", "--reason", "snow"])).toMatchObject({ code: 1 });
    const nobody = "clo_0197c3a4-5a1e-7c00-8f00-0123456789ab";
    for (const args of [["closure", "show"], ["reopen"]]) expect(await clinic.run(["clinic", ...args, nobody])).toMatchObject({ code: 1 });
    expect(await clinic.run(["clinic", "reopen", "snow"])).toMatchObject({ code: 2 });
  });
});

describe("clinic move-day", () => {
  test("moves the day, says what stays and why, and refuses a stale look", async () => {
    const [second] = await clinic.db
      .selectFrom("sessions")
      .select("localStart")
      .where("status", "=", "scheduled")
      .orderBy("startsAt")
      .execute();
    const from = second?.localStart.slice(0, 10) ?? "";
    const args = ["clinic", "move-day", "aspen-ridge", "--from", from, "--to", "2027-01-23"];
    const { stdout } = await clinic.run([...args, "--dry-run"]);
    expect(stdout).toMatch(/moved +1 session of 1 patient/);
    const revision = Number(/at revision (\d+)/.exec(stdout)?.[1]);
    expect(await clinic.run([...args, "--if-revision", String(revision + 1)])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("revision"),
    });
    const [moved] = linesOf((await clinic.run([...args, "--if-revision", String(revision), "--json"])).stdout);
    expect(moved).toMatchObject({ kind: "changed", patients: 1, moved: [{ chart: "10482", local: second?.localStart }], left: [] });
    expect((await clinic.run(args)).stdout).toBe("That is how it is already; nothing was stored.\n");
  });

  test("refuses a day moved onto itself", async () => {
    expect(await clinic.run(["clinic", "move-day", "aspen-ridge", "--from", "2027-01-14", "--to", "2027-01-14"])).toMatchObject({
      code: 2,
    });
  });
});

test.each([["clinic"], ["clinic", "closure"], ["template"], ["switch"], ["switch", "off"], ["safe-mode"]].map((path) => [path]))(
  "%j and its verbs explain themselves with examples",
  async (path) => {
    const { code, stdout } = await runCli([...path, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples?:\n {2}\$ afterglow /);
  },
);
