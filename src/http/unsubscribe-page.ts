/** The page of `/u/:token/:stream`: asks before it ends a stream of optional messages, and says when it has. */
import type { PageLink } from "../db/page-links.ts";
import type { OptionalStream } from "../domain/optional-stream.ts";
import { toPlainValue } from "../messages/plain-value.ts";
import { html } from "./html.ts";
import { frame } from "./page-frame.ts";
import { PREFERENCE_WORDS } from "./preference-words.ts";
import { showContact } from "./show-contact.ts";

type Unsubscribing = {
  readonly token: string;
  readonly stream: OptionalStream;
  readonly step: "asked" | "done";
  readonly basePath: string;
};

export function unsubscribePage({ locale, clinic }: PageLink, { token, stream, step, basePath }: Unsubscribing): string {
  const words = PREFERENCE_WORDS[locale];
  const { title, button, done } = words.unsubscribe[stream];
  const asked = html`<section><p>${words.stays}</p>
<form method="post" action="${basePath}/u/${token}/${stream}"><button>${button}</button></form></section>`;
  const ended = html`<section class="said" role="status"><p>${done}</p><p>${words.stays}</p></section>`;
  const foot = html`<nav class="foot"><p><a href="${basePath}/v/${token}">${words.choose}</a></p></nav>`;
  const body = html`${step === "asked" ? asked : ended}${showContact(clinic, locale)}${foot}`;
  return frame({ locale, title: step === "asked" ? title : words.title, clinic: toPlainValue(clinic.name, 40), basePath }, body);
}
