import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Account } from "./run-guarded.ts";

const run = promisify(execFile);

/**
 * Whom PostgreSQL runs as, since it refuses to run as root: `postgres`, else `nobody`. Undefined when this process is not root and the server simply runs as
 * the same user. Throws when root has neither.
 */
export async function findServerAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const account = await lookUp(name);
    if (account) return account;
  }
  throw new Error("PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user nobody to run it as.");
}

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** The topmost folder on the way to `folder` (itself included) that the account may not enter, or undefined when it can reach it. */
export async function findClosedFolder(folder: string, account: Account | undefined): Promise<string | undefined> {
  const { stdout } = await runAs(account, {
    command: "sh",
    args: ["-c", 'for f; do test -x "$f" || { echo "$f"; exit; }; done', "sh", ...pathTo(folder)],
  });
  return stdout.trimEnd() || undefined;
}

function pathTo(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [...pathTo(parent), folder];
}

/** Runs a command to its end as the account (as ourselves when undefined), from `/`, which every user can enter. Throws on a failure, with its `stderr`. */
export async function runAs(
  account: Account | undefined,
  { command, args }: { command: string; args: readonly string[] },
): Promise<{ stdout: string; stderr: string }> {
  return run(command, args, { cwd: "/", ...(account && { uid: account.uid, gid: account.gid }) });
}
