/** The demo's page: the clinic's console, a patient's phone and mailbox side by side, a clock, and a tour of six steps. Its script fills it. */
import type { Instant } from "../domain/calendar.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { CONSOLE_STYLESHEET_PATH } from "../http/console/console-stylesheet.ts";
import { html, type Html } from "../http/html.ts";
import { formatMoment } from "./demo-happening.ts";
import { DEMO_SCRIPT_PATH } from "./demo-page-script.ts";
import { DEMO_STYLESHEET_PATH } from "./demo-page-stylesheet.ts";
import type { Elsewhere } from "./demo-stage.ts";
import { TOUR, type TourStep } from "./demo-tour.ts";

export type DemoPageClinic = { readonly name: string; readonly slug: string; readonly zone: Zone };

/** Clinic time while the weeks go by themselves. */
export function sayNow(now: Instant | null, zone: Zone): string {
  return now === null ? "Starting" : formatMoment(zone, now).replace("  ", " ");
}

type Step = { readonly title: string; readonly words: string; readonly actions: Html };

const seek = (words: string) => html`<button type="button" data-seek>${words}</button>`;
const help = (words: string) => html`<button type="button" data-help>${words}</button>`;
const show = (pane: string, words: string) => html`<button type="button" data-show="${pane}">${words}</button>`;

const STEPS: { readonly [Each in TourStep]: Step } = {
  welcome: {
    title: "Read the welcome mail",
    words:
      "You are June Park. The clinic has just booked six visits for you. Let time go by until it writes, then open its mail: it is what June reads, with her own link and calendar entry.",
    actions: html`${seek("Go on to it")}${show("mail", "Mailbox")}`,
  },
  confirm: {
    title: "Reply 1",
    words:
      "The day before the visit a text says when to come and when to stop eating. Answer it with 1. The visit is confirmed in the console, and the phone says thank you.",
    actions: html`${seek("Go on to the text")}<button type="button" data-text="1">Reply 1</button>`,
  },
  driver: {
    title: "Name a driver",
    words:
      "Nobody goes home alone. Open the link in that text: June's own page opens on her phone, without a login. Say there who drives her. Until then the front desk has it on its list.",
    actions: html`${show("phone", "Phone")}`,
  },
  move: {
    title: "The clinic moves the visit",
    words:
      "Change sides. Move June's next visit in the console (Today or her page, under More), or let it be moved to 14:00. What was planned for the old time is silenced, and June hears of the new one.",
    actions: html`<button type="button" data-console="patient">June at the clinic</button>${help("Move it to 14:00")}${seek("What June hears")}`,
  },
  "next-day": {
    title: "The day after",
    words:
      "The visit takes place; the demo's front desk records that she came and went home. The morning after, June is asked how she is. Open what has come, follow its link and answer; her year of birth is 1989.",
    actions: html`${seek("Go on to the day after")}`,
  },
  safety: {
    title: "An answer that cannot wait",
    words:
      "Some days later comes the PHQ-9, a questionnaire. Open what has come, follow its link, and answer the ninth question, on thoughts of being better off dead, with anything but Not at all. Staff on duty are paged at once: see their phones. Then acknowledge the alert in the console.",
    actions: html`${seek("Go on to the questionnaire")}<button type="button" data-who="on-call">Phones of staff</button><button type="button" data-console="alert">The alert</button>${help("Acknowledge it")}`,
  },
};

/** One page for everybody; nothing of the play stands in it. */
export function demoPage({ name, slug }: DemoPageClinic, elsewhere: Elsewhere): string {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Afterglow demo - ${name}</title>
<link rel="stylesheet" href="${CONSOLE_STYLESHEET_PATH}">
<link rel="stylesheet" href="${DEMO_STYLESHEET_PATH}">
<script src="${DEMO_SCRIPT_PATH}" defer></script>
</head>
<body class="demo" data-console="/demo/console?to=/console/clinics/${slug}/today">
<header class="demo-bar">
<h1>Afterglow demo</h1>
<p class="demo-now" role="status"><span class="hidden">Clinic time </span><span id="now">Starting</span> <span id="moving" class="quiet small" hidden>goes on</span></p>
<div class="buttons" role="group" aria-label="Clock">
<button type="button" class="first" data-wish="message">Next message</button>
<button type="button" data-wish="hour">+1 hour</button>
<button type="button" data-wish="day">Next day</button>
<button type="button" data-wish="play" id="play">Play</button>
</div>
<p id="fault" class="demo-fault" role="alert" hidden></p>
</header>
<noscript><p class="notice bad">This page shows a play and needs its script. Everything else here works without.</p></noscript>
${tour()}
${elsewhere.mails === null && elsewhere.texts === null ? null : html`<p class="demo-elsewhere"><strong>Not everything comes to this page.</strong> ${[elsewhere.mails, elsewhere.texts].filter(Boolean).join(" ")}</p>`}
<nav class="demo-tabs buttons" aria-label="What to look at">
<button type="button" data-tab="console" aria-pressed="true">Clinic</button><button type="button" data-tab="phone" aria-pressed="false">Phone</button><button type="button" data-tab="mail" aria-pressed="false">Mail</button>
</nav>
<main class="demo-panes" data-tab="console">
<section class="demo-pane console" aria-labelledby="console-head">
<header><h2 id="console-head">The clinic's console</h2><a id="console-tab" href="/demo/console" target="_blank" rel="noopener">Open in a tab</a></header>
<p class="empty" id="weeks"><strong>The clinic lives through its first days.</strong> Nine patients, five protocols. On Friday 15 January the clock is yours.</p>
<iframe id="console" title="The clinic's console" hidden></iframe>
</section>
<section class="demo-pane phone" aria-labelledby="phone-head">
<header><h2 id="phone-head">Phone</h2><label class="hidden" for="who">Whose phone and mailbox</label><select id="who" autocomplete="off"></select></header>
<div class="handset">
<div class="handset-top"><button type="button" class="plain" id="back" hidden>Messages</button><p id="contact"><strong>${name}</strong></p></div>
<ol id="texts" class="bubbles" tabindex="0" aria-live="polite" aria-label="Texts" data-none="${elsewhere.texts ?? "No texts yet."}"></ol>
<iframe id="visit" title="Page on the phone" hidden></iframe>
<form id="write" class="write"><label class="hidden" for="body">Text to the clinic</label><input id="body" name="body" autocomplete="off" maxlength="480" placeholder="1, 2, STOP, or words" required><button class="first">Send</button></form>
</div>
</section>
<section class="demo-pane mail" aria-labelledby="mail-head">
<header><h2 id="mail-head">Mailbox</h2><span id="mailbox" class="quiet small"></span></header>
<ol id="mails" class="demo-letters" tabindex="0" aria-label="Mails" data-none="${elsewhere.mails ?? "No mails yet."}"></ol>
<iframe id="letter" title="The open mail" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" hidden></iframe>
</section>
</main>
</body>
</html>
`;
  return markup;
}

function tour(): Html {
  const step = (id: TourStep, index: number) => {
    const { title, words, actions } = STEPS[id];
    return html`<li data-step="${id}"><button type="button" class="tour-step" data-open="${id}" aria-expanded="false"><span class="tour-mark" aria-hidden="true">${index + 1}</span><span class="title">${title}</span><span class="hidden" data-state></span></button><div class="tour-body" hidden><div class="tour-words"><p><strong class="narrow">${title}. </strong>${words}</p><p class="tour-news" role="status" data-came hidden></p></div><div class="buttons">${actions}${id === "safety" ? html`<p data-next hidden><strong>That was the tour.</strong> Press Play and see the rest of June's course go by.</p>` : html`<button type="button" class="first" data-next hidden>Next step</button>`}</div></div></li>`;
  };
  return html`<nav class="demo-tour" aria-label="Tour"><ol>${TOUR.map(step)}</ol></nav>`;
}
