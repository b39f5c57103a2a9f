import { readFile, stat } from "node:fs/promises";

/** A server's log file from the moment this was made. */
export type ServerLog = {
  /** Everything written since. */
  read(): Promise<string>;
  /** The last lines written since, as they stand, for an error message; at most ten. */
  tail(): Promise<string>;
};

/** Looks at what a server writes from now on to a file that may hold older runs, or not exist yet. */
export async function watchLog(file: string): Promise<ServerLog> {
  const start = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const read = async () => (await readFile(file)).subarray(start).toString();
  return { read, tail: async () => (await read()).trimEnd().split("\n").slice(-10).join("\n") };
}
