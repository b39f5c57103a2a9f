import { randomBytes } from "node:crypto";
import { access, chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Account } from "./run-guarded.ts";
import { findClosedFolder, runAs } from "./server-account.ts";

/** A PostgreSQL data directory and the password of its superuser `postgres`. */
export type PostgresCluster = { readonly data: string; readonly password: string };

/** Where to make it, with which binaries, for whom, and with which further arguments of `initdb`. */
export type ClusterPlan = { readonly bin: string; readonly account: Account | undefined; readonly initdbArgs: readonly string[] };

/**
 * Makes a cluster in `dir` (UTF-8, locale C, a random password asked of every connection), or finds the one that an earlier call made there. `dir` and its
 * content come to belong to the account. Throws when the account cannot enter it.
 */
export async function openCluster(dir: string, plan: ClusterPlan): Promise<PostgresCluster> {
  const data = join(dir, "data");
  const passwordFile = join(dir, "password");
  await mkdir(dir, { recursive: true });
  await handOver(dir, plan.account);
  await refuseClosedFolder(dir, plan.account);
  if (!(await exists(data))) await createCluster(data, { passwordFile, ...plan });
  return { data, password: await readFile(passwordFile, "utf8") };
}

async function createCluster(
  data: string,
  { bin, account, initdbArgs, passwordFile }: ClusterPlan & { passwordFile: string },
): Promise<void> {
  const draft = `${data}.new`;
  await rm(draft, { recursive: true, force: true });
  await writeFile(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  await handOver(passwordFile, account);
  const cluster = [
    "-D",
    draft,
    "-U",
    "postgres",
    "-A",
    "scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--encoding=UTF8",
    "--locale=C",
    "--no-instructions",
  ];
  try {
    await runAs(account, { command: join(bin, "initdb"), args: [...cluster, ...initdbArgs] });
  } catch (error) {
    throw new Error(`initdb could not make a database in ${data}. ${error instanceof Error ? error.message.trim() : String(error)}`, {
      cause: error,
    });
  }
  // Renamed when whole: an initdb cut short must not pass for a cluster at the next start.
  await rename(draft, data);
}

async function handOver(path: string, account: Account | undefined): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}

async function refuseClosedFolder(dir: string, account: Account | undefined): Promise<void> {
  const closed = account && (await findClosedFolder(dir, account));
  if (closed)
    throw new Error(
      `PostgreSQL runs as the user ${account.name}, who cannot enter ${closed}; choose a folder outside it, under /tmp for instance.`,
    );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
