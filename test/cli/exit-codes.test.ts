import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { ANA, CLINIC, KEYS, onDatabase, ROOT, runCli } from "./run-cli.ts";

const NOBODY = "postgres://afterglow:a-secret@127.0.0.1:1/afterglow";
const SOME_ID = "0197c3a4-5a1e-7c00-8f00-0123456789ab";
let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await cloneDatabase();
  folder = await mkdtemp(join(tmpdir(), "afterglow-cli-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  ["a command that does not exist", ["series", "enqeue", ANA], "Did you mean enqueue?"],
  ["a noun without a verb", ["series"], "Usage: afterglow series"],
  ["a missing argument", ["series", "enqueue"], "missing required argument 'file'"],
  ["an unknown option", ["status", "--verbose"], "unknown option '--verbose'"],
  ["a missing option", ["protocol", "approve", "iv-ketamine@1"], "--clinic"],
  ["a reason that is none", ["session", "not-dosed", SOME_ID, "--reason", "mood"], "Allowed choices are bp"],
  ["no reason", ["session", "not-dosed", SOME_ID], "--reason"],
  ["an id that is none", ["touchpoint", "explain", "tp_1"], "tp_1: expected the id of a touchpoint"],
  ["a file that is not there", ["series", "enqueue", "/no/such/file.yaml"], "/no/such/file.yaml cannot be read"],
  ["a file whose format nobody can tell", ["series", "enqueue", "series.txt"], "--format"],
  [
    "a folder of templates that is none",
    ["template", "check", "--templates", "/no/such/folder"],
    "/no/such/folder is no folder of templates",
  ],
  ["a folder of protocols that is none", ["protocol", "list", "--protocols", "/no/such/folder"], "/no/such/folder holds no protocol"],
  ["an outlook of nobody", ["outlook"], "--patient REF or --clinic SLUG"],
  ["an outlook of no days", ["outlook", "--clinic", "aspen-ridge", "--days", "0"], "--days 0"],
])("%s ends with exit code 2 and says what would be right", async (_, args, says) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(says);
  expect(stderr).not.toMatch(/^ +at /m);
});

test("help and version end with exit code 0", async () => {
  expect(await runCli(["--help"])).toMatchObject({ code: 0, stderr: "" });
  expect(await runCli(["--version"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test.each([["status"], ["db", "migrate"], ["outlook", "--clinic", "aspen-ridge"], ["series", "enqueue", ANA]])(
  "without a configuration %s %s ends with exit code 3 and lists what is missing",
  async (...args) => {
    const { code, stdout, stderr } = await runCli(args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    for (const name of ["DATABASE_URL", "AFTERGLOW_KEYS", "AFTERGLOW_INDEX_KEY", "AFTERGLOW_LINK_KEYS"])
      expect(stderr).toContain(`${name}: is not set`);
  },
);

test.each([["status"], ["db", "status"], ["clinic", "add", CLINIC], ["series", "enqueue", ANA], ["series", "preview", ANA]])(
  "with the database down %s %s ends with exit code 3 and tells no password",
  async (...args) => {
    const { code, stdout, stderr } = await runCli(args, { env: { ...KEYS, DATABASE_URL: NOBODY } });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("PostgreSQL at 127.0.0.1:1 (DATABASE_URL)");
    expect(stderr).not.toContain("a-secret");
    expect(stderr).not.toMatch(/^ +at /m);
  },
);

test("with Redis down a command that states facts ends with exit code 3, and one that only reads does its work", async () => {
  const env = { ...onDatabase(database.url), REDIS_URL: "redis://:a-secret@127.0.0.1:1" };
  const enqueued = await runCli(["series", "enqueue", ANA], { env });
  expect(enqueued).toMatchObject({ code: 3, stdout: "", stderr: expect.stringContaining("Redis at 127.0.0.1:1 (REDIS_URL)") });
  expect(enqueued.stderr).not.toContain("a-secret");
  expect(await runCli(["db", "status"], { env })).toMatchObject({ code: 0 });
});

test("the status still tells what the database knows when the queues are down", async () => {
  const env = { ...onDatabase(database.url), REDIS_URL: "redis://127.0.0.1:1" };
  const { code, stdout } = await runCli(["status", "--json"], { env });
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ touchpoints: {}, workers: [], queues: { down: expect.stringContaining("Redis") } });
});

test("a database that was never migrated is said to be so", async () => {
  const empty = `empty_${database.url.split("/t_")[1]}`;
  await database.pool.query(`create database ${empty}`);
  const env = onDatabase(database.url.replace(/[^/]+$/, empty));
  try {
    expect(await runCli(["status"], { env })).toMatchObject({ code: 3, stderr: expect.stringContaining("afterglow db migrate") });
    expect(await runCli(["db", "status"], { env })).toMatchObject({ code: 3 });
    expect(await runCli(["db", "migrate"], { env })).toMatchObject({ code: 0, stdout: expect.stringContaining("migrations applied") });
    expect(await runCli(["db", "migrate", "--json"], { env })).toMatchObject({ code: 0, stdout: expect.stringContaining('"applied":[]') });
    expect(await runCli(["db", "status"], { env })).toMatchObject({ code: 0 });
  } finally {
    await database.pool.query(`drop database ${empty} with (force)`);
  }
});

test("templates that cannot be read as such are listed like any other input", async () => {
  await cp(`${ROOT}templates`, join(folder, "templates"), { recursive: true });
  await writeFile(join(folder, "templates/sms/welcome.fr.txt"), "Bonjour");
  await writeFile(join(folder, "templates/sms/odd name.txt"), "?");
  const { code, stdout, stderr } = await runCli(["template", "list", "--templates", join(folder, "templates")]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^sms\/welcome\.fr\.txt: expected a name such as /m);
  expect(stderr).toMatch(/^2 faults; such messages must not go out$/m);
});

test("a file that is not UTF-8 is refused in a sentence", async () => {
  const file = join(folder, "latin1.yaml");
  await writeFile(file, Buffer.from("clinic: aspen-ridge # caf\xe9", "latin1"));
  expect(await runCli(["clinic", "add", file])).toMatchObject({ code: 2, stderr: expect.stringContaining("UTF-8") });
});
