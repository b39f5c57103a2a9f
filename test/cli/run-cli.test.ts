import { beforeAll, expect, test } from "vitest";
import { ANA, CLINIC, NOW, ROOT, runCli, spawnCli } from "./run-cli.ts";
import { type SeededClinic, seedClinic } from "./seed-clinic.ts";

let clinic: SeededClinic;

beforeAll(async () => {
  clinic = await seedClinic();
  await clinic.run(["series", "enqueue", ANA]);
  await clinic.plan();
});

/** Every noun, every exit code. */
test.each([
  ["help", ["--help"], 0],
  ["series", ["series", "preview", ANA, "--now", NOW, "--json"], 1],
  ["series from stdin", ["series", "preview", "-", "--clinic", CLINIC], 1],
  ["session", ["session", "arrive", "nobody"], 2],
  ["patient", ["patient", "show", "10482", "--clinic", "aspen-ridge"], 0],
  ["task", ["task", "list", "--clinic", "aspen-ridge"], 0],
  ["touchpoint", ["touchpoint", "explain", "tp_1"], 2],
  ["protocol", ["protocol", "approve", "iv-ketamine@2", "--clinic", "aspen-ridge", "--by", "Dr. Ortiz, MD"], 1],
  ["template", ["template", "list"], 0],
  ["clinic", ["clinic", "add", CLINIC], 1],
  ["bounce", ["bounce", "read", "-"], 0],
  ["database", ["db", "status"], 0],
  ["outlook", ["outlook", "--clinic", "aspen-ridge"], 0],
  ["status", ["status", "--json"], 0],
])("%s says the same and ends alike in this process and in one of its own", async (_, args, code) => {
  const given = { env: clinic.env, stdin: "series: none" };
  const spawned = await spawnCli(args, given);
  expect(spawned.code).toBe(code);
  expect(await runCli(args, given)).toEqual(spawned);
});

test("a dependency that is down ends both alike", async () => {
  const given = { env: { ...clinic.env, DATABASE_URL: "postgres://a:b@127.0.0.1:1/c" } };
  const spawned = await spawnCli(["status"], given);
  expect(spawned).toMatchObject({ code: 3, stdout: "" });
  expect(await runCli(["status"], given)).toEqual(spawned);
});

test("this process keeps its environment, its streams and its exit code", async () => {
  const { env, exitCode, stdin, stdout } = process;
  const { write } = stdout;
  expect((await runCli(["clinic", "add", `${ROOT}no-such-file.yaml`])).code).toBe(2);
  expect([process.env, process.exitCode, process.stdin, process.stdout.write]).toEqual([env, exitCode, stdin, write]);
  expect(process.env["DATABASE_URL"]).toBeUndefined();
});
