/** What commands say: results on stdout, everything else on stderr; colours only where a person looks. A reader who has left, as `head` does, stops nothing. */
import pc from "picocolors";

/** A line of the result. */
export function print(line = ""): void {
  write(process.stdout, line);
}

/** Begins at the top of an empty screen, where a person looks at one; elsewhere with an empty line. */
export function clearScreen(): void {
  if (process.stdout.isTTY) process.stdout.write("\u001b[2J\u001b[H");
  else print();
}

/** One value as one line of JSON, for programs. */
export function printJson(value: unknown): void {
  write(process.stdout, JSON.stringify(value));
}

/** A line beside the result: a warning, a summary, what went wrong. */
export function say(line = ""): void {
  write(process.stderr, line);
}

/** Colours of results; plain where stdout is no terminal, whatever the environment asks for. */
export const paint = pc.createColors(isWatched(process.stdout));

/** Colours of what is said beside them. */
export const tint = pc.createColors(isWatched(process.stderr));

function isWatched({ isTTY }: { readonly isTTY?: boolean }): boolean {
  return pc.isColorSupported && isTTY === true;
}

const left = new Set<NodeJS.WriteStream>();

function write(stream: NodeJS.WriteStream, line: string): void {
  if (!left.has(stream)) stream.write(`${line}\n`);
}

/** The work goes on when nobody reads any more: a row that was being stored is still stored. Anything else that goes wrong with a stream is thrown. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // EPIPE: the reader of a pipe has left. EIO: the terminal was closed.
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
      left.add(stream);
    });
}

/** Resolves once everything written has been handed over, so that the process may end. */
export async function flush(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write("", () => resolve()))));
}

/** Columns side by side, as wide as their widest cell; the last one runs free. Cells are counted in characters, so they must not hold colours. */
export function toTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
