/** Small template sources and the shipped ones, for the tests of the messages room. */
import { compileTemplates, type Templates } from "../../src/messages/compile-template.ts";
import { readTemplates } from "../../src/messages/read-templates.ts";
import type { TemplateParts, TemplateSources } from "../../src/messages/template-sources.ts";

export const SHIPPED = new URL("../../templates", import.meta.url).pathname;

export function readShipped(): Promise<TemplateSources> {
  return readTemplates(SHIPPED);
}

/** One stem called `note`, the same in both languages. */
export function note(parts: TemplateParts): TemplateSources {
  return { note: { en: parts, es: parts } };
}

export function compileSms(text: string): Promise<Templates> {
  return compileTemplates(note({ sms: text }));
}

export function mjml(body: string): string {
  return `<mjml><mj-body><mj-section><mj-column>${body}</mj-column></mj-section></mj-body></mjml>`;
}
