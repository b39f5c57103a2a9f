/** Template sources: what a release of the wording consists of, whole and self-contained, as an approval stores it. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { LOCALES, type Locale } from "../domain/clinic.ts";

/** An empty text stands for a missing file; {@link compileTemplates} refuses it by name. */
const emailSource = z.strictObject({ subject: z.string(), mjml: z.string(), text: z.string(), html: z.string().exactOptional() });

const parts = z.strictObject({ email: emailSource.exactOptional(), sms: z.string().exactOptional(), task: z.string().exactOptional() });

/** What a stored approval or release must look like: stem, then locale, then the parts; partials already stand inside. */
export const templateSourcesSchema = z.record(z.string(), z.partialRecord(z.enum(LOCALES), parts));

export type EmailSource = {
  readonly subject: string;
  readonly mjml: string;
  readonly text: string;
  /** What the MJML was translated to when it was approved. */
  readonly html?: string;
};
export type TemplateParts = { readonly email?: EmailSource; readonly sms?: string; readonly task?: string };
export type TemplateSources = { readonly [stem: string]: { readonly [L in Locale]?: TemplateParts } };

/** The sources of these stems in every locale; a stem that has none is left out, and a check or a render then names it. */
export function selectTemplates(sources: TemplateSources, stems: Iterable<string>): TemplateSources {
  const selected: { [stem: string]: TemplateSources[string] } = {};
  for (const stem of [...new Set(stems)].sort()) {
    const source = sources[stem];
    if (source) selected[stem] = source;
  }
  return selected;
}

/** SHA-256 (hex) over the sources as JSON with sorted keys: equal content, equal hash, in whatever order it was read, and whether it was translated yet or not. */
export function hashTemplates(sources: TemplateSources): string {
  return createHash("sha256").update(JSON.stringify(sources, sortWritten)).digest("hex");
}

function sortWritten(key: string, value: unknown): unknown {
  return key === "html" && typeof value === "string" ? undefined : sortKeys(key, value);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
