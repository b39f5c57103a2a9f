/** The inbox, and the numbers that turned out to be somebody else's. */
import type { InboxEntry, InboxShow, IncidentView } from "../../db/view-inbox.ts";
import { toPublicId } from "../../domain/ids.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { html, type Html } from "../html.ts";
import { roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, notice, pill } from "./console-parts.ts";
import { pageLinks, tabs } from "./list-page.ts";
import { sayReplyKind } from "./replies-words.ts";
import type { Named } from "./reveal-people.ts";
import { sayActor } from "./say-change.ts";
import { moment } from "./say-moment.ts";
import { saySpan } from "./say-span.ts";

export type OpenedEntry = InboxEntry & { readonly who: Named | undefined; readonly from: string; readonly words: string };

export type InboxView = {
  readonly show: InboxShow;
  readonly page: "first" | "later";
  readonly zone: Zone;
  readonly entries: readonly OpenedEntry[];
  readonly next: string | null;
};

function views(here: InboxShow | "incidents", { basePath, clinic }: ConsoleContext): Html {
  const path = basePath + roomPath(clinic.slug, "replies");
  return tabs("Which texts", [
    { href: path, label: "To read", isHere: here === "open" },
    { href: `${path}?show=closed`, label: "Read", isHere: here === "closed" },
    { href: `${path}?show=all`, label: "Everything that came", isHere: here === "all" },
    { href: `${path}/incidents`, label: "Wrong numbers", isHere: here === "incidents" },
  ]);
}

export function inboxBody(view: InboxView, context: ConsoleContext): Html {
  const { show, entries, next, page } = view;
  const path = `${context.basePath}${roomPath(context.clinic.slug, "replies")}`;
  const rows = html`<div class="panel"><ul class="rows inbox">${entries.map((entry) => entryRow(entry, view, context))}</ul></div>`;
  return html`${views(show, context)}${entries.length === 0 ? nothing(show) : rows}${pageLinks(show === "open" ? path : `${path}?show=${show}`, next, page)}`;
}

function nothing(show: InboxShow): Html {
  return show === "open"
    ? empty("Nothing waits to be read", "What patients text and the program does not settle by itself appears here.")
    : empty("No texts yet", "Texts to the clinic's number appear here.");
}

const SHOWN_CHARACTERS = 160;

function entryRow(entry: OpenedEntry, { zone }: InboxView, { basePath }: ConsoleContext): Html {
  const { id, who, from, words, kind, session, hasAlert, media, receivedAt, inbox, closedBy, now } = entry;
  const short = words.length > SHOWN_CHARACTERS ? `${words.slice(0, SHOWN_CHARACTERS)} …` : words;
  const waited = inbox === "open" ? html` <span class="small quiet">${saySpan((now - receivedAt) / 1000)}</span>` : null;
  return html`<li id="${toPublicId("inbound", id)}"><p class="when quiet">${moment(zone, receivedAt, now)}${waited}</p>
<div class="main"><p><a href="${basePath}/console/replies/${toPublicId("inbound", id)}"><strong>${who?.name ?? toNationalPhone(from)}</strong></a> <span class="quiet">${who?.chart ?? "no chart has this number"}</span>${hasAlert ? html` ${pill("red", "alert")}` : null}</p>
<p class="words">${short === "" ? html`<em class="quiet">no words</em>` : short}${media > 0 ? html` <span class="quiet">+ ${media} ${media === 1 ? "picture" : "pictures"}</span>` : null}</p></div>
<p class="state small quiet">${sayReplyKind(kind)}${session === null ? null : html`, visit ${session}`}${inbox === "closed" && closedBy !== null ? html`, read by ${sayActor(closedBy)}` : null}</p></li>`;
}

export type IncidentList = {
  readonly page: "first" | "later";
  readonly zone: Zone;
  readonly incidents: readonly (IncidentView & { readonly who: Named | undefined })[];
  readonly next: string | null;
};

export function incidentsBody({ incidents, zone, next, page }: IncidentList, context: ConsoleContext): Html {
  const { basePath, clinic } = context;
  const row = ({
    id,
    inboundId,
    who,
    at,
    closedAt,
    now,
  }: IncidentList["incidents"][number]) => html`<li><p class="when quiet">${moment(zone, at, now)}</p>
<div class="main"><p><a href="${basePath}/console/incidents/${toPublicId("incident", id)}"><strong>${who?.name ?? "Nobody"}</strong></a> <span class="quiet">${who?.chart ?? ""}</span> ${closedAt === null ? pill("amber", "open") : pill("plain", "closed")}</p>
<p class="small quiet">What was sent to the number until then stands in the patient's timeline.</p></div>
${inboundId === null ? null : html`<a href="${basePath}/console/replies/${toPublicId("inbound", inboundId)}">The text</a>`}</li>`;
  const path = `${basePath}${roomPath(clinic.slug, "replies")}/incidents`;
  return html`${views("incidents", context)}${notice("plain", html`<p>Somebody wrote that a number is theirs and not the patient's. Nothing goes there any more, links that were sent there open nothing, and the task to find the right number is on the list. Your privacy officer closes each with what was found.</p>`)}${incidents.length === 0 ? empty("No wrong numbers", "Numbers that turn out to be somebody else's are kept here, for your privacy officer.") : html`<div class="panel"><ul class="rows">${incidents.map(row)}</ul></div>`}${pageLinks(path, next, page)}`;
}
