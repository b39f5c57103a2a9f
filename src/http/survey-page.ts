/** The pages of a survey: a screen of one question or a few, and thanks. What was answered before is shown on its own screen and nowhere else; no page shows a score. */
import type { Answers } from "../domain/check-answers.ts";
import { SKIPPED } from "../domain/check-answers.ts";
import type { Locale } from "../domain/clinic.ts";
import { inLocale, type Instrument, type Item, type Screen, type Wording } from "../domain/instruments/instrument.ts";
import { speaks } from "../domain/instruments/find-instrument.ts";
import { keepTogether } from "../messages/keep-together.ts";
import { sayHours } from "../messages/say-hours.ts";
import { renderCrisisPanel } from "./crisis-panel.ts";
import { endOnce } from "./end-once.ts";
import { html, type Html } from "./html.ts";
import { frame, frameOf } from "./page-frame.ts";
import type { PageVisit } from "./page-visit.ts";
import { showContact } from "./show-contact.ts";
import { SURVEY_WORDS, type SurveyWords } from "./survey-words.ts";

export type SurveyScreen = {
  readonly visit: PageVisit;
  readonly instrument: Instrument;
  /** From 1. */
  readonly number: number;
  readonly answers: Answers;
  /** Items that were sent without an answer that can be. */
  readonly faults: readonly string[];
  /** Whether something was answered that calls for help at once. */
  readonly needsHelp: ReturnType<() => boolean>;
};

type Parts = SurveyScreen & {
  readonly words: SurveyWords;
  readonly screen: Screen;
  readonly items: readonly Item[];
  readonly say: (wording: Wording) => string;
};

/** One screen. The first says before its question when answers are read. */
export function surveyPage(shown: SurveyScreen): string {
  const { visit, instrument, number, needsHelp } = shown;
  const words = SURVEY_WORDS[visit.locale];
  const screen = instrument.screens[number - 1];
  if (!screen) throw new Error(`${instrument.id} has no screen ${number}`);
  const items = screen.items.flatMap((id) => instrument.items.filter((item) => item.id === id));
  const parts: Parts = { ...shown, words, screen, items, say: (wording) => inLocale(wording, visit.locale) };
  const body = html`${needsHelp ? renderCrisisPanel({ locale: visit.locale, clinic: visit.link.clinic }) : null}
${number === 1 ? showFirst(parts) : null}
${showProgress(parts)}
${showQuestion(parts)}
${number > 1 ? html`<nav class="foot"><p><a href="${visit.path}/q/${number - 1}">${words.back}</a></p></nav>` : null}
${instrument.notice ? html`<p class="foot fine"${markLanguage(parts)}>${parts.say(instrument.notice)}</p>` : null}`;
  return frame({ ...frameOf(visit, words.title), path: `${visit.path}/q/${number}` }, body);
}

function showFirst({ visit, words, instrument, say }: Parts): Html {
  const { clinic } = visit.link;
  const hours = sayHours(visit.locale, clinic.staffedHours);
  const reads = hours === "" ? words.readSoon : endOnce(words.read(keepTogether(hours)));
  const { locale } = visit;
  return html`<section class="before">
<p><strong>${reads}</strong> ${words.unwatched}</p>
<p>${words.kept}</p>
${speaks(instrument, locale) ? null : html`<p>${words.onlyEnglish}</p>`}
</section>${instrument.instruction ? html`<p${languageOf(instrument, locale)}>${say(instrument.instruction)}</p>` : null}`;
}

function showProgress({ instrument, number, words }: Parts): Html {
  const of = instrument.screens.length;
  const step = words.step(number, of);
  return html`<p class="progress"><progress max="${of}" value="${number}" aria-label="${step}"></progress> <span aria-hidden="true">${step}</span></p>`;
}

function showQuestion(parts: Parts): Html {
  const [only] = parts.items;
  const isAlone = parts.items.length === 1 && only !== undefined;
  return isAlone ? showAlone(parts, only) : showGroup(parts);
}

/** A tap answers it and leads on. */
function showAlone(parts: Parts, item: Item): Html {
  const { visit, number, screen, words, say, faults } = parts;
  const isFaulty = faults.includes(item.id);
  const stem = say(screen.stem);
  return html`<section${markLanguage(parts)}>
<form method="post" action="${visit.path}/q/${number}">
<fieldset aria-describedby="answer-fault">
<legend>${stem === "" ? null : html`<span class="stem">${stem}</span> `}<span class="item">${say(item.text)}</span></legend>
<p class="fault" id="answer-fault"${isFaulty ? html` role="alert" lang="${visit.locale}"` : html` hidden`}>${words.choose}</p>
${item.shown === "scale" ? showScaleButtons(parts, item) : showButtons(parts, item)}
</fieldset>
${item.answer === "may" ? html`<button class="leave" name="${item.id}" value="${SKIPPED}" lang="${visit.locale}">${item.scored ? words.skip : words.skipGroup}</button>` : null}
</form>
</section>`;
}

function showButtons({ answers, say, words, visit }: Parts, { id, choices }: Item): Html {
  return html`<div class="answers">${choices.map(({ value, label }) => {
    const isChosen = answers[id] === value;
    return html`<button name="${id}" value="${value}" aria-pressed="${isChosen ? "true" : "false"}">${say(label)}${isChosen ? html` <small lang="${visit.locale}">${words.yours}</small>` : null}</button>`;
  })}</div>`;
}

function showScaleButtons({ answers, say }: Parts, { id, choices }: Item): Html {
  const buttons = choices.map(({ value, label }) => {
    const end = say(label);
    return html`<button name="${id}" value="${value}" aria-pressed="${answers[id] === value ? "true" : "false"}"${end === "" ? null : html` aria-label="${value}, ${end}"`}>${value}</button>`;
  });
  return html`<div class="answers scale">${buttons}</div>${showEnds(choices.map(({ label }) => say(label)))}`;
}

function showEnds(labels: readonly string[]): Html {
  return html`<p class="ends" aria-hidden="true"><span>${labels[0] ?? ""}</span><span>${labels.at(-1) ?? ""}</span></p>`;
}

/** A few that belong together, sent with one button. */
function showGroup(parts: Parts): Html {
  const { visit, number, screen, words, say, items, faults, instrument } = parts;
  const stem = say(screen.stem);
  const isLast = number === instrument.screens.length;
  return html`<section class="group"${markLanguage(parts)}>
${stem === "" ? null : html`<h2>${stem}</h2>`}
${faults.length > 0 ? html`<p class="fault" role="alert" lang="${visit.locale}">${words.chooseAll}</p>` : null}
<form method="post" action="${visit.path}/q/${number}" novalidate>
${items.map((item) => showRow(parts, item))}
<button lang="${visit.locale}">${isLast ? words.send : words.next}</button>
</form>
</section>`;
}

function showRow({ answers, say, faults, words }: Parts, { id, text, choices, shown }: Item): Html {
  const fault = faults.includes(id) ? html`<p class="fault" id="${id}-fault">${words.choose}</p>` : null;
  const radios = choices.map(({ value, label }) => {
    const end = say(label);
    const name =
      shown === "scale"
        ? html`<span>${value}</span>${end === "" ? null : html`<span class="unseen">${end}</span>`}`
        : html`<span>${end}</span>`;
    return html`<label class="choice"><input type="radio" name="${id}" value="${value}" required${answers[id] === value ? html` checked` : null}> ${name}</label>`;
  });
  return html`<fieldset${fault ? html` aria-describedby="${id}-fault"` : null}>
<legend>${say(text)}</legend>${fault}
<div class="${shown === "scale" ? "scale" : "row"}">${radios}</div>${shown === "scale" ? showEnds(choices.map(({ label }) => say(label))) : null}
</fieldset>`;
}

function markLanguage({ instrument, visit }: Parts): Html | null {
  return languageOf(instrument, visit.locale);
}

/** Words that have no wording in the page's language are marked as the English that they are. */
function languageOf(instrument: Instrument, locale: Locale): Html | null {
  return speaks(instrument, locale) ? null : html` lang="en"`;
}

/** That it has arrived, and whom to call. Where help was called for, that comes first, and nothing says that there is nothing left to do. */
export function thanksPage(visit: PageVisit, { needsHelp }: Pick<SurveyScreen, "needsHelp">): string {
  const { locale, link } = visit;
  const words = SURVEY_WORDS[locale];
  const body = html`${needsHelp ? renderCrisisPanel({ locale, clinic: link.clinic }) : null}
${needsHelp ? html`<section class="said" role="status"><p>${words.arrivedWithHelp}</p></section>` : html`<section class="said" role="status"><p>${words.arrived}</p><p>${words.call}</p></section>`}
${needsHelp ? null : showContact(link.clinic, locale)}`;
  return frame(frameOf(visit, words.thanks), body);
}

/** Nothing could be stored, or not yet; help stands there all the same. */
export function notSavedPage(visit: PageVisit, { needsHelp, number }: Pick<SurveyScreen, "needsHelp" | "number">): string {
  const { locale, link } = visit;
  const words = SURVEY_WORDS[locale];
  const body = html`${needsHelp ? renderCrisisPanel({ locale, clinic: link.clinic }) : null}
<section class="said" role="alert"><p>${words.notSavedWhy}</p><p><a href="${visit.path}/q/${number}">${words.again}</a></p></section>
${needsHelp ? null : showContact(link.clinic, locale)}`;
  return frame({ ...frameOf(visit, words.notSaved), path: `${visit.path}/q/${number}` }, body);
}

/** Neither clinic nor reader can be looked up: so in both languages, whom to call now. */
export function unreachablePage(basePath: string, reference: string): string {
  const help = (locale: Locale) => {
    const { notSaved, notSavedWhy } = SURVEY_WORDS[locale];
    const [call, text, emergency] = HELP_LINES[locale];
    return html`<section class="grave" lang="${locale}"><h2>${notSaved}</h2><p>${notSavedWhy}</p>
<p><a class="call" href="tel:988">${call}</a></p><p><a class="call" href="sms:988">${text}</a></p><p><a class="call" href="tel:911">${emergency}</a></p></section>`;
  };
  const body = html`${help("en")}${help("es")}<p class="foot fine">${reference}</p>`;
  return frame({ locale: "en", title: SURVEY_WORDS.en.notSaved, clinic: null, basePath }, body);
}

const HELP_LINES: { readonly [L in Locale]: readonly [string, string, string] } = {
  en: ["To talk to somebody now, call 988", "Or text 988", "In danger, call 911"],
  es: ["Para hablar con alguien ahora, llame al 988 y oprima 2", "O envíe AYUDA al 988", "En peligro, llame al 911"],
};
