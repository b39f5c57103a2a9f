/** The list of alerts: what nobody has stands on top, with whose turn it is next and when. */
import type { ListedAlert } from "../../db/view-console-alerts.ts";
import { type AlertId, toPublicId } from "../../domain/ids.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { html, type Html } from "../html.ts";
import { ALERT_KIND_WORDS, ALERT_OUTCOME_WORDS, levelPill } from "./alert-words.ts";
import type { Foreseen } from "./alerts-paging.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, notice, pill } from "./console-parts.ts";
import { pageLinks, tabs } from "./list-page.ts";
import type { Named } from "./reveal-people.ts";
import { sayActor } from "./say-change.ts";
import { moment } from "./say-moment.ts";
import { countdown, saySpan } from "./say-span.ts";

export type AlertList = {
  readonly show: "open" | "closed";
  readonly page: "first" | "later";
  readonly zone: Zone;
  readonly alerts: readonly (ListedAlert & { readonly who: Named | undefined })[];
  readonly turns: ReadonlyMap<AlertId, Foreseen>;
  readonly next: string | null;
};

export function alertListBody(list: AlertList, context: ConsoleContext): Html {
  const { show, alerts, next, page } = list;
  const path = context.basePath + roomPath(context.clinic.slug, "alerts");
  const views = tabs("Which alerts", [
    { href: path, label: "Open", isHere: show === "open" },
    { href: `${path}?show=closed`, label: "Closed", isHere: show === "closed" },
  ]);
  return html`${views}${context.mayDo("alerts.answer") ? null : onlyLooking()}${alerts.length === 0 ? nothing(show) : html`<div class="panel"><ul class="rows alerts">${alerts.map((alert) => alertRow(alert, list, context))}</ul></div>`}${pageLinks(show === "open" ? path : `${path}?show=closed`, next, page)}`;
}

function onlyLooking(): Html {
  return notice(
    "plain",
    html`<p>Nurses and clinicians take and close alerts. If nobody has one that is red, call whoever is on duty: Settings, Roster.</p>`,
  );
}

function nothing(show: AlertList["show"]): Html {
  return show === "open"
    ? empty("No open alerts", "An answer, a text or a silence that may mean danger appears here, and somebody is paged.")
    : empty("No closed alerts yet", "What came of an alert stands here once somebody has closed it.");
}

function alertRow(alert: AlertList["alerts"][number], { turns, zone }: AlertList, context: ConsoleContext): Html {
  const { id, kind, level, state, who } = alert;
  const phone = who?.phone ?? null;
  return html`<li id="${toPublicId("alert", id)}" class="${state === "open" ? "waiting" : ""}">
<div class="main"><p>${levelPill(level)} <a href="${context.basePath}/console/alerts/${toPublicId("alert", id)}"><strong>${who?.name ?? "A number that no chart has"}</strong></a> <span class="quiet">${who?.chart ?? ""}</span></p>
<p>${ALERT_KIND_WORDS[kind]}${phone === null ? null : html` <span class="quiet">·</span> <a href="tel:${phone}">${toNationalPhone(phone)}</a>`}</p></div>
<div class="state">${standing(alert, { turn: turns.get(id), zone })}</div>
${state === "open" && context.mayDo("alerts.answer") ? acknowledgeForm(id, context) : null}</li>`;
}

export function acknowledgeForm(id: AlertId, context: ConsoleContext): Html {
  const body = html`<button class="first">I have it</button>`;
  return csrfForm(context, { action: `/console/alerts/${toPublicId("alert", id)}/acknowledge`, name: "take", body });
}

type Turn = { readonly turn: Foreseen | undefined; readonly zone: Zone };

/** Who has it or what came of it, and since when. */
export function standing(alert: ListedAlert, { turn, zone }: Turn): Html {
  const { state, owner, acknowledgedAt, closedAt, closedBy, outcome, raisedAt, now } = alert;
  if (state === "closed")
    return html`<p>${pill("plain", outcome === null ? "closed" : ALERT_OUTCOME_WORDS[outcome])}</p><p class="small quiet">${closedAt === null ? null : moment(zone, closedAt, now)}${closedBy === null ? null : html` by ${sayActor(closedBy)}`}</p>`;
  const since = html`raised ${saySpan((now - raisedAt) / 1000)} ago`;
  if (state === "acknowledged")
    return html`<p>${pill("blue", `${sayActor(owner ?? "somebody")} has it`)}</p><p class="small quiet">${since}${acknowledgedAt === null ? null : html`, taken after ${saySpan((acknowledgedAt - raisedAt) / 1000)}`}${turn ? html`, asked again in ${countdown(turn.seconds)}` : null}</p>`;
  return html`<p>${pill("red", "nobody has it")} <span class="quiet small">${since}</span></p><p class="small">${sayTurn(alert, { turn, zone })}</p>`;
}

function sayTurn({ level, pagesTaken, now }: ListedAlert, { turn, zone }: Turn): Html {
  if (level === "medium") return html`Pages nobody: look at it on the next working day`;
  const taken = pagesTaken === 0 ? null : html`<span class="quiet">${pagesTaken} ${pagesTaken === 1 ? "page" : "pages"} taken ·</span> `;
  if (!turn) return html`${taken}nobody is to be paged`;
  if (turn.waitsUntil !== null) return html`${taken}waits for staffed hours: ${moment(zone, turn.waitsUntil, now)}`;
  const whom = turn.person ?? "whoever is on duty";
  return turn.seconds <= 1 ? html`${taken}paging ${whom} now` : html`${taken}next ${whom} in ${countdown(turn.seconds)}`;
}
