import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";

/** The user a server runs as. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** A server that runs as a child of this process. */
export type GuardedProcess = {
  /** The server's own process id, not the guard's. */
  readonly pid: number;
  /** Settles once the server is gone, with its exit code (128 + n after signal n). */
  readonly exited: Promise<number>;
  /** Asks the server to stop and waits until it is gone; after ten seconds it is killed. A repeat waits for the same end. */
  stop(): Promise<void>;
};

/** What to run, which signal means "stop in good order" and which means "now". */
export type GuardedCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly stopSignal: "INT" | "TERM";
  readonly killSignal: "QUIT" | "KILL";
  readonly account?: Account | undefined;
};

// The guard reads a pipe whose other end only we hold. It ends when stop() closes it and also when the kernel closes it because this process is gone, by
// SIGKILL even, so both ways of stopping are one.
const GUARD = `
signal=$1; shift
exec 3<&0
"$@" </dev/null >&2 3<&- &
server=$!
echo "$server"
exec >&-
( read -r line <&3; kill -s "$signal" "$server" ) 2>/dev/null &
watch=$!
exec 3<&- </dev/null
wait "$server"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
`;

const STOP_WITHIN_MS = 10_000;

/**
 * Starts a server that does not outlive this process, however this process ends. It writes to `logFile`, which is appended to, and does not keep the event
 * loop alive. Needs a POSIX `sh`.
 */
export async function runGuarded(run: GuardedCommand): Promise<GuardedProcess> {
  const log = await open(run.logFile, "a");
  try {
    // Its own session: Ctrl-C in the terminal reaches us and not the server, which has to be the last to stop.
    const guard = spawn("sh", ["-c", GUARD, "sh", run.stopSignal, run.command, ...run.args], {
      cwd: "/",
      detached: true,
      stdio: ["pipe", "pipe", log.fd],
      ...(run.account && { uid: run.account.uid, gid: run.account.gid }),
    });
    const exited = once(guard, "close").then(([code]) => Number(code));
    const pid = await Promise.race([readPid(guard), exited.then(() => undefined)]);
    if (pid === undefined) throw new Error(`${run.command} could not be started.`);
    release(guard);
    return { pid, exited, stop: () => stop(guard, { pid, exited, killSignal: run.killSignal }) };
  } finally {
    await log.close();
  }
}

async function readPid(guard: ChildProcess): Promise<number | undefined> {
  if (!guard.stdout) return undefined;
  const [line] = await once(guard.stdout, "data");
  return Number.parseInt(String(line), 10) || undefined;
}

function release(guard: ChildProcess): void {
  guard.unref();
  // Node types the pipes as streams; they are sockets, and a socket that is not unref'ed keeps the process alive.
  for (const pipe of [guard.stdin, guard.stdout]) if (pipe && "unref" in pipe && typeof pipe.unref === "function") pipe.unref();
}

async function stop(guard: ChildProcess, server: { pid: number; exited: Promise<number>; killSignal: "QUIT" | "KILL" }): Promise<void> {
  guard.ref();
  guard.stdin?.end();
  const overdue = setTimeout(() => kill(server.pid, `SIG${server.killSignal}`), STOP_WITHIN_MS);
  await server.exited.finally(() => clearTimeout(overdue));
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It went by itself between the deadline and the signal.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
