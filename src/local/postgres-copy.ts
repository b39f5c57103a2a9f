import { access, chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { runAs } from "./server-account.ts";

/**
 * Copies the package's binaries, libraries and data to a folder under `parent` that every user can read, with the library links that npm packages cannot carry,
 * and returns that folder. It is made once per `key` and user and then shared: it appears complete, by a rename, also when several processes make it at once.
 * Refuses a folder of that name which belongs to somebody else.
 */
export async function copyPostgres(packageFolder: string, { parent, key }: { parent: string; key: string }): Promise<string> {
  const folder = join(parent, `afterglow-postgres-${key}-${process.getuid?.() ?? 0}`);
  if (await isComplete(folder)) return folder;
  const draft = await mkdtemp(`${folder}.`);
  try {
    await cp(join(packageFolder, "native"), draft, { recursive: true, verbatimSymlinks: true });
    await linkLibraries(draft);
    await openToAll(draft);
    return await publish(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function publish(draft: string, folder: string): Promise<string> {
  try {
    await rename(draft, folder);
  } catch (error) {
    // Somebody else was first, or the sweep of temporary files has left half of an old copy behind.
    if (!(await isComplete(folder))) {
      if (!(await isOurs(folder))) throw error;
      await rm(folder, { recursive: true, force: true });
      await rename(draft, folder);
    }
  }
  return folder;
}

async function isComplete(folder: string): Promise<boolean> {
  try {
    const needed = [
      "bin/initdb",
      "bin/postgres",
      "share/postgresql/postgres.bki",
      "share/postgresql/timezone",
      ...(await readLinks(folder)).map(({ target }) => target),
    ];
    await Promise.all(needed.map((file) => access(join(folder, file))));
  } catch {
    return false;
  }
  // In a folder that all may write to, a stranger could have put their own programs under our name.
  if (!(await isOurs(folder))) throw new Error(`${folder} belongs to another user.`);
  return true;
}

async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder);
  return found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid) && (found.mode & 0o022) === 0;
}

type Link = { source: string; target: string };

// pg-symlinks.json speaks of "native/lib/...", from the package's folder.
async function readLinks(folder: string): Promise<Link[]> {
  const links: Link[] = JSON.parse(await readFile(join(folder, "pg-symlinks.json"), "utf8").catch(() => "[]"));
  const fromNative = (path: string) => path.replace(/^native\//, "");
  return links.map(({ source, target }) => ({ source: fromNative(source), target: fromNative(target) }));
}

/** What the package's install script does, for an install that ran with --ignore-scripts. */
async function linkLibraries(folder: string): Promise<void> {
  for (const { source, target } of await readLinks(folder)) {
    const there = await lstat(join(folder, target)).then(
      () => true,
      () => false,
    );
    if (!there) await symlink(relative(dirname(target), source), join(folder, target));
  }
}

// An install under a strict umask leaves files that only their owner can read, and some archives lose the right to execute.
async function openToAll(folder: string): Promise<void> {
  await runAs(undefined, { command: "chmod", args: ["-R", "u+rwX,go+rX,go-w", folder] });
  const programs = await readdir(join(folder, "bin"));
  await Promise.all(programs.map((program) => chmod(join(folder, "bin", program), 0o755)));
}
