import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { findFreePort } from "./free-port.ts";
import { findOnPath } from "./postgres-binaries.ts";
import { type GuardedProcess, runGuarded } from "./run-guarded.ts";
import { watchLog } from "./server-log.ts";
import { READY_WITHIN_MS, waitUntilReady } from "./wait-until-ready.ts";

/** A running Redis of our own. */
export type LocalRedis = {
  readonly url: string;
  readonly pid: number;
  /** Writes what is left to the append-only file and ends. Removes nothing. A repeat waits for the same end. */
  stop(): Promise<void>;
};

type RedisPlan = { command: string; dir: string; settings: Readonly<Record<string, string | number>> };

const PORT_ATTEMPTS = 5;

/**
 * Starts the `redis-server` of the PATH on a port of 127.0.0.1 that the system chose, set up as the queues need it: append-only file on, `hz 100`, nothing
 * evicted. `dir` is the server's own: its data and `redis.log` are in it, and what is already there is loaded. Undefined when the PATH has no `redis-server`.
 * It is stopped when this process ends, by SIGKILL even. Throws with the last lines of the server's log.
 */
export async function startLocalRedis({
  dir,
  settings = {},
}: {
  readonly dir: string;
  readonly settings?: Readonly<Record<string, string | number>>;
}): Promise<LocalRedis | undefined> {
  const command = await findOnPath("redis-server");
  if (command === undefined) return undefined;
  const plan = { command, dir: resolve(dir), settings };
  await mkdir(plan.dir, { recursive: true });
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt++) {
    const redis = await startOnPort(plan, await findFreePort());
    if (redis) return redis;
  }
  throw new Error("Redis did not start: every port of the system's choice was taken at once.");
}

/** Undefined when somebody else has the port. */
async function startOnPort({ command, dir, settings }: RedisPlan, port: number): Promise<LocalRedis | undefined> {
  const asked = {
    appendonly: "yes",
    hz: 100,
    "maxmemory-policy": "noeviction",
    save: "",
    ...settings,
    daemonize: "no",
    bind: "127.0.0.1",
    dir,
    port,
  };
  const args = Object.entries(asked).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const logFile = join(dir, "redis.log");
  const log = await watchLog(logFile);
  // Redis logs to its standard output, which the guard sends to the file; its own `logfile` setting would hide a fault in the settings themselves.
  const server: GuardedProcess = await runGuarded({ command, args, logFile, stopSignal: "TERM", killSignal: "KILL" });
  const end = await waitUntilReady(server, () => answersPing(port));
  if (end === "ready") return { url: `redis://127.0.0.1:${port}`, pid: server.pid, stop: server.stop };
  await server.stop();
  if (/Address already in use|Failed listening on port/i.test(await log.read())) return undefined;
  throw new Error(
    `Redis did not start${end === "late" ? ` within ${READY_WITHIN_MS / 1000} seconds` : ""}. The end of its log:\n${await log.tail()}`,
  );
}

// A Redis that still loads its file answers -LOADING.
async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write("PING\r\n");
    const [answer] = await once(socket, "data");
    return String(answer).startsWith("+PONG");
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
