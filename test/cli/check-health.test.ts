import { sql } from "kysely";
import { expect, test } from "vitest";
import { beat, registerWorker } from "../../src/db/workers.ts";
import { cloneDatabase } from "../support/database.ts";
import { onDatabase, runCli } from "./run-cli.ts";

const { db, url } = await cloneDatabase();
const env = onDatabase(url);
const health = (...args: string[]) => runCli(["health", ...args], { env });

test("nobody works: it says so and ends as a dependency that is down", async () => {
  expect(await health()).toMatchObject({ code: 3, stdout: "no worker has a heartbeat: nothing is planned or sent (afterglow worker)\n" });
});

test("a worker that is well is well; one whose clock is off is not", async () => {
  const id = await registerWorker(db, { role: "worker", version: "test" });
  expect(await health()).toMatchObject({ code: 0, stdout: "ok\n" });
  await beat(db, id, { skewMs: 2_500 });
  const { code, stdout } = await health("--json");
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ status: "down", alive: 1, working: 0, complaints: [expect.stringContaining("clock")] });
  await sql`delete from workers`.execute(db);
});

test("an impossible patience is a wrong command line, and a database that is away a dependency that is down", async () => {
  expect(await health("--within", "soon")).toMatchObject({ code: 2 });
  expect(await runCli(["health"], { env: { ...env, DATABASE_URL: "postgres://a:b@127.0.0.1:1/c" } })).toMatchObject({
    code: 3,
    stdout: "",
  });
});
