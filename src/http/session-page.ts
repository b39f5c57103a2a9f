/** The page behind a personal link: one session, or the sessions of a series that are to come. The patient reads how to prepare and answers; the escort reads where, when and until when. */
import { endOnce } from "./end-once.ts";
import { html, type Html } from "./html.ts";
import { frame, frameOf } from "./page-frame.ts";
import type { PageVisit } from "./page-visit.ts";
import { PAGE_WORDS, type PageWords } from "./page-words.ts";
import type { SessionOnPage } from "./session-on-page.ts";
import { isAhead, isUnderWay } from "./session-phase.ts";
import { ANSWER_WORDS } from "./answer-words.ts";
import { type AnswerFault, showAnswers } from "./show-answers.ts";
import { showContact } from "./show-contact.ts";
import { showShare } from "./show-share.ts";

type Reading = { readonly words: PageWords; readonly visit: PageVisit; readonly isEscort: boolean };

/** What stands around a page: the way to the patient's preferences, null for whom there is none. */
export type Around = { readonly preferencesPath: string | null };

/** The visit as whoever helps reads it: where things stand, when, where, until when, and what to do. */
export function showToEscort(visit: PageVisit, session: SessionOnPage): Html {
  const reading = readingOf(visit);
  const { words } = reading;
  return html`${showPhase(session, reading)}
<section>
${showWhen(session, words, "")}
${isAhead(session.phase) || isUnderWay(session.phase) ? showFacts(session, reading) : null}
</section>
${isAhead(session.phase) ? showHelp(session, words) : null}`;
}

/** One visit as it is shown: where the page is, whether it was reached from a list, and what came of a form that was sent from it. */
export type OneSession = Around & {
  readonly session: SessionOnPage;
  readonly path: string;
  readonly fault: AnswerFault | null;
  /** Whether an answer came too late to be taken. */
  readonly late: boolean;
  /** The address that the patient may pass on to whoever helps; null where there is none. */
  readonly shareUrl: string | null;
};

/** The whole page of one visit. */
export function toSessionPage(visit: PageVisit, { session, path, fault, late, preferencesPath, shareUrl }: OneSession): string {
  const reading = readingOf(visit);
  const { words, isEscort } = reading;
  const answers = isEscort ? null : showAnswers({ visit, session, path, fault });
  const isGrave = session.answers.has("home-trouble");
  const isOfList = path !== visit.path;
  const body = html`${late ? html`<section class="said" role="alert"><p>${ANSWER_WORDS[visit.locale].late}</p></section>` : null}
${isGrave ? answers && answers.first : null}
${showPhase(session, reading)}
<section>
${showWhen(session, words, "")}
${isAhead(session.phase) || isUnderWay(session.phase) ? showFacts(session, reading) : null}
${isAhead(session.phase) && !isEscort && visit.canAnswer ? html`<p><a class="call second" href="${path}/calendar.ics">${words.addToCalendar}</a></p>` : null}
</section>
${isGrave ? null : answers && answers.first}
${isAhead(session.phase) ? (isEscort ? showHelp(session, words) : showPreparing(session, reading, answers && answers.afterPreparing)) : null}
${answers && answers.rest}
${shareUrl === null || isEscort || !isAhead(session.phase) || session.companion === null ? null : showShare(shareUrl, { companion: session.companion, locale: visit.locale })}`;
  const foot = showFoot(reading, { preferencesPath, allPath: isOfList ? visit.path : null });
  const title = isEscort ? words.helping : words.visit;
  return frame(
    { ...frameOf(visit, title), ...(visit.canAnswer && { path }) },
    html`${body}${showContact(visit.link.clinic, visit.locale)}${foot}`,
  );
}

/** The whole page of a series. */
export function toSeriesPage(
  visit: PageVisit,
  { sessions, preferencesPath }: Around & { readonly sessions: readonly SessionOnPage[] },
): string {
  const reading = readingOf(visit);
  const { words, isEscort } = reading;
  const body = html`${showReadOnly(reading)}${showList(sessions, reading)}`;
  const foot = showFoot(reading, { preferencesPath, allPath: null });
  return frame(
    frameOf(visit, isEscort ? words.helpingAll : words.visits),
    html`${body}${showContact(visit.link.clinic, visit.locale)}${foot}`,
  );
}

function readingOf(visit: PageVisit): Reading {
  return { words: PAGE_WORDS[visit.locale], visit, isEscort: visit.link.recipient === "escort" };
}

function showReadOnly({ words, visit, isEscort }: Reading): Html | null {
  return visit.canAnswer || isEscort ? null : html`<section class="said"><p>${words.readOnly}</p></section>`;
}

/** What became of it, and after one that took place, from when driving can be thought of. */
function showPhase(session: SessionOnPage, reading: Reading): Html {
  const { phase, drivingFrom, toldBefore } = session;
  const { words, isEscort } = reading;
  const said = isEscort ? words.phasesToEscort[phase] : sayPhase(session, words);
  const readOnly = showReadOnly(reading);
  if (said === null) return html`${readOnly}`;
  const rest = phase === "over" && !isEscort && drivingFrom !== null ? html`<p>${sentence(words.noDriving, drivingFrom)}</p>` : null;
  const before = toldBefore === null ? null : html`<p>${endOnce(words.before(toldBefore))}</p>`;
  return html`${readOnly}<section class="said"><p>${said}</p>${before}${rest}</section>`;
}

/** The phase as it is where the visit is held, with what follows from it. */
function sayPhase(session: SessionOnPage, words: PageWords): string | null {
  const { phase, held } = session;
  if (phase === "now" && held !== "place") return words.begun[held];
  if (phase !== "postponed" && phase !== "cancelled") return words.phases[phase];
  const hadCutoffs = session.companion !== null && cutoffsOf(session, words).length > 0;
  return [words.phases[phase], ...(hadCutoffs ? [words.calledOff.eatAgain] : []), words.calledOff[phase]].join(" ");
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

function placesOf({ held, place }: SessionOnPage, words: PageWords): readonly string[] {
  if (held === "home") return [words.atHome];
  return held === "telehealth" ? [words.byVideo] : place;
}

function showHelp({ companion, endTime }: SessionOnPage, words: PageWords): Html | null {
  return companion === null ? null : html`<section><p>${sentence(words.help[companion], endTime)}</p></section>`;
}

/** Nothing for talks before and after: there is nothing to prepare. */
function showPreparing(session: SessionOnPage, { words }: Reading, acknowledge: Html | null): Html | null {
  const { companion, endTime, drivingFrom, held } = session;
  if (companion === null) return null;
  const driving = drivingFrom === null ? [] : [sentence(words.noDriving, drivingFrom)];
  const steps = [...cutoffsOf(session, words), sentence(words.bring[companion], endTime), ...driving];
  return html`<section aria-labelledby="prepare">
<h2 id="prepare">${words.prepare}</h2>
<ul class="steps" role="list">${toItems(steps)}</ul>
<p class="quiet">${words.wentDifferently[held === "home" ? "home" : "away"]}</p>
${acknowledge}
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

function toItems(lines: readonly Html[]): Html[] {
  return lines.map((line) => html`<li>${line}</li>`);
}

function showList(sessions: readonly SessionOnPage[], reading: Reading): Html {
  const { words } = reading;
  if (sessions.length === 0) return html`<section><p>${words.noneAhead}</p></section>`;
  return html`<section><ul class="visits" role="list">${sessions.map((session) => showEntry(session, reading))}</ul></section>`;
}

function showEntry(session: SessionOnPage, reading: Reading): Html {
  const { words, isEscort, visit } = reading;
  const { phase, number, day } = session;
  const mark = words.marks[phase];
  const cutoffs = isAhead(phase) && !isEscort ? cutoffsOf(session, words) : [];
  const opens = !isEscort && visit.canAnswer;
  return html`<li>
${showWhen(session, words, ",")}
${mark === null ? null : html`<p><span class="mark">${mark}</span></p>`}
${isAhead(phase) || isUnderWay(phase) ? showFacts(session, reading) : null}
${cutoffs.length === 0 ? null : html`<ul class="steps" role="list">${toItems(cutoffs)}</ul>`}
${opens ? html`<p><a href="${visit.path}/visit/${number}">${words.toVisit(day)}</a></p>` : null}
</li>
`;
}

function showFoot({ words, isEscort }: Reading, { preferencesPath, allPath }: Around & { readonly allPath: string | null }): Html {
  const links = [
    ...(allPath === null ? [] : [html`<a href="${allPath}">${words.toAll}</a>`]),
    ...(preferencesPath === null || isEscort ? [] : [html`<a href="${preferencesPath}">${words.preferences}</a>`]),
  ];
  return html`${links.length === 0 ? null : html`<nav class="foot">${links.map((link) => html`<p>${link}</p>`)}</nav>`}`;
}
