/**
 * The mail that says how many visits are not ready, and where to see which. No name, no chart, nothing of what is done there: a mailbox of staff is not the console.
 * Written here and not in templates, as pages to staff are.
 */
import type { CalendarDay } from "../domain/calendar.ts";
import type { Locale } from "../domain/clinic.ts";
import { escapeHtml } from "./escape-html.ts";
import { sayDay, sayWeekday } from "./say-time.ts";

export type DigestFacts = {
  readonly locale: Locale;
  /** Neutral. */
  readonly clinic: string;
  /** Of the console's page of that day. */
  readonly url: string;
  readonly about: CalendarDay;
  readonly unready: number;
  readonly visits: number;
};

export type WrittenDigest = { readonly subject: string; readonly text: string; readonly html: string };

type Words = {
  readonly subject: (count: number, weekday: string) => string;
  readonly head: (unready: number, visits: number, day: string) => string;
  readonly ask: string;
  readonly open: string;
};

const WORDS: { readonly [L in Locale]: Words } = {
  en: {
    subject: (count, weekday) => (count === 1 ? `1 visit is not ready for ${weekday}` : `${count} visits are not ready for ${weekday}`),
    head: (unready, visits, day) =>
      `${unready} of ${visits} ${visits === 1 ? "visit" : "visits"} up to ${day} ${unready === 1 ? "is" : "are"} not ready.`,
    ask: "Which ones, and what is missing, is in the console; the calls are on the list of tasks. Nothing was changed.",
    open: "Open the console",
  },
  es: {
    subject: (count, weekday) =>
      count === 1 ? `1 cita no está lista para el ${weekday}` : `${count} citas no están listas para el ${weekday}`,
    head: (unready, visits, day) =>
      `${unready} de ${visits} ${visits === 1 ? "cita" : "citas"} hasta el ${day} ${unready === 1 ? "no está lista" : "no están listas"}.`,
    ask: "Cuáles son y qué falta está en la consola; las llamadas están en la lista de tareas. No se ha cambiado nada.",
    open: "Abrir la consola",
  },
};

export function writeDigest({ locale, clinic, url, about, unready, visits }: DigestFacts): WrittenDigest {
  const words = WORDS[locale];
  const head = words.head(unready, visits, sayDay(locale, about));
  return {
    subject: `${clinic}: ${words.subject(unready, sayWeekday(locale, about))}`,
    text: `${head}\n\n${words.ask}\n\n${url}\n`,
    html: `<p>${escapeHtml(head)}</p><p>${escapeHtml(words.ask)}</p><p><a href="${escapeHtml(url)}">${escapeHtml(words.open)}</a></p>`,
  };
}
