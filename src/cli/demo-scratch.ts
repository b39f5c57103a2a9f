/** A folder for the demo's own database that goes with the process, however the process ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DependencyDown } from "./failures.ts";

export type Scratch = {
  readonly dir: string;
  /** Removes the folder and settles when it is gone. */
  remove(): Promise<void>;
};

// Removes the folder when we say so, and also when the kernel closes the pipe because this process is gone, by SIGKILL even. What still writes into it then, a
// database on its way down or one being made, gets a moment, and what it leaves behind goes in the second round.
const REAPER = `
read -r word
if [ "$word" != remove ]; then sleep 1; rm -rf "$1"; sleep 2; fi
rm -rf "$1"
`;

/** Makes a new folder under the system's folder for temporary files, on a path that every user may enter. */
export async function makeScratch(): Promise<Scratch> {
  const dir = await mkdtemp(join(tmpdir(), "afterglow-demo-")).catch((cause: Error) => {
    throw new DependencyDown(`The demo cannot make a folder for its database under ${tmpdir()}: ${cause.message}`, { cause });
  });
  // A session of its own, so that Ctrl-C in the terminal reaches us and not the last one to clean up.
  const reaper = spawn("sh", ["-c", REAPER, "sh", dir], { cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] });
  const gone = once(reaper, "close");
  // When it is gone already there is nobody to tell.
  reaper.stdin.on("error", () => undefined);
  reaper.unref();
  // Node types the pipe as a stream; it is a socket, and one that is not unref'ed keeps the process alive.
  if ("unref" in reaper.stdin && typeof reaper.stdin.unref === "function") reaper.stdin.unref();
  return {
    dir,
    remove: async () => {
      reaper.ref();
      reaper.stdin.end("remove\n");
      await gone;
      // A Ctrl-C in the instant of its start, before it had a session of its own, has ended the reaper too.
      await rm(dir, { recursive: true, force: true });
    },
  };
}
