import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { ANA, linesOf } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;

beforeAll(async () => {
  clinic = await seedClinic();
  expect(await clinic.run(["series", "enqueue", ANA])).toMatchObject({ code: 0 });
  await clinic.plan();
});

const claimable = async () =>
  Number(
    (await sql<{ number: number }>`select count(*) as number from claimable_touchpoints where channel <> 'task'`.execute(clinic.db)).rows[0]
      ?.number,
  );

describe("switch", () => {
  test("shows what it would stop, stops it, is seen in list and status, and lets it go on", { timeout: 120_000 }, async () => {
    const before = await claimable();
    const args = ["channel", "--channel", "sms"];
    const rehearsed = await clinic.run(["switch", "off", ...args, "--reason", "texts arrive twice", "--dry-run"]);
    expect(rehearsed.stdout).toMatch(/^Would be: off\. \d+ planned messages of it wait/);
    expect((await clinic.run(["switch", "list"])).stdout).toBe("No switch is off: everything is sent.\n");
    expect(await clinic.run(["switch", "off", ...args, "--reason", "texts arrive twice", "--actor", "Maria"])).toMatchObject({ code: 0 });
    expect(await claimable()).toBeLessThan(before);
    expect((await clinic.run(["switch", "list"])).stdout).toMatch(
      /^channel sms +off since .+ staff:Maria +\d+ due, \d+ planned +texts arrive twice$/m,
    );
    expect((await clinic.run(["status"])).stdout).toMatch(/^switched off +channel sms, since .+: texts arrive twice$/m);
    const [status] = linesOf((await clinic.run(["status", "--json"])).stdout);
    expect(status).toMatchObject({ safeMode: null, switches: [{ scope: "channel", subject: "sms" }] });
    expect((await clinic.run(["switch", "off", ...args, "--reason", "again"])).stdout).toBe(
      "That switch is off already; nothing was stored.\n",
    );
    expect(await clinic.run(["switch", "on", ...args])).toMatchObject({ code: 0 });
    expect(await claimable()).toBe(before);
  });

  test("finds a patient by chart number and shows an id", async () => {
    await clinic.run(["switch", "off", "patient", "--patient", "10482", "--reason", "complaint"]);
    expect(await claimable()).toBe(0);
    expect((await clinic.run(["switch", "list"])).stdout).toMatch(/^patient pat_[0-9a-f-]{36} /);
    await clinic.run(["switch", "on", "patient", "--patient", "10482"]);
  });

  test.each([
    [["template", "--template", "day-befor", "--reason", "x"], 1, "did you mean day-before?"],
    [["patient", "--patient", "99999", "--reason", "x"], 1, "patient: expected"],
    [["clinic", "--clinic", "aspen", "--reason", "x"], 1, "clinic: expected"],
    [["channel", "--channel", "fax", "--reason", "x"], 2, "fax"],
    [["everything"], 2, "--reason"],
    [["everything", "--clinic", "aspen-ridge", "--reason", "x"], 2, "--clinic"],
  ])("refuses %j, because it would stop nothing or more than was meant", async (args, code, words) => {
    const ended = await clinic.run(["switch", "off", ...args]);
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: expect.stringContaining(words) });
    expect((await clinic.run(["switch", "list"])).stdout).toContain("No switch is off");
  });
});

describe("safe-mode", () => {
  test("off, says so and has nothing to leave", async () => {
    expect((await clinic.run(["safe-mode", "show"])).stdout).toBe("Safe mode is off: messages are sent as usual.\n");
    expect(await clinic.run(["safe-mode", "leave", "--by", "Sam", "--reason", "none"])).toMatchObject({ code: 1 });
  });

  test("on, says why and what would go, is seen in the status, and is left by name", { timeout: 120_000 }, async () => {
    await sql`update clinic_clock set safe_mode_since = afterglow_now(), safe_mode_reason = 'it was copied into another database'`.execute(
      clinic.db,
    );
    expect(await claimable()).toBe(0);
    const { stdout } = await clinic.run(["safe-mode", "show"]);
    expect(stdout).toContain("it was copied into another database. Nothing is sent");
    expect(stdout).toMatch(/\d+ messages? would go at once; \d+ (is|are) overdue/);
    expect((await clinic.run(["status"])).stdout).toMatch(/^safe mode +on since .+: it was copied into another database$/m);
    const args = ["safe-mode", "leave", "--by", "Sam Reed", "--reason", "checked", "--not-before", "2027-01-04T18:00-07:00"];
    expect((await clinic.run([...args, "--dry-run"])).stdout).toContain("Nothing was stored");
    const [left] = linesOf((await clinic.run([...args, "--json"])).stdout);
    expect(left).toMatchObject({ kind: "left", notBefore: "2027-01-05T01:00:00.000Z", ended: { inFlight: 0, expired: 0 }, dryRun: false });
    const past = await clinic.db
      .selectFrom("touchpoints")
      .select("dueAt")
      .where("state", "=", "planned")
      .where("channel", "<>", "task")
      .execute();
    expect(Math.min(...past.map(({ dueAt }) => dueAt))).toBeGreaterThanOrEqual(Date.parse("2027-01-05T01:00:00Z"));
    expect(await claimable()).toBeGreaterThan(0);
    const [event] = await clinic.db.selectFrom("events").select(["actor", "data"]).where("kind", "=", "safe-mode.left").execute();
    expect(event).toMatchObject({ actor: "staff:Sam Reed", data: { reason: "checked" } });
  });

  test("takes only an instant with its offset", async () => {
    expect(await clinic.run(["safe-mode", "leave", "--by", "Sam", "--reason", "x", "--not-before", "tomorrow"])).toMatchObject({ code: 2 });
  });
});
