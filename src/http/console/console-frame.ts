/** What every page of the console stands in: where one is, where one can go, who one is. Works without script. */
import { html, type Html } from "../html.ts";
import { CONSOLE_SCRIPT_PATH } from "./console-script.ts";
import { CONSOLE_STYLESHEET_PATH } from "./console-stylesheet.ts";

export const ROOMS = [
  "today",
  "alerts",
  "replies",
  "tasks",
  "patients",
  "series",
  "outcomes",
  "wording",
  "days",
  "ops",
  "settings",
] as const;
export type Room = (typeof ROOMS)[number];

const NAMES: { readonly [Each in Room]: string } = {
  today: "Today",
  alerts: "Alerts",
  replies: "Replies",
  tasks: "Tasks",
  patients: "Patients",
  series: "New series",
  outcomes: "Outcomes",
  wording: "Protocols and wording",
  days: "Days and closures",
  ops: "Queues",
  settings: "Settings",
};

export type ConsoleFrame = {
  readonly title: string;
  /** What the page itself says above; left out, its title, which stands in the history of browsers and names nobody. */
  readonly heading?: string;
  /** Above the heading: where this page belongs. */
  readonly above?: Html;
  /** The room that is marked as the present one; null on pages outside all of them. */
  readonly room: Room | null;
  /** The path part of the public address, without a slash at its end. */
  readonly basePath: string;
  readonly clinic: { readonly slug: string; readonly name: string };
  /** The other clinics at which this person has a place. */
  readonly otherClinics: readonly { readonly slug: string; readonly name: string }[];
  /** Rooms that this person may enter. */
  readonly rooms: readonly Room[];
  /** What waits in a room. */
  readonly waiting: { readonly [Each in Room]?: number };
  readonly person: { readonly name: string; readonly role: string };
  /** Goes into every form. */
  readonly csrf: string;
  /** Seconds after which the page asks for itself again; null for pages in which somebody types. */
  readonly refreshSeconds: number | null;
  /** Right of the heading. */
  readonly actions?: Html;
};

export function consoleFrame(frame: ConsoleFrame, body: Html): string {
  const { title, heading = title, above, basePath, refreshSeconds, actions } = frame;
  return document(
    { title, basePath, refreshSeconds },
    html`<a class="skip" href="#main">Skip to the page</a>
<div class="shell">
${sideOf(frame)}
<main id="main">
${above ? html`<p class="above">${above}</p>` : null}<div class="head"><h1>${heading}</h1>${actions ? html`<div class="actions">${actions}</div>` : null}</div>
${body}
</main>
</div>`,
  );
}

/** A page for somebody who is not signed in yet, or to whom something cannot be shown. */
export function bareFrame({ title, basePath }: Pick<ConsoleFrame, "title" | "basePath">, body: Html): string {
  return document({ title, basePath, refreshSeconds: null }, html`<main id="main" class="bare"><h1>${title}</h1>${body}</main>`);
}

function document({ title, basePath, refreshSeconds }: Pick<ConsoleFrame, "title" | "basePath" | "refreshSeconds">, body: Html): string {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} - Afterglow</title>
<link rel="stylesheet" href="${basePath}${CONSOLE_STYLESHEET_PATH}">
<script src="${basePath}${CONSOLE_SCRIPT_PATH}" defer></script>
</head>
<body${refreshSeconds === null ? null : html` data-refresh="${refreshSeconds}"`}>
${body}
</body>
</html>
`;
  return markup.replace(/\n{2,}/g, "\n");
}

function sideOf(frame: ConsoleFrame): Html {
  const { room, basePath, clinic, otherClinics, rooms, waiting, person } = frame;
  const link = (each: Room) =>
    html`<li><a href="${basePath}${roomPath(clinic.slug, each)}"${current(each === room)}>${NAMES[each]}${badge(each, waiting[each])}</a></li>`;
  const other = ({ slug, name }: ConsoleFrame["clinic"]) => html`<li><a href="${basePath}${roomPath(slug, "today")}">${name}</a></li>`;
  const switcher = html`<details><summary>${clinic.name}</summary><ul>${otherClinics.map(other)}</ul></details>`;
  const signOut = csrfForm(frame, { action: "/console/sign-out", body: html`<button>Sign out</button>` });
  return html`<header class="side">
<div class="where">${otherClinics.length === 0 ? clinic.name : switcher}</div>
<nav aria-label="Rooms"><ul>${rooms.map(link)}</ul></nav>
${KEYS}
<div class="who"><p><span class="name">${person.name}</span><br><span class="quiet small">${person.role}</span></p>${signOut}</div>
</header>`;
}

/** Only where there are keys; the script listens to them. */
const KEYS = html`<details class="keys"><summary>Keys</summary><dl>${[
  ["g t", "Today"],
  ["g a", "Alerts"],
  ["g r", "Replies"],
  ["g k", "Tasks"],
  ["g p", "Patients"],
  ["g n", "New series"],
  ["g o", "Outcomes"],
  ["g w", "Wording"],
  ["g d", "Days"],
  ["g q", "Queues"],
  ["/", "Search"],
].map(([key = "", words = ""]) => html`<dt><kbd>${key}</kbd></dt><dd>${words}</dd>`)}</dl></details>`;

/** Where a room of a clinic is, below the public address. */
export function roomPath(slug: string, room: Room): string {
  return `/console/clinics/${slug}/${room}`;
}

/** A form that posts, with the token that proves it was rendered here. */
export function csrfForm(
  { basePath, csrf }: Pick<ConsoleFrame, "basePath" | "csrf">,
  { action, body, name = "" }: { action: string; body: Html; name?: string },
): Html {
  return html`<form method="post" action="${basePath}${action}" class="${name}"><input type="hidden" name="_csrf" value="${csrf}">${body}</form>`;
}

function current(isCurrent: boolean): Html | null {
  return isCurrent ? html` aria-current="page"` : null;
}

function badge(room: Room, count: number | undefined): Html | null {
  if (count === undefined || count === 0) return null;
  return room === "alerts"
    ? html`<span class="count red">${count}<span class="hidden"> open</span></span>`
    : html`<span class="count">${count}<span class="hidden"> open</span></span>`;
}
