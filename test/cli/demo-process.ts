/** The demo as a process of its own, started as a user does, in a folder for temporary files of its own, so that whatever it leaves behind is found. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { COMPILE_CACHE } from "../support/compile-cache.ts";

export type Demo = {
  /** Where the messages go. */
  readonly folder: string;
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Settles when the process is gone, with what a shell would say of it: its exit code, or 128 + n after signal n, which npm passes on to itself. */
  readonly gone: Promise<number>;
  /** Settles once stdout holds the text; throws with what there was when the process ends before. */
  untilSaid(text: string): Promise<void>;
  /** Every signal goes to the whole group, as a terminal's Ctrl-C does. */
  signal(name: NodeJS.Signals): void;
  /** Command lines of what still runs, and folders for temporary files. */
  leftovers(): Promise<string[]>;
};

const made: { home: string; child: ChildProcess }[] = [];

afterEach(async () => {
  for (const { home, child } of made.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) signalGroup(child, "SIGKILL");
    await rm(home, { recursive: true, force: true });
  }
});

/** `npm run -s demo -- ...args`, with nothing of this process's configuration but `environment`. */
export async function startDemo(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Demo> {
  const home = await mkdtemp(join(tmpdir(), "afterglow-demo-test-"));
  // PostgreSQL runs as another user when we are root.
  await chmod(home, 0o755);
  const folder = join(home, "messages");
  const child = spawn("npm", ["run", "-s", "demo", "--", ...args, "--folder", folder], {
    env: { ...withoutOurs(process.env), TMPDIR: home, ...COMPILE_CACHE, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  made.push({ home, child });
  const gone = new Promise<number>((resolve) => {
    child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
  const said = listen(child);
  return {
    folder,
    child,
    gone,
    ...said,
    untilSaid: (text) => Promise.race([said.wait(text), gone.then(() => refuse(`the demo ended before it said ${text}`, said))]),
    signal: (name) => signalGroup(child, name),
    leftovers: async () => [...(await listProcesses(home)), ...(await readdir(home)).filter((name) => name.startsWith("afterglow-"))],
  };
}

function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^(?:DATABASE_|REDIS_|SMTP_|TWILIO_|AFTERGLOW_|PUBLIC_BASE_URL|VITEST|NODE_ENV|NODE_OPTIONS|FORCE_COLOR)/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name)));
}

function listen({ stdout, stderr }: ChildProcess) {
  const texts = { stdout: "", stderr: "" };
  const waiting: { text: string; resolve: () => void }[] = [];
  stderr?.setEncoding("utf8").on("data", (chunk: string) => (texts.stderr += chunk));
  stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    texts.stdout += chunk;
    for (const { text, resolve } of waiting) if (texts.stdout.includes(text)) resolve();
  });
  return {
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    wait: (text: string) =>
      new Promise<void>((resolve) => {
        if (texts.stdout.includes(text)) resolve();
        waiting.push({ text, resolve });
      }),
  };
}

function refuse(why: string, { stdout, stderr }: { stdout: () => string; stderr: () => string }): never {
  throw new Error(`${why}\n${stdout().slice(-2_000)}\n${stderr()}`);
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, name);
}

/** Processes that name the folder in their command line: PostgreSQL, its guard, the guard of its folder, the demo itself. */
async function listProcesses(home: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.map((line) => line.replaceAll("\0", " ")).filter((line) => line.includes(home));
}
