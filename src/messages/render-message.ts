/** Writes a touchpoint's message from its facts, at the moment of sending: pure, and in microseconds, because it stands between the load and the claim. */
import type { Instant } from "../domain/calendar.ts";
import type { MessageFacts } from "../domain/message-facts.ts";
import type { Template, Templates } from "./compile-template.ts";
import { MissingValue } from "./compile-liquid.ts";
import { RenderError } from "./render-error.ts";
import { fitSms, type SmsEncoding } from "./sms-segments.ts";
import { toTelling } from "./telling.ts";

export type RenderedEmail = { readonly subject: string; readonly html: string; readonly text: string };
/** A mail of which the large part is written when it is wanted. */
export type BegunEmail = Omit<RenderedEmail, "html"> & { readonly html: () => string };
export type RenderedSms = { readonly body: string; readonly segments: number; readonly encoding: SmsEncoding };
/** What staff read: a line, and under it a script for the call or what is to be done. */
export type RenderedTask = { readonly title: string; readonly script: string };

type At = { readonly now: Instant };

/** Subject, HTML and text of `facts.template` in `facts.locale`; `now` decides what is today and tomorrow. Throws {@link RenderError}. */
export function renderEmail(templates: Templates, facts: MessageFacts, at: At): RenderedEmail {
  const { subject, text, html } = beginEmail(templates, facts, at);
  return { subject, html: html(), text };
}

/** As {@link renderEmail}, the HTML written from the same facts when it is called for. Throws {@link RenderError}, then too. */
export function beginEmail(templates: Templates, facts: MessageFacts, { now }: At): BegunEmail {
  return writing(facts, () => {
    const { subject, html, text } = part(templates, facts, "email");
    const telling = toTelling(facts, { now, channel: "email" });
    return {
      subject: subject(telling).replace(/\s+/g, " ").trim(),
      text: tidy(text(telling)),
      html: () => writing(facts, () => html(telling)),
    };
  });
}

/** The text on the telephone and what it costs. Accents that GSM-7 lacks give way where they would cost a segment; see {@link fitSms}. Throws {@link RenderError}. */
export function renderSms(templates: Templates, facts: MessageFacts, { now }: At): RenderedSms {
  return writing(facts, () => {
    const write = part(templates, facts, "sms");
    return fitSms(write(toTelling(facts, { now, channel: "sms" })).trim());
  });
}

/** The first line and the rest. Names the patient: for staff only. Throws {@link RenderError}. */
export function renderTask(templates: Templates, facts: MessageFacts, { now }: At): RenderedTask {
  return writing(facts, () => {
    const written = tidy(part(templates, facts, "task")(toTelling(facts, { now, channel: "task" })));
    const end = written.indexOf("\n");
    return end < 0 ? { title: written, script: "" } : { title: written.slice(0, end).trim(), script: written.slice(end + 1).trim() };
  });
}

/** Paragraphs that were left out leave no hole. */
function tidy(text: string): string {
  return text.replace(/\n{3,}/g, "\n\n").trim();
}

function part<Name extends keyof Template>(
  templates: Templates,
  { template, locale }: MessageFacts,
  name: Name,
): NonNullable<Template[Name]> {
  const found = templates.find(template, locale)?.[name];
  if (found === undefined) throw new RenderError({ stem: template, locale, field: name });
  return found;
}

function writing<Message>({ template, locale }: MessageFacts, write: () => Message): Message {
  try {
    return write();
  } catch (error) {
    if (error instanceof MissingValue) throw new RenderError({ stem: template, locale, field: error.variable });
    throw error;
  }
}
