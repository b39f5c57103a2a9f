/** The part of the patient's page from which the link for whoever helps is passed on: by text, by mail, or copied. Nothing is sent from here: their own phone does. */
import type { Locale } from "../domain/clinic.ts";
import { html, type Html } from "./html.ts";
import { SHARE_WORDS } from "./share-words.ts";

/** `?&body=` is what phones of either make read. */
export function showShare(url: string, { companion, locale }: { readonly companion: "driver" | "sitter"; readonly locale: Locale }): Html {
  const { pass } = SHARE_WORDS[locale];
  const message = encodeURIComponent(pass.message[companion](url));
  return html`<section id="share">
<h2>${pass.title[companion]}</h2>
<p>${pass.about}</p>
<p><a class="call second" href="sms:?&body=${message}">${pass.byText}</a></p>
<p><a class="call second" href="mailto:?subject=${encodeURIComponent(pass.subject)}&body=${message}">${pass.byMail}</a></p>
<p class="quiet">${pass.copy}</p>
<p class="link">${url}</p>
</section>`;
}
