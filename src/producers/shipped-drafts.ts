/** The drafts that ship with Afterglow: files, from which a clinic's approvals are made. Reads only. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkProtocol, parseProtocol } from "../domain/check-protocol.ts";
import type { Fault } from "../domain/fault.ts";
import { parsePlainText } from "../domain/parse-series-text.ts";
import { type Protocol, type ProtocolFile, protocolName, protocolSchema } from "../domain/protocol.ts";
import { packagePath } from "../package-root.ts";

/** `file`: as written, before defaults and durations are read; what an approval stores. */
export type ShippedDraft = { readonly protocol: Protocol; readonly file: ProtocolFile };

let shipped: Promise<readonly ShippedDraft[]> | undefined;

/** Every draft that can be read, by name. Read once a process, because reading them takes a tenth of a second in which nobody else is answered; a failure is tried again. */
export function listShippedDrafts(): Promise<readonly ShippedDraft[]> {
  shipped ??= readDrafts().catch((error: unknown) => {
    shipped = undefined;
    throw error;
  });
  return shipped;
}

async function readDrafts(): Promise<ShippedDraft[]> {
  const folder = packagePath("protocols");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".yaml")).sort();
  const drafts = await Promise.all(names.map(async (name) => readDraft(await readFile(join(folder, name), "utf8"))));
  return drafts.flatMap((draft) => draft ?? []);
}

/** The draft of exactly this version, sound in itself; or what keeps it from being approved. */
export async function findShippedDraft(
  name: Pick<Protocol, "id" | "version">,
): Promise<ShippedDraft | { readonly faults: readonly Fault[] }> {
  const draft = (await listShippedDrafts()).find(({ protocol }) => protocol.id === name.id && protocol.version === name.version);
  if (!draft)
    return { faults: [{ path: "protocol", value: protocolName(name), expected: "a protocol and version that ships as a draft" }] };
  const faults = checkProtocol(draft.protocol);
  return faults.length > 0 ? { faults } : draft;
}

function readDraft(text: string): ShippedDraft | undefined {
  const parsed = parseProtocol(text);
  const plain = parsePlainText(text, "yaml");
  return parsed.ok && plain.ok && isProtocolFile(plain.value) ? { protocol: parsed.value, file: plain.value } : undefined;
}

function isProtocolFile(value: unknown): value is ProtocolFile {
  return protocolSchema.safeParse(value).success;
}
