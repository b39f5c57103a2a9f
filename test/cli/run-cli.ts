/** Runs the real program as a child process, as a person at a terminal would. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { makeKeys } from "../../src/config.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const CLINIC = `${ROOT}examples/clinic.yaml`;
export const ANA = `${ROOT}examples/ana-iv.yaml`;
/** Monday 2027-01-04, 08:00 in Denver: after everything that the examples say has happened. */
export const NOW = "2027-01-04T15:00:00Z";

export type Environment = Readonly<Record<string, string>>;
export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Nothing that the machine has set up for Afterglow reaches the child. */
export function cleanEnvironment(): Environment {
  const ours = /^(AFTERGLOW_|DATABASE_|REDIS_|SMTP_|TWILIO_|PUBLIC_|ROLE$|HOST$|PORT$|LOG_LEVEL$|NODE_OPTIONS$|VITEST)/;
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined || ours.test(name) ? [] : [[name, value]])),
  );
}

/** Keys of this test run; every call in a file shares them. */
export const KEYS: Environment = { ...makeKeys() };

/** What a command on that database needs. */
export function onDatabase(url: string): Environment {
  return { ...KEYS, DATABASE_URL: url, AFTERGLOW_ENV: "test" };
}

export function startCli(args: readonly string[], env: Environment = {}): ChildProcess {
  return spawn(process.execPath, [`${ROOT}bin/afterglow.mjs`, ...args], {
    env: { ...cleanEnvironment(), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

export async function runCli(
  args: readonly string[],
  { env = {}, stdin = "" }: { env?: Environment; stdin?: string } = {},
): Promise<Ended> {
  const child = startCli(args, env);
  child.stdin?.end(stdin);
  const [stdout, stderr] = await Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
    once(child, "close"),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

/** Lines of JSON. */
export function linesOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
