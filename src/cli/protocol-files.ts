/** The protocol files of a folder: drafts, from which approvals are made. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { checkProtocol, parseProtocol } from "../domain/check-protocol.ts";
import type { Fault } from "../domain/fault.ts";
import { parsePlainText } from "../domain/parse-series-text.ts";
import { type Protocol, type ProtocolFile, protocolName, protocolSchema } from "../domain/protocol.ts";
import { packagePath } from "../package-root.ts";
import { Refusal, UsageError } from "./failures.ts";
import { readText } from "./read-input.ts";

export type Draft = {
  /** Name of the file within its folder. */
  readonly file: string;
  readonly path: string;
  readonly protocol: Protocol;
  readonly text: string;
};

/** A file that is no protocol, with everything wrong with it. */
export type BrokenDraft = { readonly file: string; readonly path: string; readonly faults: readonly Fault[] };

/** The folder that ships with Afterglow, unless another is named. */
export function protocolsFolder(folder: string | undefined): string {
  return folder ?? packagePath("protocols");
}

/** Reads one file; what cannot be read as a protocol comes back with its faults. */
export async function readDraft(path: string): Promise<Draft | BrokenDraft> {
  const text = await readText(path);
  const file = basename(path);
  const parsed = parseProtocol(text);
  return parsed.ok ? { file, path, protocol: parsed.value, text } : { file, path, faults: parsed.faults };
}

/** A draft as written, before defaults and durations are read: what an approval stores. */
export function sourceOf({ file, text }: Draft): ProtocolFile {
  const plain = parsePlainText(text, "yaml");
  if (!plain.ok) throw new Refusal(inFile(file, plain.faults));
  if (!isProtocolFile(plain.value)) throw new Error(`${file} reads as a protocol in one way and not in another`);
  return plain.value;
}

function isProtocolFile(value: unknown): value is ProtocolFile {
  return protocolSchema.safeParse(value).success;
}

/** Every YAML file of a folder, by name. */
export async function readDrafts(folder: string | undefined): Promise<(Draft | BrokenDraft)[]> {
  const from = protocolsFolder(folder);
  const names = await listYaml(from);
  if (names.length === 0) throw new UsageError(`${from} holds no protocol (*.yaml).`);
  return Promise.all(names.map((name) => readDraft(join(from, name))));
}

async function listYaml(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  }
}

/** The draft of exactly this version, sound in itself. Throws {@link Refusal} when there is none, or when it would go wrong for a patient. */
export async function getDraft(name: { readonly id: string; readonly version: number }, folder: string | undefined): Promise<Draft> {
  const draft = await readDraft(join(protocolsFolder(folder), `${name.id}.yaml`)).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    throw new Refusal([
      { path: "protocol", value: protocolName(name), expected: `a protocol with a file ${name.id}.yaml in ${protocolsFolder(folder)}` },
    ]);
  });
  if (!("protocol" in draft)) throw new Refusal(inFile(draft.file, draft.faults));
  const { protocol } = draft;
  if (protocol.id !== name.id || protocol.version !== name.version)
    throw new Refusal([{ path: "protocol", value: protocolName(name), expected: `${protocolName(protocol)}, which ${draft.file} holds` }]);
  const faults = checkProtocol(protocol);
  if (faults.length > 0) throw new Refusal(inFile(draft.file, faults));
  return draft;
}

/** Faults of a file among faults of several. */
export function inFile(file: string, faults: readonly Fault[]): Fault[] {
  return faults.map((fault) => ({ ...fault, path: `${file} ${fault.path}` }));
}
