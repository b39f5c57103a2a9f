/** The question that stands before a page with health content: the year of birth of whom it is for. It says nothing of what comes after. */
import type { Locale } from "../domain/clinic.ts";
import { html } from "./html.ts";
import { frame, frameOf } from "./page-frame.ts";
import type { PageVisit } from "./page-visit.ts";
import { showContact } from "./show-contact.ts";

/** `asked`: for the first time. `wrong`: after another year. `paused`: after so many that nobody may try for a while. */
export type YearStep = "asked" | "wrong" | "paused";

type Words = {
  readonly title: string;
  readonly why: string;
  readonly label: string;
  readonly hint: string;
  readonly go: string;
  readonly wrong: string;
  readonly paused: string;
};

const WORDS: { readonly [L in Locale]: Words } = {
  en: {
    title: "One question first",
    why: "This page is meant for one person. The year keeps it from anybody else who opens the link.",
    label: "What year were you born?",
    hint: "Four digits, such as 1984",
    go: "Continue",
    wrong: "That is not the year we have. Please check it and try again.",
    paused: "There were too many tries, so this page takes a break of 15 minutes. Then you can try again, or call us.",
  },
  es: {
    title: "Antes, una pregunta",
    why: "Esta página es para una sola persona. El año evita que la vea quien abra el enlace por error.",
    label: "¿En qué año nació?",
    hint: "Cuatro cifras, por ejemplo 1984",
    go: "Continuar",
    wrong: "Ese no es el año que tenemos. Revíselo e inténtelo otra vez.",
    paused: "Hubo demasiados intentos y esta página descansa 15 minutos. Después puede intentarlo otra vez, o llámenos.",
  },
};

export function yearPage(visit: PageVisit, step: YearStep): string {
  const words = WORDS[visit.locale];
  const { link, path } = visit;
  const fault = step === "wrong" ? html`<p class="fault" id="year-fault">${words.wrong}</p>` : null;
  const describedBy = step === "wrong" ? "year-fault year-hint" : "year-hint";
  const form = html`<section>
<p>${words.why}</p>
<form method="post" action="${path}/year" novalidate>
<label for="year">${words.label}</label>
<p class="hint" id="year-hint">${words.hint}</p>
${fault}
<input class="year" id="year" name="year" inputmode="numeric" autocomplete="bday-year" maxlength="4" required aria-describedby="${describedBy}"${step === "wrong" ? html` aria-invalid="true"` : null}>
<button>${words.go}</button>
</form>
</section>`;
  const body = step === "paused" ? html`<section class="said" role="alert"><p>${words.paused}</p></section>` : form;
  return frame(frameOf(visit, words.title), html`${body}${showContact(link.clinic, visit.locale)}`);
}
