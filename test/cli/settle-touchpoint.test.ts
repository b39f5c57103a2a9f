import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { toPublicId, type TouchpointId } from "../../src/domain/ids.ts";
import { ANA, linesOf } from "./run-cli.ts";
import { seedClinic, type SeededClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;
let id: TouchpointId;

beforeAll(async () => {
  clinic = await seedClinic({ protocols: ["iv-ketamine"] });
  expect(await clinic.run(["series", "enqueue", ANA])).toMatchObject({ code: 0 });
  await clinic.plan();
  const row = await clinic.db
    .selectFrom("touchpoints")
    .select("id")
    .where("rule", "=", "welcome")
    .where("channel", "=", "email")
    .executeTakeFirstOrThrow();
  id = row.id;
  for (const state of ["sending", "unknown"]) await sql`update touchpoints set state = ${state} where id = ${id}`.execute(clinic.db);
});

const settle = (...args: string[]) => clinic.run(["touchpoint", "settle", toPublicId("touchpoint", id), ...args]);
const stateOf = async () =>
  (await clinic.db.selectFrom("touchpoints").select(["state", "reason"]).where("id", "=", id).executeTakeFirstOrThrow()).state;

test("what is asked for in a dry run is shown and not done", async () => {
  const { code, stdout } = await settle("--as", "arrived", "--dry-run");
  expect(code).toBe(0);
  expect(stdout).toContain("Would be: It has arrived; it ends as sent.");
  expect(await stateOf()).toBe("unknown");
});

test("a message that somebody said by voice ends as told, once", async () => {
  const { code, stdout } = await settle("--as", "told", "--json", "--actor", "Kim");
  expect(code).toBe(0);
  expect(linesOf(stdout)).toMatchObject([{ kind: "changed", verdict: "told", dryRun: false }]);
  expect(await stateOf()).toBe("suppressed");
  expect(await settle("--as", "told")).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing was stored") });
});

test("what is known cannot be settled, and a verdict must be one of the three", async () => {
  expect(await settle("--as", "again")).toMatchObject({ code: 1, stderr: expect.stringContaining("nobody knows") });
  expect(await settle("--as", "maybe")).toMatchObject({ code: 2 });
  expect(await settle()).toMatchObject({ code: 2 });
  expect(await clinic.run(["touchpoint", "settle", "nonsense", "--as", "told"])).toMatchObject({ code: 2 });
});
