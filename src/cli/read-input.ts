/** Reads what a command is given: a file, or standard input for `-`. */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { buffer } from "node:stream/consumers";
import { UsageError } from "./failures.ts";

export const FORMATS = ["yaml", "json", "csv"] as const;
export type Format = (typeof FORMATS)[number];

export type Input = { readonly text: string; readonly format: Format /** As it is named in sentences. */; readonly name: string };

const BY_EXTENSION: { readonly [extension: string]: Format } = { ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".csv": "csv" };

/** The text and its format: as asked for, else by the file's name, else YAML from standard input (JSON is YAML too). */
export async function readInput(file: string, { format }: { format?: Format | undefined } = {}): Promise<Input> {
  const known = format ?? BY_EXTENSION[extname(file).toLowerCase()] ?? (file === "-" ? "yaml" : undefined);
  if (!known) throw new UsageError(`What ${file} holds cannot be told from its name; say --format ${FORMATS.join(", --format ")}.`);
  return { text: await readText(file), format: known, name: file === "-" ? "standard input" : file };
}

/** The text of a file, or of standard input for `-`; it must be UTF-8. */
export async function readText(file: string): Promise<string> {
  const bytes = file === "-" ? await buffer(process.stdin) : await readBytes(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The decoder throws for one reason, and says less of it.
    throw new UsageError(`${file} is not UTF-8 text; save it as UTF-8 and try again.`);
  }
}

const UNREADABLE: { readonly [code: string]: string } = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you may not read it",
};

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const why = UNREADABLE[code];
    if (why === undefined) throw error;
    throw new UsageError(`${file} cannot be read: ${why}.`);
  }
}
