/** Turns template sources into functions, once per content: MJML to HTML where that was not done at the approval, Liquid to closures. Everything that can be wrong with a text is found here, not at sending. */
import { LOCALES, type Locale } from "../domain/clinic.ts";
import type { Fault } from "../domain/fault.ts";
import { remember } from "../domain/remember.ts";
import { compileLiquid, LiquidFault, type Write } from "./compile-liquid.ts";
import { TemplateError } from "./template-error.ts";
import { translateMarkup } from "./translate-markup.ts";
import { hashTemplates, type TemplateParts, type TemplateSources } from "./template-sources.ts";

export type EmailTemplate = { readonly subject: Write; readonly html: Write; readonly text: Write };
/** A message in one locale, ready to write; a part is missing where its source is. */
export type Template = { readonly email?: EmailTemplate; readonly sms?: Write; readonly task?: Write };
export type Templates = {
  /** {@link hashTemplates} of the sources. */
  readonly hash: string;
  find(stem: string, locale: Locale): Template | undefined;
};

/** Nearly all of one message in one language, some twenty thousand bytes each. */
const MOST_COMPILED = 1_000;
const releases = new Map<string, Promise<Templates>>();

/** Compiles every part; a repeat with equal sources returns the first result. All faults come in one {@link TemplateError}. */
export function compileTemplates(sources: TemplateSources): Promise<Templates> {
  const hash = hashTemplates(sources);
  const known = releases.get(hash);
  if (known) return known;
  const compiled = compileSound(sources).then(({ templates, faults }) => {
    if (faults.length === 0) return templates;
    releases.delete(hash);
    throw new TemplateError(faults);
  });
  return remember(releases, hash, compiled, MOST_COMPILED);
}

/** Compiles what is sound and lists what is not, for a check that goes on. */
export async function compileSound(sources: TemplateSources): Promise<{ templates: Templates; faults: readonly Fault[] }> {
  const faults: Fault[] = [];
  const byName = new Map<string, Template>();
  for (const [stem, byLocale] of Object.entries(sources)) {
    for (const locale of LOCALES) {
      const parts = byLocale[locale];
      if (parts) byName.set(`${stem}.${locale}`, await compileParts(parts, { name: `${stem}.${locale}`, faults }));
    }
  }
  return { templates: { hash: hashTemplates(sources), find: (stem, locale) => byName.get(`${stem}.${locale}`) }, faults };
}

type Into = { readonly name: string; readonly faults: Fault[] };

async function compileParts(parts: TemplateParts, { name, faults }: Into): Promise<Template> {
  const email = parts.email && (await compileEmail(parts.email, { name, faults }));
  const sms = parts.sms !== undefined && compilePart(parts.sms, { path: `sms/${name}.txt`, channel: "sms", faults });
  const task = parts.task !== undefined && compilePart(parts.task, { path: `task/${name}.txt`, channel: "task", faults });
  return { ...(email && { email }), ...(sms && { sms }), ...(task && { task }) };
}

async function compileEmail(source: NonNullable<TemplateParts["email"]>, { name, faults }: Into): Promise<EmailTemplate | undefined> {
  const channel = "email";
  const subject = compilePart(source.subject, { path: `email/${name}.subject.txt`, channel, faults });
  const text = compilePart(source.text, { path: `email/${name}.txt`, channel, faults });
  const path = `email/${name}.mjml`;
  const markup = source.html ?? (source.mjml === "" ? "" : await translateMarkup(source.mjml, { path, faults }));
  const html = markup === undefined ? undefined : compilePart(markup, { path, channel: "html", faults });
  return subject && text && html && { subject, text, html };
}

type PartOptions = { readonly path: string; readonly channel: "email" | "html" | "sms" | "task"; readonly faults: Fault[] };

function compilePart(source: string, { path, channel, faults }: PartOptions): Write | undefined {
  if (source === "") {
    faults.push({ path, expected: "a file that is there and not empty" });
    return undefined;
  }
  try {
    return compileLiquid(source, channel);
  } catch (error) {
    if (!(error instanceof LiquidFault)) throw error;
    faults.push({ path, value: error.found, expected: error.expected });
    return undefined;
  }
}
