/**
 * Reads the templates folder: `email/<stem>.<locale>.{subject.txt,mjml,txt}`, `sms/<stem>.<locale>.txt`, `task/<stem>.<locale>.txt`. Partials (files whose name
 * starts with `_`) are set in here, textually, so that what comes out needs no file system any more and its hash covers every word of it.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { LOCALES, type Locale } from "../domain/clinic.ts";
import type { Fault } from "../domain/fault.ts";
import { TemplateError } from "./template-error.ts";
import type { TemplateParts, TemplateSources } from "./template-sources.ts";

export { hashTemplates, selectTemplates, type TemplateParts, type TemplateSources } from "./template-sources.ts";

type Folder = "email" | "sms" | "task";
type TemplateFile = {
  readonly folder: Folder;
  readonly name: string;
  readonly stem: string;
  readonly locale: Locale;
  readonly kind: string;
};
type Draft = { email?: { subject: string; mjml: string; text: string }; sms?: string; task?: string };

const FOLDERS = ["email", "sms", "task"] as const;
const EMAIL_KINDS: { readonly [kind: string]: "subject" | "mjml" | "text" } = { "subject.txt": "subject", mjml: "mjml", txt: "text" };

/** Everything in `dir`. A file that fits no pattern, or a partial that is not there, is a fault; all faults come in one {@link TemplateError}. */
export async function readTemplates(dir: string): Promise<TemplateSources> {
  const faults: Fault[] = [];
  const sources: { [stem: string]: { [L in Locale]?: Draft } } = {};
  for (const folder of FOLDERS) {
    const texts = await readFolder(join(dir, folder));
    for (const name of [...texts.keys()].sort()) {
      if (name.startsWith("_")) continue;
      const file = parseName(folder, name);
      if (file) place(sources, file, inlinePartials(texts, { name: `${folder}/${name}`, text: texts.get(name) ?? "", faults }));
      else faults.push({ path: `${folder}/${name}`, expected: patternOf(folder) });
    }
  }
  if (faults.length) throw new TemplateError(faults);
  return sources satisfies { [stem: string]: { [L in Locale]?: TemplateParts } };
}

async function readFolder(path: string): Promise<Map<string, string>> {
  const names = await readdir(path);
  const visible = names.filter((name) => !name.startsWith("."));
  return new Map(
    await Promise.all(visible.map(async (name): Promise<[string, string]> => [name, await readFile(join(path, name), "utf8")])),
  );
}

function parseName(folder: Folder, name: string): TemplateFile | undefined {
  const [, stem, tag, kind] = /^([a-z][a-z0-9-]*)\.([a-z]{2})\.([a-z.]+)$/.exec(name) ?? [];
  const locale = LOCALES.find((known) => known === tag);
  if (!stem || !locale || !kind) return undefined;
  const fits = folder === "email" ? EMAIL_KINDS[kind] !== undefined : kind === "txt";
  return fits ? { folder, name, stem, locale, kind } : undefined;
}

function patternOf(folder: Folder): string {
  const kinds = folder === "email" ? "{subject.txt,mjml,txt}" : "txt";
  return `a name such as ${folder}/day-before.en.${kinds}, with a locale of ${LOCALES.join(", ")}`;
}

function place(sources: { [stem: string]: { [L in Locale]?: Draft } }, { folder, stem, locale, kind }: TemplateFile, text: string): void {
  const parts = ((sources[stem] ??= {})[locale] ??= {});
  if (folder !== "email") {
    parts[folder] = text.trim();
    return;
  }
  const email = (parts.email ??= { subject: "", mjml: "", text: "" });
  email[EMAIL_KINDS[kind] ?? "text"] = text.trim();
}

const MJML_INCLUDE = /<mj-include\s+path="\.\/(_[a-z.-]+)"\s*\/>/g;
const TEXT_INCLUDE = /^\{% include "(_[a-z.-]+)" %\}$/gm;

/** One level only: a partial has no partials, so a circle cannot be written. */
function inlinePartials(
  texts: ReadonlyMap<string, string>,
  { name, text, faults }: { name: string; text: string; faults: Fault[] },
): string {
  const include = (_: string, partial: string): string => {
    const found = texts.get(partial);
    if (found === undefined) faults.push({ path: name, value: partial, expected: "the name of a partial in the same folder" });
    return found?.trim() ?? "";
  };
  return text.replace(name.endsWith(".mjml") ? MJML_INCLUDE : TEXT_INCLUDE, include);
}
