/** The page of the link that a patient has passed on: when, where and how to help, and texts for whoever wants them. It names nobody and says nothing of a treatment. */
import { toPlainValue } from "../messages/plain-value.ts";
import { html, type Html } from "./html.ts";
import { frame, frameOf } from "./page-frame.ts";
import type { PageVisit } from "./page-visit.ts";
import type { SessionOnPage } from "./session-on-page.ts";
import { showToEscort } from "./session-page.ts";
import { isAhead } from "./session-phase.ts";
import { SHARE_WORDS, type ShareWords } from "./share-words.ts";
import { showContact } from "./show-contact.ts";

/** What is wrong with the form that was sent. */
export type ShareFault = {
  readonly field: "name" | "phone" | "page";
  readonly why: "wrong" | "too-many" | "late";
  readonly said: ShareFields;
};

/** As somebody wrote it. */
export type ShareFields = { readonly name: string; readonly phone: string; readonly scope: "visit" | "all" };

export type SharedVisit = {
  readonly session: SessionOnPage;
  /** What became of the last that was written on this page; null: nothing was. */
  readonly texts: { readonly standing: "taken" | "review" | "stopped"; readonly scope: "visit" | "all" } | null;
  readonly fault: ShareFault | null;
};

export function toSharePage(visit: PageVisit, shared: SharedVisit): string {
  const { session } = shared;
  const words = SHARE_WORDS[visit.locale];
  const isOpen = isAhead(session.phase);
  const body = html`${showToEscort(visit, session)}
${isOpen && session.companion !== null ? showKnow(words, session.companion) : null}
${isOpen && visit.canAnswer ? showTexts(visit, words, shared) : null}
${showContact(visit.link.clinic, visit.locale)}`;
  return frame(frameOf(visit, words.title[session.companion ?? "other"]), body);
}

function showKnow({ know }: ShareWords, companion: "driver" | "sitter"): Html {
  const lines = [...know[companion], know.cannot];
  return html`<section aria-labelledby="know"><h2 id="know">${know.title}</h2>
<ul class="steps" role="list">${lines.map((line) => html`<li>${line}</li>`)}</ul></section>`;
}

function showTexts(visit: PageVisit, words: ShareWords, { texts, fault }: SharedVisit): Html {
  const said = words.texts;
  const form = showForm(visit, words, fault);
  if (fault?.field === "page")
    return html`<section id="texts" role="alert"><h2>${said.title}</h2><p>${fault.why === "late" ? said.late : said.tooMany}</p></section>`;
  if (texts === null || fault !== null) return html`<section id="texts"><h2>${said.title}</h2><p>${said.about}</p>${form}</section>`;
  const [title, about] = {
    taken: [said.taken[texts.scope], said.takenAbout],
    review: [said.review, said.reviewAbout],
    stopped: [said.stopped, said.stoppedAbout],
  }[texts.standing];
  return html`<section id="texts"><h2 class="${texts.standing === "stopped" ? "" : "done"}">${title ?? ""}</h2><p>${about ?? ""}</p>
<details><summary>${said.other}</summary>${form}</details></section>`;
}

function showForm({ path, link }: PageVisit, { texts }: ShareWords, fault: ShareFault | null): Html {
  const of = (field: "name" | "phone") => fault?.field === field;
  const kept: ShareFields = fault?.said ?? { name: "", phone: "", scope: "visit" };
  const choice = (scope: "visit" | "all") =>
    html`<label class="choice"><input type="radio" name="scope" value="${scope}"${kept.scope === scope ? html` checked` : null}> <span>${texts[scope]}</span></label>`;
  return html`<form method="post" action="${path}/texts" novalidate>
<label for="name">${texts.name}</label>
${of("name") ? html`<p class="fault" id="name-fault">${texts.noName}</p>` : null}
<input id="name" name="name" autocomplete="name" maxlength="100" required value="${kept.name}"${of("name") ? html` aria-invalid="true" aria-describedby="name-fault" autofocus` : null}>
<label for="phone">${texts.phone}</label>
${of("phone") ? html`<p class="fault" id="phone-fault">${texts.badPhone}</p>` : null}
<input id="phone" name="phone" type="tel" autocomplete="tel" maxlength="40" required value="${kept.phone}"${of("phone") ? html` aria-invalid="true" aria-describedby="phone-fault" autofocus` : null}>
<fieldset><legend>${texts.which}</legend>
${choice("visit")}
${choice("all")}
</fieldset>
<p class="hint">${texts.agree(toPlainValue(link.clinic.name, 40))}</p>
<button>${texts.send}</button>
</form>`;
}
