/** The page Today, from what was read. */
import type { ShownAction } from "../../db/console-actions.ts";
import type { TodayVisit } from "../../db/view-today.ts";
import {
  addDays,
  type CalendarDay,
  dayOf,
  formatDay,
  formatLocal,
  formatWallClock,
  type Instant,
  timeOf,
  weekdayOf,
} from "../../domain/calendar.ts";
import type { Fault } from "../../domain/fault.ts";
import { toPublicId } from "../../domain/ids.ts";
import { toLocal, type Zone } from "../../domain/place-in-time.ts";
import type { Readiness, ReadinessItem } from "../../domain/readiness.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { html, type Html } from "../html.ts";
import type { ConsoleContext } from "./console-page.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import { empty, notice, pill } from "./console-parts.ts";

export type Person = { readonly name: string; readonly phone: string | null };

export type NamedVisit = TodayVisit & {
  readonly readiness: Readiness | undefined;
  /** The protocol asks for a monitoring form after a dose. */
  readonly asksForm: boolean;
  readonly chart: string;
  readonly name: string;
  readonly phone: string | null;
  readonly escort: Person | null;
};

export type TodayView = {
  readonly title: string;
  /** Who looks: the one who will have filed a form. */
  readonly staff: string;
  readonly day: CalendarDay;
  readonly today: CalendarDay;
  readonly zone: Zone;
  readonly now: Instant;
  readonly fault: string | undefined;
  readonly visits: readonly NamedVisit[];
  readonly actions: readonly (ShownAction & { readonly faults: readonly Fault[] | null })[];
};

export function todayBody(view: TodayView, context: ConsoleContext): Html {
  const { visits, actions, fault } = view;
  return html`${dayBar(view, context)}${sayFault(fault)}${actions.flatMap(({ faults, verb }) => (faults ? [refused(verb, faults)] : []))}
${visits.length === 0 ? empty("No visits on this day", "Sessions appear here as soon as a series with them is enqueued.") : visitTable(view, context)}
${undoBar(view, context)}`;
}

const WEEKDAYS = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
} as const;

function dayBar({ day, today, visits, zone, now }: TodayView, { basePath, clinic, mayDo }: ConsoleContext): Html {
  const path = basePath + roomPath(clinic.slug, "today");
  const to = (other: CalendarDay, words: string) => html`<a class="button" href="${path}?day=${formatDay(other)}">${words}</a>`;
  const red = visits.filter(({ readiness }) => readiness?.colour === "red").length;
  return html`<div class="head"><p><strong>${WEEKDAYS[weekdayOf(day)]} ${formatDay(day)}</strong> <span class="quiet">${visits.length} ${visits.length === 1 ? "visit" : "visits"}${red > 0 ? html`, <strong>${red} not ready</strong>` : null} · as of ${clock(zone, now)}</span></p>
<div class="actions">${to(addDays(day, -1), "Day before")}${day === today ? null : html`<a class="button" href="${path}">Today</a>`}${to(addDays(day, 1), "Next day")}<a class="button" href="${path}/sheet?day=${formatDay(day)}">Sheet to print</a>${mayDo("sessions.change") ? html`<a class="button first" href="${path}/add?day=${formatDay(day)}">Add visit</a>` : null}</div></div>`;
}

function sayFault(fault: string | undefined): Html | null {
  if (fault === "too-late")
    return notice("warn", html`<p>It was too late to take that back: it is done. Record what is right instead.</p>`);
  if (fault === "action")
    return notice(
      "bad",
      html`<p>That could not be read, and nothing was done. A time is written as 12:10, a day and time as 2027-01-13T09:00.</p>`,
    );
  return null;
}

function refused(verb: string, faults: readonly Fault[]): Html {
  return notice(
    "bad",
    html`<p><strong>${sayVerb(verb)}</strong> was not done.</p><ul>${faults.map(({ value, expected }) => html`<li>${value === undefined ? null : html`It is ${value}; `}expected ${expected}.</li>`)}</ul>`,
  );
}

function visitTable(view: TodayView, context: ConsoleContext): Html {
  return html`<div class="panel"><ul class="rows visits">${view.visits.map((visit) => visitRow(visit, view, context))}</ul></div>`;
}

function visitRow(visit: NamedVisit, view: TodayView, context: ConsoleContext): Html {
  const { id, startsAt, endsAt, name, chart, zone, kind, number, of, setting } = visit;
  const { basePath } = context;
  return html`<li id="${toPublicId("session", id)}"><p class="when nowrap"><strong>${clock(zone, startsAt)}</strong> <span class="quiet">to ${clock(zone, endsAt)}</span></p>
<div class="main"><p><a href="${basePath}/console/patients/${toPublicId("patient", visit.patientId)}"><strong>${name}</strong></a> <span class="quiet">${chart}</span>${marks(visit)}</p>
<p class="quiet small">${kind} ${number} of ${of}${setting === "clinic" ? "" : `, ${setting}`}${visit.phone ? html` · <a href="tel:${visit.phone}">${toNationalPhone(visit.phone)}</a>` : null}${visit.escort ? html` · ${visit.escort.name}${visit.escort.phone ? html` <a href="tel:${visit.escort.phone}">${toNationalPhone(visit.escort.phone)}</a>` : null}` : null}</p></div>
<div class="state">${standing(visit)}${openItems(visit.readiness, view.zone)}</div>
${context.mayDo("sessions.change") ? (pending(visit, view, context) ?? actionsFor(visit, view, context)) : null}</li>`;
}

const ASKED: { readonly [verb: string]: string } = {
  arrive: "Arrived",
  dose: "Dosed",
  "not-dosed": "Not dosed",
  discharge: "Discharged",
  "no-show": "No-show",
  ready: "Ready for pick-up",
  move: "Moved",
  cancel: "Cancelled",
  postpone: "Postponed",
  "form-filed": "Form filed",
};

function sayVerb(verb: string): string {
  return ASKED[verb] ?? verb;
}

/** While something can be taken back, that stands where it was asked for, so that a keyboard is there already. */
function pending({ id }: NamedVisit, view: TodayView, context: ConsoleContext): Html | null {
  const action = view.actions.find(({ sessionId, isDone }) => sessionId === id && !isDone);
  if (!action) return null;
  return html`<div class="buttons pending" role="status"><span class="small"><strong>${sayVerb(action.verb)}</strong> <span class="quiet">in <span data-seconds="${action.secondsLeft}">${action.secondsLeft}</span> s</span></span>${undoButtons(action, view, context)}</div>`;
}

function marks({ watched, holdCode, hasOpenAlert }: NamedVisit): readonly Html[] {
  return [
    ...(hasOpenAlert ? [html` ${pill("red", "open alert")}`] : []),
    ...(holdCode === null ? [] : [html` ${pill("amber", `on hold: ${holdCode}`)}`]),
    ...(watched ? [html` ${pill("blue", "watched")}`] : []),
  ];
}

const STATUS_WORDS: { readonly [Status in TodayVisit["status"]]: string } = {
  scheduled: "scheduled",
  arrived: "arrived",
  dosed: "dosed",
  not_dosed: "not dosed",
  discharged: "discharged",
  completed: "completed",
  postponed: "postponed",
  cancelled: "cancelled",
  no_show: "no-show",
};

function standing({ status, readiness, arrivedAt, dosedAt, dischargedAt, pickupAt, zone }: NamedVisit): Html {
  if (readiness)
    return pill(readiness.colour, readiness.colour === "green" ? "ready" : readiness.colour === "red" ? "not ready" : "something open");
  const since = { arrived: arrivedAt, dosed: dosedAt, discharged: dischargedAt }[status as "arrived" | "dosed" | "discharged"] ?? null;
  const word = `${STATUS_WORDS[status]}${since === null ? "" : ` ${clock(zone, since)}`}`;
  const tone = status === "dosed" || status === "arrived" ? "blue" : status === "no_show" || status === "not_dosed" ? "amber" : "plain";
  return html`${pill(tone, word)}${pickupAt !== null && status === "dosed" ? html` <span class="quiet small">pick-up ${clock(zone, pickupAt)}</span>` : null}`;
}

const ITEM_WORDS: { readonly [Item in ReadinessItem["item"]]: string } = {
  confirmed: "not confirmed",
  companion: "no driver",
  preparation: "preparation not read",
  location: "place not confirmed",
  reachable: "cannot be reached by message",
  survey: "survey not answered",
  enrolment: "not enrolled",
  authorisation: "no authorisation",
};

function openItems(readiness: Readiness | undefined, zone: Zone): Html | null {
  const open = readiness?.items.filter(({ state }) => state !== "done") ?? [];
  if (open.length === 0) return null;
  const say = ({ item, state, dueBy }: ReadinessItem) =>
    item === "confirmed" && state === "failed"
      ? "asks for another time"
      : `${ITEM_WORDS[item]}${state === "open" ? `, by ${weekdayOfInstant(zone, dueBy)} ${clock(zone, dueBy)}` : ""}`;
  return html`<p class="small quiet">${open.map(say).join(" · ")}</p>`;
}

function actionsFor(visit: NamedVisit, { day, zone, now, staff }: TodayView, context: ConsoleContext): Html | null {
  const { id, status } = visit;
  const page = (path: string, words: string) => html`<a class="button" href="${context.basePath}/console/${path}">${words}</a>`;
  const form = (body: Html) =>
    csrfForm(context, {
      action: `/console/sessions/${toPublicId("session", id)}/do`,
      name: "inline",
      body: html`<input type="hidden" name="day" value="${formatDay(day)}">${body}`,
    });
  const one = (verb: string, words: string, first = "") =>
    form(html`<button class="${first}" name="verb" value="${verb}">${words}</button>`);
  switch (status) {
    case "scheduled":
      return html`<div class="buttons">${one("arrive", "Arrived", "first")}${one("dose", "Dosed")}${one("no-show", "No-show")}${more(visit, form, page)}</div>`;
    case "arrived":
      return html`<div class="buttons">${one("dose", "Dosed", "first")}${notDosed(form)}</div>`;
    case "dosed":
      return html`<div class="buttons">${one("discharge", "Discharge", "first")}${details("Ready at", form(html`<input type="hidden" name="verb" value="ready"><div class="field"><label for="pickup-${id}">Pick-up from</label><input id="pickup-${id}" name="pickup" type="time" required value="${clock(zone, now)}"></div><button>Tell the driver</button>`))}${formFiled(visit, staff, form)}</div>`;
    case "discharged":
    case "completed":
      return html`<div class="buttons">${formFiled(visit, staff, form)}</div>`;
    case "postponed":
      return html`<div class="buttons">${page(`sessions/${toPublicId("session", id)}/move`, "Give a new date")}</div>`;
    case "cancelled":
    case "no_show":
    case "not_dosed":
      return null;
  }
}

type MakeForm = (body: Html) => Html;

function details(summary: string, body: Html): Html {
  return html`<details><summary>${summary}</summary><div class="menu">${body}</div></details>`;
}

function notDosed(form: MakeForm): Html {
  const reasons = {
    bp: "blood pressure",
    food: "food or drink",
    "no-driver": "no driver",
    illness: "illness",
    declined: "declined",
    clinician: "clinician",
  };
  return details(
    "Not dosed",
    form(
      html`<input type="hidden" name="verb" value="not-dosed"><div class="field"><label>Because of <select name="reason">${Object.entries(reasons).map(([value, words]) => html`<option value="${value}">${words}</option>`)}</select></label></div><button>Record</button>`,
    ),
  );
}

/** Only where the protocol asks for one, and only once. */
function formFiled({ id, asksForm, formFiledAt, zone }: NamedVisit, staff: string, form: MakeForm): Html | null {
  if (!asksForm) return null;
  if (formFiledAt !== null) return html`<span class="quiet small">form filed ${clock(zone, formFiledAt)}</span>`;
  return details(
    "Form filed",
    form(
      html`<input type="hidden" name="verb" value="form-filed"><div class="field"><label for="by-${id}">Filed by</label><input id="by-${id}" name="by" required maxlength="100" value="${staff}"></div><button>Record the form</button>`,
    ),
  );
}

function more({ id, seriesId, startsAt, zone }: NamedVisit, form: MakeForm, page: (path: string, words: string) => Html): Html {
  const whose = html`<div class="field"><label>Wish of <select name="because"><option value="patient">the patient</option><option value="clinic">the clinic</option></select></label></div>`;
  return details(
    "More",
    html`${form(html`<input type="hidden" name="verb" value="move"><div class="field"><label for="to-${id}">Move to</label><input id="to-${id}" name="to" type="datetime-local" required value="${formatLocal(toLocal(zone, startsAt))}"></div>${whose}<div class="buttons"><button>Move</button>${page(`sessions/${toPublicId("session", id)}/move`, "See what follows first")}</div>`)}
${form(html`<input type="hidden" name="verb" value="postpone">${whose}<button>Postpone, date to follow</button>`)}
${form(html`<input type="hidden" name="verb" value="not-dosed"><input type="hidden" name="reason" value="clinician"><button>Not dosed</button>`)}
${form(html`<input type="hidden" name="verb" value="cancel">${whose}<button class="danger">Cancel the visit</button>`)}
<p class="last">${page(`series/${toPublicId("series", seriesId)}/add`, "Add a visit to this series")}</p>`,
  );
}

/** What was asked for on another day, and can still be taken back. */
function undoBar(view: TodayView, context: ConsoleContext): Html | null {
  const here = new Set<string>(view.visits.map(({ id }) => id));
  const open = view.actions.filter(({ isDone, sessionId }) => !isDone && !here.has(sessionId));
  if (open.length === 0) return null;
  return html`<div class="undo" role="status"><ul>${open.map((action) => html`<li class="buttons"><span><strong>${sayVerb(action.verb)}</strong>: a visit of another day <span class="quiet">in <span data-seconds="${action.secondsLeft}">${action.secondsLeft}</span> s</span></span>${undoButtons(action, view, context)}</li>`)}</ul></div>`;
}

function undoButtons({ id, sessionId }: ShownAction, { day }: TodayView, context: ConsoleContext): Html {
  const button = (verb: "undo" | "now", words: string) =>
    csrfForm(context, {
      action: `/console/clinics/${context.clinic.slug}/actions/${toPublicId("action", id)}/${verb}`,
      body: html`<input type="hidden" name="day" value="${formatDay(day)}"><input type="hidden" name="at" value="${toPublicId("session", sessionId)}"><button class="${verb === "undo" ? "first" : "plain"}">${words}</button>`,
    });
  return html`${button("undo", "Undo")}${button("now", "Do it now")}`;
}

export function clock(zone: Zone, at: Instant): string {
  return formatWallClock(timeOf(toLocal(zone, at)));
}

function weekdayOfInstant(zone: Zone, at: Instant): string {
  return WEEKDAYS[weekdayOf(dayOf(toLocal(zone, at)))].slice(0, 3);
}
