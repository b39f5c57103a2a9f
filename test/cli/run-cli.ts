/** Runs the real program: in this process, which costs only the work, or as a child process, as a person at a terminal would. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runCommandLine } from "../../src/cli/main.ts";
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

type Given = { readonly env?: Environment; readonly stdin?: string };

/** A process of its own: where it is the process that is told of, or its signals, its terminal or what it leaves behind. */
export async function spawnCli(args: readonly string[], { env = {}, stdin = "" }: Given = {}): Promise<Ended> {
  const child = startCli(args, env);
  child.stdin?.end(stdin);
  const [stdout, stderr] = await Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
    once(child, "close"),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

let last: Promise<unknown> = Promise.resolve();

/** The whole program, from its arguments to its exit code, with an environment and streams of its own. One command at a time: a process has one environment. */
export function runCli(args: readonly string[], given: Given = {}): Promise<Ended> {
  const ended = last.then(() => runHere(args, given));
  last = ended.catch(() => undefined);
  return ended;
}

async function runHere(args: readonly string[], { env = {}, stdin = "" }: Given): Promise<Ended> {
  const { env: machine, exitCode, stdout, stderr } = process;
  const input = Object.getOwnPropertyDescriptor(process, "stdin");
  const [out, err] = [keep(stdout), keep(stderr)];
  process.env = { ...cleanEnvironment(), ...env };
  process.exitCode = undefined;
  Object.defineProperty(process, "stdin", { configurable: true, value: Readable.from(stdin === "" ? [] : [Buffer.from(stdin)]) });
  try {
    const code = await runCommandLine([process.execPath, `${ROOT}bin/afterglow.mjs`, ...args]);
    return { code, stdout: out.text(), stderr: err.text() };
  } finally {
    process.env = machine;
    process.exitCode = exitCode;
    if (input) Object.defineProperty(process, "stdin", input);
    for (const { give } of [out, err]) give();
  }
}

/** What is written to a stream, until it is given back. */
function keep(stream: NodeJS.WriteStream): { text(): string; give(): void } {
  const chunks: Buffer[] = [];
  const { write } = stream;
  stream.write = (chunk: string | Uint8Array, ...more: unknown[]) => {
    chunks.push(Buffer.from(chunk));
    for (const each of more) if (typeof each === "function") each();
    return true;
  };
  return { text: () => Buffer.concat(chunks).toString(), give: () => void (stream.write = write) };
}

/** Lines of JSON. */
export function linesOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
