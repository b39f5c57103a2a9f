/** MJML to HTML: when templates are checked, shown or approved, and never in a process that sends. MJML takes 95 MB and a third of a second to load. */
import { LOCALES, type Locale } from "../domain/clinic.ts";
import type { Fault } from "../domain/fault.ts";
import { collapseHtml } from "./collapse-html.ts";
import type { TemplateParts, TemplateSources } from "./template-sources.ts";

const CACHED_MARKUP = 1000;
const markups = new Map<string, string>();

/** Strict, and without file access: `ignoreIncludes` leaves any remaining `mj-include` to the validator. Undefined, with a fault, when it is not valid. */
export async function translateMarkup(mjml: string, { path, faults }: { path: string; faults: Fault[] }): Promise<string | undefined> {
  const known = markups.get(mjml);
  if (known !== undefined) return known;
  if (/<mj-include/.test(mjml)) {
    faults.push({ path, value: "mj-include", expected: 'partials written as <mj-include path="./_name.mjml" />' });
    return undefined;
  }
  const { default: mjml2html } = await import("mjml");
  try {
    const { html } = await mjml2html(mjml, { validationLevel: "strict", ignoreIncludes: true, keepComments: false, fonts: {} });
    const collapsed = collapseHtml(html);
    if (markups.size >= CACHED_MARKUP) markups.clear();
    markups.set(mjml, collapsed);
    return collapsed;
  } catch (error) {
    faults.push({
      path,
      expected: `valid MJML (${error instanceof Error ? error.message.split("\n").slice(0, 3).join(" ") : "unreadable"})`,
    });
    return undefined;
  }
}

/** The same sources with the HTML of every mail beside its MJML, as approvals and releases store them. What cannot be translated stays as it is: the check has named it. */
export async function withMarkup(sources: TemplateSources): Promise<TemplateSources> {
  const translated: { [stem: string]: TemplateSources[string] } = {};
  for (const [stem, byLocale] of Object.entries(sources)) {
    const parts: { [L in Locale]?: TemplateParts } = {};
    for (const locale of LOCALES) {
      const source = byLocale[locale];
      if (source) parts[locale] = await translate(source);
    }
    translated[stem] = parts;
  }
  return translated;
}

async function translate(parts: TemplateParts): Promise<TemplateParts> {
  const { email } = parts;
  if (!email || email.mjml === "") return parts;
  const html = await translateMarkup(email.mjml, { path: "", faults: [] });
  return html === undefined ? parts : { ...parts, email: { ...email, html } };
}
