/**
 * The parts of a visit's page on which its patient answers: confirm or ask for another time, who comes along, where, and how it ended. Each shows what was said
 * already instead of asking again, and each is a form that works without a script. What was written is never shown again: a page is read over shoulders.
 */
import { type AnsweringSession, isAnswerable } from "../domain/answerable.ts";
import type { SessionAnswerKind } from "../domain/patient-facts.ts";
import { ANSWER_WORDS, type AnswerWords } from "./answer-words.ts";
import { endOnce } from "./end-once.ts";
import { html, type Html } from "./html.ts";
import type { PageVisit } from "./page-visit.ts";
import type { SessionOnPage } from "./session-on-page.ts";
import { sayWhen } from "./say-when.ts";
import { sayOfficeHours, showCall } from "./show-contact.ts";

/** What is wrong with a form that was sent, and what stood in it. */
export type AnswerFault = {
  readonly field: "when" | "name" | "phone" | "place" | "address";
  readonly said: { readonly [field: string]: string };
};

/** A visit's page as its patient answers on it. `path` is the page's own address, to which it posts. */
export type Answering = {
  readonly visit: PageVisit;
  readonly session: SessionOnPage;
  readonly path: string;
  readonly fault: AnswerFault | null;
};

type Parts = Answering & { readonly words: AnswerWords; readonly may: (answer: SessionAnswerKind) => boolean };

/** What stands before how to prepare and after it. */
export function showAnswers(answering: Answering): { readonly first: Html; readonly afterPreparing: Html | null; readonly rest: Html } {
  const { visit, session } = answering;
  const asked: AnsweringSession = session;
  const may = (answer: SessionAnswerKind) => visit.canAnswer && isAnswerable(answer, { session: asked, now: visit.link.now });
  const parts = { ...answering, words: ANSWER_WORDS[visit.locale], may };
  return {
    first: html`${may("home-trouble") ? showAfter(parts) : null}${may("confirmed") ? showConfirm(parts) : null}`,
    afterPreparing: may("fasting-acknowledged") ? showRead(parts) : null,
    rest: html`${may("driver-named") && session.companion !== null ? showCompanion(parts, session.companion) : null}${may("location-confirmed") ? showLocation(parts) : null}`,
  };
}

function showConfirm(parts: Parts): Html {
  const { session, words, path, visit } = parts;
  const { answers, day, time } = session;
  const { confirm, move } = words;
  if (answers.has("asks-to-move")) {
    const hours = sayOfficeHours(visit.link.clinic, visit.locale);
    return html`<section id="answer">
<h2 class="done">${move.done}</h2>
<p>${endOnce(move.untilThen(sayWhen(day, { at: time, locale: visit.locale })))}</p>
${hours === null ? null : html`<p class="quiet">${hours}</p>`}
<form method="post" action="${path}/answer"><button class="second" name="answer" value="confirmed">${move.takeBack}</button></form>
</section>`;
  }
  const isAtHome = session.held === "home";
  const yes = isAtHome ? confirm.yesAtHome : confirm.yes;
  const ask = html`<h2>${isAtHome ? confirm.titleAtHome : confirm.title}</h2>
<form method="post" action="${path}/answer"><button name="answer" value="confirmed">${yes}</button></form>`;
  return html`<section id="answer">
${answers.has("confirmed") ? html`<h2 class="done">${confirm.done}</h2>` : ask}
${showMove(parts)}
</section>`;
}

function showMove({ words: { move }, path, fault }: Parts): Html {
  const isFaulty = fault?.field === "when";
  return html`<details${isFaulty ? html` open` : null}>
<summary>${move.open}</summary>
<form method="post" action="${path}/answer" novalidate>
<label for="when">${move.label}</label>
<p class="hint" id="when-hint">${move.hint}</p>
${isFaulty ? showFault("when", move.tooLong) : null}
<textarea id="when" name="when" rows="3" maxlength="300" ${describe("when", isFaulty)}>${isFaulty ? (fault.said["when"] ?? "") : ""}</textarea>
<button class="second" name="answer" value="asks-to-move">${move.send}</button>
<p class="hint">${move.stays}</p>
</form>
</details>`;
}

function showRead({ session, words: { read }, path }: Parts): Html {
  if (session.answers.has("fasting-acknowledged")) return html`<p class="done" id="read">${read.done}</p>`;
  return html`<form id="read" method="post" action="${path}/answer"><button class="second" name="answer" value="fasting-acknowledged">${read.button}</button></form>`;
}

function showCompanion(parts: Parts, companion: "driver" | "sitter"): Html {
  const { session, words, fault } = parts;
  const { answers, hasEscort } = session;
  const said = words.companion[companion];
  const isFaulty = fault?.field === "name" || fault?.field === "phone";
  if (answers.has("driver-missing"))
    return html`<section id="companion"><h2>${said.title}</h2><p class="done">${said.missing}</p>${showNaming(parts)}</section>`;
  if (answers.has("driver-named") || hasEscort)
    return html`<section id="companion"><h2 class="done">${answers.has("driver-named") ? said.done : said.onFile}</h2>
<details${isFaulty ? html` open` : null}><summary>${words.naming.other}</summary>${showNaming(parts)}</details></section>`;
  return html`<section id="companion"><h2>${said.title}</h2><p>${said.about}</p>${showNaming(parts)}</section>`;
}

function showNaming({ session, words: { naming }, path, fault }: Parts): Html {
  const of = (field: "name" | "phone") => (fault?.field === field ? fault : null);
  const kept = (field: string) => (fault === null ? "" : (fault.said[field] ?? ""));
  const nobody = session.answers.has("driver-missing")
    ? null
    : html`<form method="post" action="${path}/answer"><button class="second" name="answer" value="driver-missing">${naming.nobody}</button></form>`;
  return html`<form method="post" action="${path}/answer" novalidate>
<label for="name">${naming.name}</label>
${of("name") ? showFault("name", naming.noName) : null}
<input id="name" name="name" autocomplete="off" maxlength="100" required value="${kept("name")}"${of("name") ? html` aria-invalid="true" aria-describedby="name-fault" autofocus` : null}>
<label for="phone">${naming.phone}</label>
<p class="hint" id="phone-hint">${naming.phoneHint}</p>
${of("phone") ? showFault("phone", naming.badPhone) : null}
<input id="phone" name="phone" type="tel" autocomplete="off" maxlength="40" value="${kept("phone")}" ${describe("phone", of("phone") !== null)}>
<button name="answer" value="driver-named">${naming.save}</button>
</form>${nobody}`;
}

function showLocation(parts: Parts): Html {
  const { session, words, fault } = parts;
  const { location } = words;
  const isFaulty = fault?.field === "place" || fault?.field === "address";
  if (!session.answers.has("location-confirmed"))
    return html`<section id="location"><h2>${location.title}</h2><p>${location.about}</p>${showPlaces(parts)}</section>`;
  return html`<section id="location"><h2 class="done">${location.done}</h2>
<details${isFaulty ? html` open` : null}><summary>${location.change}</summary>${showPlaces(parts)}</details></section>`;
}

function showPlaces({ words: { location }, path, fault }: Parts): Html {
  const noChoice = fault?.field === "place";
  const noAddress = fault?.field === "address";
  return html`<form method="post" action="${path}/answer" novalidate>
<fieldset${noChoice ? html` aria-describedby="place-fault"` : null}>
<legend class="unseen">${location.title}</legend>
${noChoice ? showFault("place", location.noChoice) : null}
<label class="choice"><input type="radio" name="place" value="home" required> <span>${location.home}</span></label>
<label class="choice"><input type="radio" name="place" value="elsewhere"${noAddress ? html` checked` : null}> <span>${location.elsewhere}</span></label>
</fieldset>
<label for="address">${location.address}</label>
<p class="hint" id="address-hint">${location.addressHint}</p>
${noAddress ? showFault("address", location.noAddress) : null}
<textarea id="address" name="address" rows="2" maxlength="300" autocomplete="off" ${describe("address", noAddress)}></textarea>
<button name="answer" value="location-confirmed">${location.save}</button>
</form>`;
}

/** After a visit: an end to report, and a way to say that it is not well, which tells at once whom to call. */
function showAfter(parts: Parts): Html {
  const { session, words, path, may } = parts;
  const { answers } = session;
  const { after } = words;
  if (answers.has("home-trouble")) return showTrouble(parts);
  const isAtHome = may("session-over");
  const isSaid = isAtHome ? answers.has("session-over") : answers.has("home-safe");
  const said = isAtHome ? after.overDone : after.safeDone;
  const ask = html`<h2>${isAtHome ? after.titleAtHome : after.title}</h2>
<form method="post" action="${path}/answer"><button name="answer" value="${isAtHome ? "session-over" : "home-safe"}">${isAtHome ? after.over : after.safe}</button></form>`;
  return html`<section id="after">
${isSaid ? html`<h2 class="done">${said}</h2>` : ask}
<form method="post" action="${path}/answer"><button class="second" name="answer" value="home-trouble">${after.trouble}</button></form>
</section>`;
}

function showTrouble({ visit, words: { after } }: Parts): Html {
  const { clinic } = visit.link;
  const hours = sayOfficeHours(clinic, visit.locale);
  return html`<section id="after" class="grave">
<h2>${after.troubleTitle}</h2>
<p>${after.troubleDone}</p>
<p>${showCall(clinic, visit.locale)}</p>
${hours === null ? null : html`<p class="quiet">${hours}</p>`}
<p>${after.when911}</p>
<p><a class="call second" href="tel:911">${after.call911}</a></p>
</section>`;
}

function showFault(field: AnswerFault["field"], text: string): Html {
  return html`<p class="fault" id="${field}-fault">${text}</p>`;
}

/** What a reader of the screen hears with a field that has a hint. */
function describe(field: AnswerFault["field"], isFaulty: ReturnType<() => boolean>): Html {
  return isFaulty
    ? html`aria-invalid="true" aria-describedby="${field}-fault ${field}-hint" autofocus`
    : html`aria-describedby="${field}-hint"`;
}
