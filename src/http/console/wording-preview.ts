/** A template as it arrives, with sample data: nobody in it exists. Each language beside the other, texts with what they cost. */
import { LOCALES, type Locale } from "../../domain/clinic.ts";
import { compileSound } from "../../messages/compile-template.ts";
import { ordinaryExample } from "../../messages/example-facts.ts";
import { RenderError } from "../../messages/render-error.ts";
import {
  type RenderedEmail,
  type RenderedSms,
  type RenderedTask,
  renderEmail,
  renderSms,
  renderTask,
} from "../../messages/render-message.ts";
import type { TemplateSources } from "../../messages/template-sources.ts";
import { html, type Html } from "../html.ts";
import { notice, panel } from "./console-parts.ts";

export type Preview = {
  readonly locale: Locale;
  readonly email: RenderedEmail | null;
  readonly sms: RenderedSms | null;
  readonly task: RenderedTask | null;
  /** What the sample data lack; null when all could be written. */
  readonly missing: string | null;
};

export async function previewTemplate(sources: TemplateSources, stem: string): Promise<Preview[]> {
  const { templates } = await compileSound(sources);
  return LOCALES.flatMap((locale) => {
    const parts = templates.find(stem, locale);
    if (!parts) return [];
    const { facts, now } = ordinaryExample({ template: stem, locale });
    const nothing: Preview = { locale, email: null, sms: null, task: null, missing: null };
    try {
      return [
        {
          ...nothing,
          email: parts.email ? renderEmail(templates, facts, { now }) : null,
          sms: parts.sms ? renderSms(templates, facts, { now }) : null,
          task: parts.task ? renderTask(templates, facts, { now }) : null,
        },
      ];
    } catch (error) {
      if (error instanceof RenderError) return [{ ...nothing, missing: error.field }];
      throw error;
    }
  });
}

const LANGUAGES: { readonly [L in Locale]: string } = { en: "English", es: "Spanish" };

export function previews(list: readonly Preview[]): Html {
  return html`<div class="two">${list.map(one)}</div>`;
}

function one({ locale, email, sms, task, missing }: Preview): Html {
  const body = html`${missing === null ? null : notice("warn", html`<p>The sample has no ${missing}, so this cannot be shown.</p>`)}
${sms ? html`<h3>Text <span class="quiet small">${sms.segments} ${sms.segments === 1 ? "segment" : "segments"}, ${sms.encoding}, ${sms.body.length} characters</span></h3><p class="bubble" lang="${locale}">${sms.body}</p>` : null}
${email ? html`<h3>Email</h3><p lang="${locale}"><strong>${email.subject}</strong></p><p class="script" lang="${locale}">${email.text}</p>` : null}
${task ? html`<h3>Call or task</h3><p lang="${locale}"><strong>${task.title}</strong></p><p class="script" lang="${locale}">${task.script}</p>` : null}`;
  return panel(LANGUAGES[locale], html`<div class="body">${body}</div>`);
}
