/**
 * What staff are paged with: that something is urgent, and where it stands. No name, no number, nothing of what was said. Written here and not in templates: a page
 * must not fail because a file does, and is not for a clinic to word.
 */
import type { Locale } from "../domain/clinic.ts";

export type PageSubject = {
  readonly locale: Locale;
  /** Neutral. */
  readonly clinic: string;
  /** Of the card in the console. */
  readonly url: string;
  /** `urgent`: an alert; `visit`: work for the desk about a visit within a day; `test`: a trial of the roster. */
  readonly kind: "urgent" | "visit" | "test";
};

export type WrittenPage = { readonly sms: string; readonly subject: string; readonly text: string; readonly html: string };

const WORDS: { readonly [L in Locale]: { readonly [K in PageSubject["kind"]]: { readonly head: string; readonly ask: string } } } = {
  en: {
    urgent: {
      head: "Urgent item, open the console",
      ask: "Please open it now and say that you have it. Until somebody does, the next person is asked.",
    },
    visit: {
      head: "A visit needs a call, open the console",
      ask: "Somebody has written about a visit within the next day. The call is on the list of tasks; nothing was changed.",
    },
    test: { head: "Test page, nothing to do", ask: "This only shows that an urgent item would reach you here." },
  },
  es: {
    urgent: {
      head: "Asunto urgente, abra la consola",
      ask: "Abra el asunto ahora y confirme que lo tiene. Mientras nadie lo haga, se avisa a la siguiente persona.",
    },
    visit: {
      head: "Hay que llamar por una cita, abra la consola",
      ask: "Alguien ha escrito sobre una cita en las próximas horas. La llamada está en la lista de tareas; no se ha cambiado nada.",
    },
    test: { head: "Aviso de prueba, no hay nada que hacer", ask: "Solo muestra que un asunto urgente le llegaría aquí." },
  },
};

/** The text keeps to one segment of plain characters for a clinic's name and address of usual length. */
export function writePage({ locale, clinic, url, kind }: PageSubject): WrittenPage {
  const { head, ask } = WORDS[locale][kind];
  const escaped = url.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return {
    sms: `${clinic}: ${head}: ${url}`,
    subject: `${clinic}: ${head}`,
    text: `${head}:\n${url}\n\n${ask}\n`,
    html: `<p>${head}:</p><p><a href="${escaped}">${escaped}</a></p><p>${ask}</p>`,
  };
}

/** Where an alert's card stands. */
export function alertUrl(publicBaseUrl: string, alertId: string): string {
  return `${publicBaseUrl}/console/alerts/${alertId}`;
}
