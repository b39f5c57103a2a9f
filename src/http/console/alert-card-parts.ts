/** Parts of an alert's card: the text that raised it, what is kept back, who was paged, and every step so far. */
import { machineNow } from "../../clock.ts";
import type { AlertEvent, KeptMessage, PageView } from "../../db/view-alert.ts";
import { DAY, type Instant } from "../../domain/calendar.ts";
import type { CrisisText, CrisisTextFate } from "../../domain/crisis-text.ts";
import { toPublicId } from "../../domain/ids.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { html, type Html } from "../html.ts";
import type { AlertCardView } from "./alert-card-view.ts";
import { csrfForm } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { notice, panel, pill, type Tone } from "./console-parts.ts";
import { conversation } from "./replies-conversation.ts";
import { sayActor, sayRule } from "./say-change.ts";
import { clockAt, moment } from "./say-moment.ts";
import { saySpan } from "./say-span.ts";

const FATES: { readonly [Fate in CrisisTextFate]: string } = {
  arrived: "The crisis text has arrived on the phone.",
  "handed-over": "The crisis text was handed over; no word yet that it arrived.",
  "on-its-way": "The crisis text has not been taken by the provider yet.",
  "not-sent": "The crisis text did not come through.",
  none: "No crisis text was sent.",
};

export function raisingText({ card: { raisedBy }, zone, now }: AlertCardView): Html | null {
  if (!raisedBy) return null;
  const talk =
    raisedBy.conversation.length > 1
      ? html`<details><summary>The conversation around it</summary>${conversation(raisedBy.conversation, { zone, now, id: null })}</details>`
      : null;
  return panel("The text", html`<div class="body"><blockquote>${raisedBy.words}</blockquote>${fate(raisedBy.crisisText)}${talk}</div>`);
}

function fate({ fate: what, why }: CrisisText): Html {
  const tone = what === "arrived" ? "good" : what === "handed-over" || what === "on-its-way" ? "plain" : "bad";
  return notice(tone, html`<p>${FATES[what]}${why === null ? null : html` <span class="quiet">(${why})</span>`}</p>`);
}

/** What is of use no longer than this is decided first; the rest stands folded below it. */
const SOON_MS = 2 * DAY;

/** What the alert keeps back and its owner decides: it goes, or was said by voice. */
export function keptMessages({ card: { kept, alert }, zone, now }: AlertCardView, context: ConsoleContext): Html | null {
  if (kept.length === 0 || alert.state === "closed") return null;
  const row = (
    message: KeptMessage,
  ) => html`<li><div class="main"><p>${sayRule(message.rule)} <span class="quiet">${message.channel === "sms" ? "text" : message.channel}</span></p>
<p class="small quiet">was due ${moment(zone, message.dueAt, now)}, of use until ${moment(zone, message.sendBy, now)}</p></div>${context.mayDo("alerts.answer") ? decide(message, context) : null}</li>`;
  const soon = kept.filter(({ sendBy }) => sendBy - now <= SOON_MS);
  const later = kept.filter((message) => !soon.includes(message));
  const rest =
    later.length === 0
      ? null
      : html`<details class="over"><summary>${later.length} later</summary><ul class="rows">${later.map(row)}</ul></details>`;
  return panel(
    "Kept back",
    html`<p class="lead small quiet">Nothing of this goes out while the alert is open, unless you say so.</p><ul class="rows">${soon.map(row)}</ul>${rest}`,
  );
}

function decide({ id, rule }: KeptMessage, context: ConsoleContext): Html {
  const form = (verdict: string, words: string) =>
    csrfForm(context, {
      action: `/console/touchpoints/${toPublicId("touchpoint", id)}/release`,
      body: html`<button name="verdict" value="${verdict}">${words}<span class="hidden">: ${sayRule(rule)}</span></button>`,
    });
  return html`<div class="buttons">${form("send", "Let it go")}${form("told", "Said by phone")}</div>`;
}

const PAGE_TONES: { readonly [outcome: string]: Tone } = {
  sent: "green",
  refused: "red",
  "not-sent": "red",
  unknown: "amber",
  sending: "plain",
};

export function pagesTried({ card: { pages, alert }, zone, now }: AlertCardView): Html | null {
  if (alert.level === "medium" && pages.length === 0) return null;
  const row = ({ person, channel, outcome, code, beganAt }: PageView) =>
    html`<li><span class="when">${whenPaged(beganAt, { zone, now })}</span><span>${person} <span class="quiet">by ${channel === "sms" ? "text" : "email"}</span> ${pill(PAGE_TONES[outcome] ?? "plain", outcome)}${code === null ? null : html` <span class="quiet small">${code}</span>`}</span></li>`;
  return panel(
    "Pages tried",
    pages.length === 0 ? html`<div class="body"><p class="quiet">None yet.</p></div>` : html`<ol class="timeline">${pages.map(row)}</ol>`,
  );
}

const SAME_CLOCK_MS = 60_000;

/** Staff are paged by the machine's clock, which a stepped clinic clock (a demo, a rehearsal) does not show. */
function whenPaged(at: Instant, { zone, now }: { zone: Zone; now: Instant }): string {
  const machine = machineNow();
  return Math.abs(machine - now) < SAME_CLOCK_MS ? clockAt(zone, at) : `${saySpan((machine - at) / 1000)} ago`;
}

const STEPS: { readonly [kind: string]: string } = {
  "alert.raised": "raised",
  "alert.paged": "somebody was paged",
  "alert.acknowledged": "taken",
  "alert.closed": "closed",
  "alert.nobody-on-duty": "nobody on the roster is on duty",
  "alert.nobody-reached": "nobody could be reached; everybody is tried again",
  "alert.waits-for-staffed-hours": "waits for staffed hours",
  "alert.page-undelivered": "a page did not reach the phone",
  "alert.answered": "the crisis text was handed to the carrier",
  "alert.answer-blocked": "the crisis text did not come through",
  "alert.not-answered": "no crisis text was sent",
  "alert.undecided": "nobody has decided about what is kept back",
};

export function storyOf({ card: { events }, zone, now }: AlertCardView): Html | null {
  const told = events.filter(({ kind }) => STEPS[kind] !== undefined && kind !== "alert.paged");
  if (told.length === 0) return null;
  const row = ({ kind, actor, at }: AlertEvent) =>
    html`<li><span class="when">${moment(zone, at, now)}</span><span>${STEPS[kind] ?? kind} <span class="quiet">${sayActor(actor)}</span></span></li>`;
  return panel("Steps", html`<ol class="timeline">${told.map(row)}</ol>`);
}
