/** The page behind a personal link: one session, or the sessions of a series that are to come. The patient reads how to prepare; the escort only where, when and until when. */
import { readLocale, readStaffedHours } from "../db/clinics.ts";
import type { PageRow } from "../db/pages.ts";
import { toClinicPhone } from "../messages/national-phone.ts";
import { toPlainValue } from "../messages/plain-value.ts";
import { sayHours } from "../messages/say-hours.ts";
import { html, type Html } from "./html.ts";
import { frame } from "./page-frame.ts";
import { PAGE_WORDS, type PageWords } from "./page-words.ts";
import type { SessionOnPage } from "./session-on-page.ts";
import { isAhead } from "./session-phase.ts";

type Reading = { readonly words: PageWords; readonly isEscort: boolean };

/** The whole page as HTML; `basePath` as in the frame. */
export function toSessionPage(page: PageRow, sessions: readonly SessionOnPage[], { basePath }: { basePath: string }): string {
  const locale = readLocale(page.locale);
  const words = PAGE_WORDS[locale];
  const reading = { words, isEscort: page.recipient === "escort" };
  const [first] = sessions;
  const body = page.listsSeries || !first ? showList(sessions, reading) : showOne(first, reading);
  const clinic = toPlainValue(page.clinicName, 40);
  return frame({ locale, title: titleOf(page, words), clinic, basePath }, html`${body}${showContact(page, words)}`);
}

function titleOf({ listsSeries, recipient }: PageRow, words: PageWords): string {
  if (recipient === "escort") return listsSeries ? words.helpingAll : words.helping;
  return listsSeries ? words.visits : words.visit;
}

function showOne(session: SessionOnPage, reading: Reading): Html {
  const { phase } = session;
  const after = reading.isEscort ? showHelp(session, reading.words) : showPreparing(session, reading.words);
  return html`${showPhase(session, reading)}
<section>
${showWhen(session, reading.words, "")}
${isAhead(phase) || phase === "now" ? showFacts(session, reading) : null}
</section>
${isAhead(phase) ? after : null}`;
}

/** What became of it, and after one that took place, from when driving can be thought of. */
function showPhase({ phase, drivingFrom }: SessionOnPage, { words, isEscort }: Reading): Html | null {
  const said = (isEscort ? words.phasesToEscort : words.phases)[phase];
  if (said === null) return null;
  const rest = phase === "over" && !isEscort && drivingFrom !== null ? html`<p>${sentence(words.noDriving, drivingFrom)}</p>` : null;
  return html`<section class="said"><p>${said}</p>${rest}</section>`;
}

function showWhen({ phase, day, time }: SessionOnPage, words: PageWords, comma: "," | ""): Html {
  const when = html`${day}${comma} <span class="time">${words.at(time)}</span>`;
  return html`<p class="day">${phase === "postponed" || phase === "cancelled" ? html`<s>${when}</s>` : when}</p>`;
}

function showFacts(session: SessionOnPage, { words, isEscort }: Reading): Html {
  const { arriveBy, companion, endTime, joinUrl } = session;
  const places = placesOf(session, words);
  const video =
    joinUrl === null || isEscort
      ? null
      : html`<p><a class="call video" rel="noopener noreferrer" href="${joinUrl}">${words.openVideo}</a></p>`;
  return html`<dl class="facts">
${arriveBy === null || isEscort ? null : html`<dt>${words.arrive}</dt><dd>${words.arriveBy(arriveBy)}</dd>`}
${places.length === 0 ? null : html`<dt>${words.where}</dt><dd class="lines">${places.map((line) => html`<span>${line}</span>`)}</dd>`}
${companion === "driver" ? html`<dt>${words.pickUp}</dt><dd>${words.pickUpAt(endTime)}</dd>` : null}
${companion === "sitter" ? html`<dt>${words.until}</dt><dd>${words.untilAbout(endTime)}</dd>` : null}
</dl>${video}`;
}

function placesOf({ setting, place }: SessionOnPage, words: PageWords): readonly string[] {
  if (setting === "home") return [words.atHome];
  return setting === "telehealth" ? [words.byVideo] : place;
}

function showHelp({ companion, endTime }: SessionOnPage, words: PageWords): Html | null {
  return companion === null ? null : html`<section><p>${sentence(words.help[companion], endTime)}</p></section>`;
}

/** Nothing for talks before and after: there is nothing to prepare. */
function showPreparing(session: SessionOnPage, words: PageWords): Html | null {
  const { companion, endTime, drivingFrom, setting } = session;
  if (companion === null) return null;
  const driving = drivingFrom === null ? [] : [sentence(words.noDriving, drivingFrom)];
  const steps = [...cutoffsOf(session, words), sentence(words.bring[companion], endTime), ...driving];
  return html`<section aria-labelledby="prepare">
<h2 id="prepare">${words.prepare}</h2>
<ul class="steps" role="list">${toItems(steps)}</ul>
<p class="quiet">${words.wentDifferently[setting === "home" ? "home" : "away"]}</p>
</section>`;
}

function cutoffsOf({ solidsUntil, liquidsUntil, nasalUntil }: SessionOnPage, words: PageWords): Html[] {
  const say = (write: (time: string) => string, until: string | null) => (until === null ? [] : [sentence(write, until)]);
  return [...say(words.solids, solidsUntil), ...say(words.liquids, liquidsUntil), ...say(words.nasal, nasalUntil)];
}

/** The sentence with its time in bold. */
function sentence(write: (time: string) => string, time: string): Html {
  const [before = "", after = ""] = endOnce(write(time)).split(time);
  return html`${before}<strong>${time}</strong>${after}`;
}

/** A time that ends in a full stop ("a. m.") ends its sentence too. */
function endOnce(text: string): string {
  return text.replace(/\.\.$/, ".");
}

function toItems(lines: readonly Html[]): Html[] {
  return lines.map((line) => html`<li>${line}</li>`);
}

function showList(sessions: readonly SessionOnPage[], reading: Reading): Html {
  const { words } = reading;
  if (sessions.length === 0) return html`<section><p>${words.noneAhead}</p></section>`;
  return html`<section><ul class="visits" role="list">${sessions.map((session) => showEntry(session, reading))}</ul></section>`;
}

function showEntry(session: SessionOnPage, reading: Reading): Html {
  const { words, isEscort } = reading;
  const { phase } = session;
  const mark = words.marks[phase];
  const cutoffs = isAhead(phase) && !isEscort ? cutoffsOf(session, words) : [];
  return html`<li>
${showWhen(session, words, ",")}
${mark === null ? null : html`<p><span class="mark">${mark}</span></p>`}
${isAhead(phase) || phase === "now" ? showFacts(session, reading) : null}
${cutoffs.length === 0 ? null : html`<ul class="steps" role="list">${toItems(cutoffs)}</ul>`}
</li>
`;
}

function showContact({ clinicPhone, staffedHours, locale }: PageRow, words: PageWords): Html {
  const hours = sayHours(readLocale(locale), readStaffedHours(staffedHours));
  return html`<section aria-labelledby="contact">
<h2 id="contact">${words.questions}</h2>
<p><a class="call" href="tel:${clinicPhone}">${words.call(toClinicPhone(clinicPhone))}</a></p>
${hours === "" ? null : html`<p class="quiet">${endOnce(words.hours(hours))}</p>`}
</section>
<p class="quiet foot">${words.emergency}</p>`;
}
