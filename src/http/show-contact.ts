/** How to reach the clinic: at the foot of every page that knows which one it is. */
import type { PageClinic } from "../db/page-links.ts";
import type { Locale } from "../domain/clinic.ts";
import { keepTogether } from "../messages/keep-together.ts";
import { toClinicPhone } from "../messages/national-phone.ts";
import { sayHours } from "../messages/say-hours.ts";
import { endOnce } from "./end-once.ts";
import { html, type Html } from "./html.ts";

type Words = {
  readonly questions: string;
  readonly call: (phone: string) => string;
  readonly hours: (hours: string) => string;
  readonly emergency: string;
};

const WORDS: { readonly [L in Locale]: Words } = {
  en: {
    questions: "Questions, or something came up?",
    call: (phone) => `Call ${phone}`,
    hours: (hours) => `We answer the phone ${hours}.`,
    emergency: "In an emergency, call 911.",
  },
  es: {
    questions: "¿Tiene preguntas o surgió algo?",
    call: (phone) => `Llame al ${phone}`,
    hours: (hours) => `Contestamos el teléfono ${hours}.`,
    emergency: "En una emergencia, llame al 911.",
  },
};

type Reachable = Pick<PageClinic, "phone" | "staffedHours">;

/** The telephone as a large link, when somebody answers it, and 911. */
export function showContact(clinic: Reachable, locale: Locale): Html {
  const words = WORDS[locale];
  const hours = sayOfficeHours(clinic, locale);
  return html`<section class="contact" aria-labelledby="contact">
<h2 id="contact">${words.questions}</h2>
<p>${showCall(clinic, locale)}</p>
${hours === null ? null : html`<p class="quiet">${hours}</p>`}
<p class="quiet">${words.emergency}</p>
</section>`;
}

/** The link alone. */
export function showCall({ phone }: Reachable, locale: Locale): Html {
  return html`<a class="call" href="tel:${phone}">${WORDS[locale].call(toClinicPhone(phone))}</a>`;
}

/** "We answer the phone Monday to Friday, 8:00 AM to 5:00 PM."; null where nobody ever does. */
export function sayOfficeHours({ staffedHours }: Reachable, locale: Locale): string | null {
  const hours = sayHours(locale, staffedHours);
  return hours === "" ? null : endOnce(WORDS[locale].hours(keepTogether(hours)));
}
