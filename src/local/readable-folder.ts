import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A folder in which a person can read afterwards what was sent. */
export type ReadableFolder = {
  /** Writes a file named by its order and its recipient, without holding up the caller. */
  write(recipient: string, content: string | Buffer): void;
  /** Settles when every file is written; throws when one could not be. */
  flush(): Promise<void>;
};

/** Opens (and makes) `dir`; its files are numbered from 1 and end in `extension`. Without a `dir` nothing is written. */
export async function openReadableFolder(dir: string | undefined, extension: string): Promise<ReadableFolder> {
  if (dir === undefined) return { write: () => undefined, flush: async () => undefined };
  await mkdir(dir, { recursive: true });
  const writing: Promise<void>[] = [];
  let count = 0;
  return {
    write(recipient, content) {
      count++;
      const name = `${String(count).padStart(4, "0")}-${recipient.replace(/[^\w.@+-]/g, "_").slice(0, 100)}.${extension}`;
      const written = writeFile(join(dir, name), content);
      // The fault is kept for flush(), which is what somebody awaits.
      written.catch(() => undefined);
      writing.push(written);
    },
    async flush() {
      await Promise.all(writing);
    },
  };
}
