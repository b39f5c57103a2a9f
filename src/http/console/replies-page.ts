/** One text with the conversation around it, and beside it what one may answer: a saved phrase, or words of one's own. */
import type { WaitingMessage } from "../../db/view-inbox.ts";
import type { ReplyView } from "../../db/view-replies.ts";
import type { Instant } from "../../domain/calendar.ts";
import type { Fault } from "../../domain/fault.ts";
import { type TouchpointId, toPublicId } from "../../domain/ids.ts";
import { readZone } from "../../db/clinics.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import type { Offer, OfferedPhrase } from "../../producers/offer-phrases.ts";
import type { Said } from "../../producers/open-conversation.ts";
import type { SentMessage } from "../../producers/send-message.ts";
import { html, type Html } from "../html.ts";
import { csrfForm } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { facts, notice, panel } from "./console-parts.ts";
import { sayFault } from "./form-fields.ts";
import type { Typed } from "./read-form.ts";
import { conversation } from "./replies-conversation.ts";
import { sayReplyKind } from "./replies-words.ts";
import type { Named } from "./reveal-people.ts";
import { sayActor } from "./say-change.ts";
import { moment } from "./say-moment.ts";

export type ReplyPage = {
  readonly reply: ReplyView;
  readonly who: Named | undefined;
  readonly from: string;
  readonly said: readonly Said[];
  readonly waiting: readonly (WaitingMessage & { readonly words: string })[];
  readonly offer: Offer | undefined;
  /** What staff had written last when this page was made. */
  readonly newest: TouchpointId | null;
  readonly zone: Zone;
  readonly now: Instant;
  readonly typed: Typed;
  readonly faults: readonly Fault[];
  /** As it would arrive; null before it was looked at. */
  readonly preview: SentMessage | null;
  readonly wasSent: boolean;
};

/** Somebody else has dealt with the text since the form was opened. */
export function isClosedMeanwhile(typed: Typed, { inbox }: Pick<ReplyView, "inbox">): boolean {
  return typed.text("inbox") === "open" && inbox === "closed";
}

export function replyBody(page: ReplyPage, context: ConsoleContext): Html {
  const { said, reply, zone, now, wasSent, faults } = page;
  return html`${wasSent ? notice("good", html`<p>Your message is on its way.</p>`) : null}${faults.length > 0 ? sayFaults(page) : null}${closedMeanwhile(page)}
<div class="columns wide-left"><div class="stack">${panel("Conversation", html`<div class="body">${conversation(said, { zone, now, id: reply.id })}${waitingOf(page)}</div>`)}</div>
<div class="stack">${about(page, context)}${answering(page, context)}</div></div>`;
}

function closedMeanwhile({ reply, typed, zone, now }: ReplyPage): Html | null {
  if (!isClosedMeanwhile(typed, reply)) return null;
  const { closedBy, closedAt } = reply;
  return notice(
    "warn",
    html`<p><strong>${sayActor(closedBy ?? "somebody")} closed this text${closedAt === null ? null : html`, ${moment(zone, closedAt, now)}`}, while you had it open.</strong> Nothing of yours was sent; what you typed still stands below. Look at the conversation before you send it.</p>`,
  );
}

/** Who wrote last, and when, for somebody who was writing too. */
function writtenMeanwhile({ waiting, said, zone, now }: ReplyPage): Html {
  const gone = said.findLast(({ actor }) => actor !== null);
  const last = waiting.at(-1) ?? (gone?.actor ? { actor: gone.actor, tryAt: gone.at } : undefined);
  const by = last
    ? html`${sayActor(last.actor)} has written in the meantime (${moment(zone, last.tryAt, now)})`
    : html`Somebody has written in the meantime`;
  return html`${by}: look at the conversation, and send again if it is still right.`;
}

function sayFaults(page: ReplyPage): Html | null {
  const faults = page.faults.filter(({ path }) => path !== "closed");
  if (faults.length === 0) return null;
  return notice(
    faults.some(({ path }) => path === "newest") ? "warn" : "bad",
    html`<p><strong>Nothing was sent.</strong></p><ul>${faults.map((fault) => html`<li>${fault.path === "newest" ? writtenMeanwhile(page) : sayFault(fault)}</li>`)}</ul>`,
  );
}

function waitingOf({ waiting, zone, now }: ReplyPage): Html | null {
  if (waiting.length === 0) return null;
  const say = ({ words, actor, state, tryAt, reason }: ReplyPage["waiting"][number]) =>
    html`<li class="us"><p class="words">${words}</p><p class="small quiet">${sayActor(actor)}, ${state === "held" ? `kept back: ${reason ?? ""}` : html`goes ${moment(zone, tryAt, now)}`}</p></li>`;
  return html`<h3>Not gone yet</h3><ol class="talk">${waiting.map(say)}</ol>`;
}

function about({ reply, who, from, zone, now }: ReplyPage, context: ConsoleContext): Html {
  const { id, patientId, kind, session, inbox, closedAt, closedBy, answer, hasAlert } = reply;
  const rows = facts([
    ["Chart", who?.chart ?? null],
    ["Number", html`<a href="tel:${from}">${toNationalPhone(from)}</a>`],
    ["Read as", sayReplyKind(kind)],
    ["Visit", session === null ? null : String(session)],
    ["Our answer", answer === null ? "none by itself" : answer.replace(/^answer-/, "").replaceAll("-", " ")],
    [
      "Alert",
      hasAlert ? html`<a href="${context.basePath}/console/clinics/${context.clinic.slug}/alerts">there is one about it</a>` : null,
    ],
    [
      "Closed",
      closedAt === null ? null : html`${moment(zone, closedAt, now)}${closedBy === null ? null : html` by ${sayActor(closedBy)}`}`,
    ],
  ]);
  const links =
    patientId === null ? null : html`<a href="${context.basePath}/console/patients/${toPublicId("patient", patientId)}">Timeline</a>`;
  const close =
    inbox === "open" && context.mayDo("replies.answer")
      ? csrfForm(context, {
          action: `/console/replies/${toPublicId("inbound", id)}/close`,
          body: html`<button>Close: it is dealt with</button>`,
        })
      : null;
  return panel("About it", html`<div class="body">${rows}${close}</div>`, links);
}

function answering(page: ReplyPage, context: ConsoleContext): Html | null {
  const { reply, offer, preview, from } = page;
  if (!context.mayDo("messages.send")) return null;
  if (reply.patientId === null || !offer)
    return panel(
      "Answer",
      html`<div class="body"><p>No chart has this number, so nothing can be sent to it. <a href="tel:${from}">Call it</a>.</p></div>`,
    );
  if (offer.recipient.holdCode !== null)
    return panel(
      "Answer",
      html`<div class="body"><p>The patient is on hold (${offer.recipient.holdCode}): nothing is sent. Ask before you call.</p></div>`,
    );
  if (offer.channel === null)
    return panel(
      "Answer",
      html`<div class="body"><p>Neither texts nor emails reach them: ${UNREACHED[offer.recipient.sms] ?? offer.recipient.sms}. <a href="tel:${from}">Call</a>.</p></div>`,
    );
  return preview ? lookAgain(page, preview, context) : writing(page, offer, context);
}

const UNREACHED: { readonly [reach: string]: string } = {
  "no-address": "no number is stored",
  "no-consent": "they have not agreed, or no longer do",
  "opted-out": "the number has opted out",
  "dead-address": "nobody is reached at the number",
};

const LANGUAGES: { readonly [locale: string]: string } = { en: "English", es: "Spanish" };

function writing({ reply, typed, newest }: ReplyPage, { phrases, recipient, channel }: Offer, context: ConsoleContext): Html {
  const chosen = typed.text("phrase");
  const body = html`<input type="hidden" name="newest" value="${newest ?? ""}"><input type="hidden" name="inbox" value="${reply.inbox}">
<p class="quiet small">They read ${LANGUAGES[recipient.locale] ?? recipient.locale}. It goes by ${channel === "sms" ? "text" : "email"}, in their hours.</p>
<fieldset><legend>Saved phrases</legend><div class="phrases">${phrases.map((phrase) => phraseOption(phrase, { isChosen: phrase.phrase === chosen, locale: recipient.locale }))}
<label><input type="radio" name="phrase" value=""${chosen === "" ? html` checked` : null}><span>Your own words, below</span></label></div></fieldset>
<div class="field"><label for="text">Your own words</label><p class="hint" id="text-hint">In ${LANGUAGES[recipient.locale] ?? recipient.locale}. Neutral: whoever sees the screen must not learn what is treated. The clinic's name is put before it.</p><textarea id="text" name="text" rows="3" aria-describedby="text-hint">${typed.text("text")}</textarea></div>
<button class="first">See how it arrives</button>`;
  return panel(
    "Answer",
    html`<div class="body">${csrfForm(context, { action: `/console/replies/${toPublicId("inbound", reply.id)}/answer`, name: "form", body })}</div>`,
  );
}

function phraseOption({ phrase, message, others }: OfferedPhrase, { isChosen, locale }: { isChosen: boolean; locale: string }): Html {
  const other = others.map(({ locale: language, words }) => html`<span class="small quiet" lang="${language}">${words}</span>`);
  return html`<label><input type="radio" name="phrase" value="${phrase}"${isChosen ? html` checked` : null}><span><span lang="${locale}">${message.words}</span> <span class="small quiet">${saySegments(message.segments)}</span><br>${other}</span></label>`;
}

function saySegments(segments: number | null): string {
  if (segments === null) return "by email";
  return segments === 1 ? "1 segment" : `${segments} segments`;
}

function lookAgain(
  { reply, typed, newest, now }: ReplyPage,
  { message, goesAt, zone, channel }: SentMessage,
  context: ConsoleContext,
): Html {
  const kept = html`<input type="hidden" name="newest" value="${newest ?? ""}"><input type="hidden" name="inbox" value="${reply.inbox}"><input type="hidden" name="phrase" value="${typed.text("phrase")}"><input type="hidden" name="text" value="${typed.text("text")}">`;
  const close =
    reply.inbox === "open" && context.mayDo("replies.answer")
      ? html`<button class="first" name="step" value="send-and-close">Send and close</button>`
      : null;
  const body = html`${kept}<div class="buttons">${close}<button class="${close ? "" : "first"}" name="step" value="send">Send</button><button name="step" value="edit">Change it</button></div>`;
  const when =
    goesAt <= now ? html`goes at once` : html`goes ${moment(readZone(zone), goesAt, now)} in their time, when their quiet hours end`;
  return panel(
    "As it arrives",
    html`<div class="body">${message.subject === null ? null : html`<p><strong>${message.subject}</strong></p>`}<p class="bubble">${message.text}</p><p class="small quiet">${channel === "sms" ? saySegments(message.segments) : "by email"}, ${when}</p>${csrfForm(context, { action: `/console/replies/${toPublicId("inbound", reply.id)}/answer`, body })}</div>`,
  );
}
