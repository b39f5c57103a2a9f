import { beforeAll, expect, test } from "vitest";
import { ANA, linesOf } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;

beforeAll(async () => {
  clinic = await seedClinic();
  await clinic.run(["series", "enqueue", ANA]);
  await clinic.plan();
});

test("sound books are one line, and what could not be asked is said beside it", async () => {
  const { code, stdout, stderr } = await clinic.run(["ledger", "check"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+ checks, all hold\.\n$/) });
  expect(stderr).toMatch(/^\d checks left out: clinic time is not machine time/);
});

test("a broken promise ends with 1, and stands there as a sentence with its rows", async () => {
  await clinic.pool.query("update touchpoints set ended_at = now() where state = 'planned'");
  const { code, stdout } = await clinic.run(["ledger", "check", "--clinic", "aspen-ridge"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^ends-are-recorded: \d\d rows against the promise that a touchpoint has a moment at which it ended exactly when it has ended\n {2}tp_[0-9a-f-]{36} {2}planned, and yet ended\n/,
  );
  expect(stdout).toMatch(/and \d+ more\n\d+ checks: 1 violated\.\n$/);
  const results = linesOf((await clinic.run(["ledger", "check", "--json"])).stdout);
  expect(results.filter(({ state }) => state === "violated")).toMatchObject([{ name: "ends-are-recorded", offences: expect.any(Array) }]);
  await clinic.pool.query("update touchpoints set ended_at = null where state = 'planned'");
});

test("a clinic that nobody has added is refused", async () => {
  expect(await clinic.run(["ledger", "check", "--clinic", "aspen"])).toMatchObject({ code: 1, stdout: "" });
});
