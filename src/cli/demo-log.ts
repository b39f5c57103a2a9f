/** What the program logs during the demo goes to a file: on the terminal it would tear the timeline. */
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { type Log, makeLog } from "../log.ts";

export type DemoLog = {
  readonly log: Log;
  /** How many warnings and errors there were. */
  count(): number;
  close(): Promise<void>;
};

/** Warnings and worse, one JSON object a line. The file is made when the first of them comes. */
export function openDemoLog(path: string): DemoLog {
  let count = 0;
  let closed = false;
  let stream: ReturnType<typeof createWriteStream> | undefined;
  const write = (line: string) => {
    // Once the connections are closed on purpose, that they are gone is no news.
    if (closed) return;
    count++;
    stream ??= createWriteStream(path, { flags: "a" }).on("error", () => undefined);
    stream.write(line);
  };
  return {
    log: makeLog({ level: "warn", destination: { write } }),
    count: () => count,
    close: async () => {
      closed = true;
      if (!stream) return;
      stream.end();
      await once(stream, "close");
    },
  };
}
