/**
 * What a person reads at once after an answer that worries us, and beside every question that may lead to one: whom to call now. It depends on nothing but the
 * clinic's own row, so that it is there whatever the state of queues and providers, and it is the same for every answer: it tells nobody how an answer was read.
 *
 * 988: call or text, in Spanish "oprima 2" or the word AYUDA (https://988lifeline.org/es/, https://988lifeline.org/help-yourself/en-espanol/). No promise of what
 * happens after a call, no dramatic words, no word of method (https://suicidepreventionmessaging.org/988messaging/framework).
 */
import type { Locale, StaffedHours } from "../domain/clinic.ts";
import { keepTogether } from "../messages/keep-together.ts";
import { toClinicPhone } from "../messages/national-phone.ts";
import { sayHours } from "../messages/say-hours.ts";
import { endOnce } from "./end-once.ts";
import { html, type Html } from "./html.ts";

/** `phone` as E.164. */
export type CrisisClinic = { readonly name: string; readonly phone: string; readonly staffedHours: StaffedHours };

export type CrisisPanel = { readonly locale: Locale; readonly clinic: CrisisClinic };

type Words = {
  readonly title: string;
  readonly now: string;
  readonly call988: string;
  readonly text988: string;
  readonly about988: string;
  readonly call911: string;
  readonly danger: string;
  readonly clinic: (name: string) => string;
  readonly call: (phone: string) => string;
  readonly hours: (hours: string) => string;
  readonly unwatched: string;
};

const WORDS: { readonly [L in Locale]: Words } = {
  en: {
    title: "If you need help now",
    now: "If you might act on thoughts of hurting yourself, or you just need somebody to talk to now:",
    call988: "Call 988",
    text988: "Text 988",
    about988: "The 988 Lifeline is free and confidential, day and night.",
    danger: "If you or somebody else is in danger, or you have chest pain, trouble breathing, a seizure or a swollen face:",
    call911: "Call 911",
    clinic: (name) => `To reach ${name}:`,
    call: (phone) => `Call ${phone}`,
    hours: (hours) => `We answer the phone ${hours}.`,
    unwatched: "Replies and answers are not watched around the clock.",
  },
  es: {
    title: "Si necesita ayuda ahora",
    now: "Si siente que podría hacerse daño, o solo necesita hablar con alguien ahora:",
    call988: "Llame al 988 y oprima 2",
    text988: "Envíe AYUDA al 988",
    about988: "La Línea 988 es gratuita y confidencial, de día y de noche.",
    danger:
      "Si usted u otra persona está en peligro, o si tiene dolor en el pecho, dificultad para respirar, convulsiones o la cara hinchada:",
    call911: "Llame al 911",
    clinic: (name) => `Para comunicarse con ${name}:`,
    call: (phone) => `Llame al ${phone}`,
    hours: (hours) => `Contestamos el teléfono ${hours}.`,
    unwatched: "Las respuestas no se vigilan las 24 horas.",
  },
};

/** A section with a heading of its own, links that call or text at a tap, nothing else. */
export function renderCrisisPanel({ locale, clinic }: CrisisPanel): Html {
  const words = WORDS[locale];
  const hours = sayHours(locale, clinic.staffedHours);
  return html`<section class="crisis" aria-labelledby="crisis-title">
<h2 id="crisis-title">${words.title}</h2>
<p>${words.now}</p>
<p><a class="call" href="tel:988">${words.call988}</a> <a class="call" href="sms:988${locale === "es" ? "?body=AYUDA" : ""}">${words.text988}</a></p>
<p>${words.about988}</p>
<p>${words.danger}</p>
<p><a class="call" href="tel:911">${words.call911}</a></p>
<p>${words.clinic(clinic.name)}</p>
<p><a class="call" href="tel:${clinic.phone}">${words.call(toClinicPhone(clinic.phone))}</a></p>
${hours === "" ? null : html`<p>${endOnce(words.hours(keepTogether(hours)))}</p>`}
<p>${words.unwatched}</p>
</section>`;
}
