import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { beforeAll, expect, test } from "vitest";
import { cloneDatabase, type TestDatabase } from "../support/database.ts";
import { type Environment, onDatabase, runCli, spawnCli, startCli } from "./run-cli.ts";

let database: TestDatabase;
let env: Environment;

beforeAll(async () => {
  database = await cloneDatabase();
  env = {
    ...onDatabase(database.url),
    SMTP_URL: "smtp://127.0.0.1:1",
    TWILIO_ACCOUNT_SID: `AC${"5".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "a".repeat(32),
    TWILIO_API_BASE_URL: "http://127.0.0.1:1",
    PUBLIC_BASE_URL: "http://127.0.0.1:8080",
  };
});

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error("The child has no output");
  for await (const line of createInterface({ input: stdout })) return line;
  return "";
}

test.each(["SIGTERM", "SIGINT"] as const)("a worker says when it works, and %s ends it in good order", async (signal) => {
  const child = startCli(["worker"], env);
  expect(await firstLine(child)).toMatch(/^Worker [0-9a-f-]{36} started; queues on postgres/);
  const { stdout } = await runCli(["status", "--json"], { env });
  expect(JSON.parse(stdout).workers).toHaveLength(1);
  child.kill(signal);
  child.stdout?.resume();
  child.stderr?.resume();
  const [code] = await once(child, "close");
  expect(code).toBe(0);
  expect(JSON.parse((await runCli(["status", "--json"], { env })).stdout).workers).toEqual([]);
});

test("a worker refuses to start half-configured and lists every fault", async () => {
  const { code, stdout, stderr } = await spawnCli(["worker"], { env: { ...env, SMTP_URL: "", TWILIO_ACCOUNT_SID: "AC1" } });
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toContain("SMTP_URL: is not set");
  expect(stderr).toContain("TWILIO_ACCOUNT_SID: expected AC and 32 hexadecimal digits");
});

test("a worker whose database or Redis is down does not pretend to work", async () => {
  expect(await spawnCli(["worker"], { env: { ...env, DATABASE_URL: "postgres://a:b@127.0.0.1:1/c" } })).toMatchObject({
    code: 3,
    stdout: "",
  });
  expect(await spawnCli(["worker"], { env: { ...env, REDIS_URL: "redis://127.0.0.1:1" } })).toMatchObject({ code: 3, stdout: "" });
});

test("a worker refuses a database of another environment: a copy must not send a single message", async () => {
  const { code, stdout, stderr } = await spawnCli(["worker"], { env: { ...env, AFTERGLOW_ENV: "demo" } });
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toContain("The database belongs to the environment test, and AFTERGLOW_ENV says demo");
});
