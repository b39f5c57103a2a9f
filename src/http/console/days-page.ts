/** The days of a clinic: how full they are, what is closed, and the two forms that close a day or move it. */
import type { ClinicFact, DayCount } from "../../db/view-days.ts";
import type { Closure } from "../../db/closures.ts";
import type { DaySession } from "../../db/day-sessions.ts";
import { addDays, type CalendarDay, formatDay, type Instant, parseDay, weekdayOf, WEEKDAYS } from "../../domain/calendar.ts";
import { SOON } from "../../domain/change-soon.ts";
import type { Fault } from "../../domain/fault.ts";
import { toPublicId } from "../../domain/ids.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import type { Obstacle } from "../../domain/shift-sessions.ts";
import { html, type Html } from "../html.ts";
import { capital } from "./change-room.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, notice, pill } from "./console-parts.ts";
import { formFields } from "./form-fields.ts";
import type { Typed } from "./read-form.ts";
import { sayActor, withoutCommands } from "./say-change.ts";
import { moment, sayDate } from "./say-moment.ts";

export type DayChange = "close" | "move" | "reopen";

/** A visit that the change concerns, with who it is. */
export type Concerned = {
  readonly session: DaySession;
  readonly chart: string;
  readonly name: string;
  readonly to: Instant | null;
  readonly why: Obstacle | "left" | null;
};

export type DaysPreview = {
  readonly change: DayChange;
  readonly heading: string;
  readonly concerned: readonly Concerned[];
  readonly left: readonly Concerned[];
  readonly silenced: { readonly ended: number; readonly inFlight: number };
  readonly warnings: readonly string[];
};

export type DaysView = {
  readonly zone: Zone;
  readonly now: Instant;
  readonly today: CalendarDay;
  readonly from: CalendarDay;
  readonly days: readonly DayCount[];
  readonly closedDays: ReadonlySet<CalendarDay>;
  readonly closures: readonly Closure[];
  readonly revision: number;
  readonly seen: number;
  readonly typed: Typed;
  readonly which: DayChange | null;
  readonly faults: readonly Fault[];
  readonly preview: DaysPreview | null;
  readonly isSame: boolean;
  /** What others have changed meanwhile; null where nobody was faster. */
  readonly since: readonly ClinicFact[] | null;
  readonly done: string | null;
};

const WEEKS = 6;

export function daysBody(view: DaysView, context: ConsoleContext): Html {
  const { preview, done, isSame } = view;
  return html`${done === null ? null : notice("good", html`<p>${DONE[done] ?? "Done."} The patients are told within moments, soonest visit first.</p>`)}${conflict(view)}
${isSame ? notice("plain", html`<p>It is so already: there is nothing to change.</p>`) : null}
${preview ? previewPanel(preview, view, context) : null}
${calendarPanel(view, context)}
<div class="columns">${closeForm(view, context)}${moveForm(view, context)}</div>
${closuresPanel(view, context)}`;
}

const DONE: { readonly [change: string]: string } = {
  close: "The clinic is closed, and its visits are postponed.",
  move: "The day is moved.",
  reopen: "The clinic is open again. What the closure postponed stays postponed and waits for a new date.",
};

function conflict({ since, zone, now }: DaysView): Html | null {
  if (since === null) return null;
  const one = ({ actor, kind, at }: ClinicFact) =>
    html`<li><strong>${sayActor(actor)}</strong>, ${moment(zone, at, now)}: ${kind.replaceAll(/[._-]/g, " ")}</li>`;
  return notice(
    "warn",
    html`<p><strong>Somebody else changed this clinic while you were here.</strong> Nothing of yours was stored, and what you typed is kept; look at what follows now.</p><ul>${since.map(one)}</ul>`,
  );
}

function calendarPanel({ from, today, days, closedDays, zone }: DaysView, { basePath, clinic }: ConsoleContext): Html {
  const counts = new Map(days.map(({ day, visits }) => [day, visits]));
  const path = basePath + roomPath(clinic.slug, "days");
  const cell = (day: CalendarDay) => {
    const text = formatDay(day);
    const visits = counts.get(text) ?? 0;
    const isClosed = closedDays.has(day);
    const classes = [isClosed ? "closed" : "", day === today ? "today" : ""].filter(Boolean).join(" ");
    return html`<li class="${classes}"><a href="${basePath}${roomPath(clinic.slug, "today")}?day=${text}"><span class="number">${Number(text.slice(8))}</span>${text.endsWith("-01") || day === from ? html` <span class="quiet small">${MONTHS[Number(text.slice(5, 7)) - 1] ?? ""}</span>` : null}<span class="hidden"> ${text}</span><br>${isClosed ? html`<span class="small">closed</span>` : null}${visits > 0 ? html` <span class="small">${visits}<span class="word"> ${visits === 1 ? "visit" : "visits"}</span></span>` : null}</a></li>`;
  };
  return html`<section class="panel"><header><h2>Visits by day</h2><nav class="tabs" aria-label="Weeks"><a href="${path}?from=${formatDay(addDays(from, -28))}">Earlier</a><a href="${path}">Today</a><a href="${path}?from=${formatDay(addDays(from, 28))}">Later</a></nav></header>
<ol class="weekdays" aria-hidden="true">${WEEKDAYS.map((day) => html`<li>${capital(day)}</li>`)}</ol>
<ol class="calendar" aria-label="Days, on the clock of ${zone}">${Array.from({ length: WEEKS * 7 }, (_, index) => cell(addDays(from, index)))}</ol></section>`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The Monday of that day's week. */
export function mondayOf(day: CalendarDay): CalendarDay {
  return addDays(day, -WEEKDAYS.indexOf(weekdayOf(day)));
}

type Part = Pick<DaysView, "typed" | "faults" | "which" | "revision" | "seen">;

function hidden({ revision, seen }: Part, change: DayChange): Html {
  return html`<input type="hidden" name="change" value="${change}"><input type="hidden" name="revision" value="${revision}"><input type="hidden" name="seen" value="${seen}">`;
}

function closeForm(view: DaysView, context: ConsoleContext): Html {
  const form = formFields(view.typed, view.which === "close" ? view.faults : []);
  const fields = html`${form.text("day", "Day", { type: "date", required: true })}<div class="pair">${form.text("from", "From", { type: "time", hint: "Empty: the whole day" })}${form.text("to", "To", { type: "time" })}</div>
${form.text("reason", "Reason", { hint: "For the staff; patients are told that the clinic is closed", required: true })}`;
  return html`<section class="panel"><header><h2>Close a day or some hours</h2></header><div class="body">${view.which === "close" ? form.rest() : null}${csrfForm(context, { action: roomPath(context.clinic.slug, "days"), name: "form", body: html`${fields}${hidden(view, "close")}<div class="buttons"><button class="first" name="step" value="look">See what follows</button></div>` })}</div></section>`;
}

function moveForm(view: DaysView, context: ConsoleContext): Html {
  const form = formFields(view.typed, view.which === "move" ? view.faults : []);
  const fields = html`<div class="pair">${form.text("source", "All visits of", { type: "date", required: true })}${form.text("target", "Go to", { type: "date", required: true, hint: "At the same time of day", paths: ["to"] })}</div>
<p>${form.box("following", "yes", "Later visits of the same series move by as many days")}</p>`;
  return html`<section class="panel"><header><h2>Move a day</h2></header><div class="body">${view.which === "move" ? form.rest() : null}${csrfForm(context, { action: roomPath(context.clinic.slug, "days"), name: "form", body: html`${fields}${hidden(view, "move")}<div class="buttons"><button class="first" name="step" value="look">See what follows</button></div>` })}</div></section>`;
}

const OBSTACLES: { readonly [Why in Obstacle | "left"]: string } = {
  "under-way": "it has begun",
  "no-such-time": "the clocks jump over that time on the new day",
  twice: "the clocks show that time twice on the new day",
  past: "the new time is over",
  closed: "the clinic is closed then",
  clash: "the patient has another visit then",
  "with-series": "another visit of its series cannot be moved",
  left: "under way, or in somebody else's calendar",
};

function previewPanel(preview: DaysPreview, view: DaysView, context: ConsoleContext): Html {
  const { change, heading, concerned, left, silenced, warnings } = preview;
  const { now, typed } = view;
  const isUrgent = ({ session, to }: Concerned) => Math.min(session.startsAt, to ?? session.startsAt) - now < SOON;
  const mustBeCalled = ({ session }: Concerned) => session.channels.length === 0 && session.mayBeCalled;
  const patients = (list: readonly Concerned[]) => new Set(list.map(({ session }) => session.patientId)).size;
  const kept = typed.entries.flatMap(([name, value]) =>
    name === "change" ? [] : [html`<input type="hidden" name="${name}" value="${value}">`],
  );
  const stat = (term: string, value: number, tone = "") => html`<div class="${tone}"><dt>${term}</dt><dd>${value}</dd></div>`;
  const calls = concerned.filter(mustBeCalled);
  return html`<section class="panel" id="preview" aria-label="What follows"><header><h2>${heading}</h2><span class="quiet">nothing is stored yet</span></header>
<div class="body">${warnings.map((warning) => notice("warn", html`<p>${capital(withoutCommands(warning))}.</p>`))}
<dl class="glance">${stat(change === "move" ? "Patients moved" : "Patients postponed", patients(concerned))}${stat("Told at once", patients(concerned.filter(isUrgent)), concerned.some(isUrgent) ? "amber" : "")}${stat("To be called", patients(calls), calls.length > 0 ? "red" : "")}${stat("Messages silenced", silenced.ended)}</dl>
${silenced.inFlight > 0 ? html`<p class="quiet">${silenced.inFlight} messages are on their way already.</p>` : null}</div>
${concerned.length === 0 ? html`<p class="body quiet">No visit is concerned.</p>` : html`<ul class="rows">${concerned.slice(0, 200).map((each) => concernedRow(each, { now, context, mark: mustBeCalled(each) ? pill("red", "call") : isUrgent(each) ? pill("amber", "at once") : pill("plain", each.session.channels.map((channel) => (channel === "sms" ? "text" : channel)).join(", ")) }))}</ul>`}
${left.length === 0 ? null : html`<div class="body">${notice("warn", html`<p><strong>${left.length} ${left.length === 1 ? "visit stays" : "visits stay"} as ${left.length === 1 ? "it is" : "they are"}:</strong></p>`)}</div><ul class="rows">${left.slice(0, 200).map((each) => concernedRow(each, { now, context, mark: html`<span class="small">${OBSTACLES[each.why ?? "left"]}</span>` }))}</ul>`}
${csrfForm(context, { action: roomPath(context.clinic.slug, "days"), name: "confirm", body: html`${kept}${hidden(view, change)}<button class="${change === "reopen" ? "first" : "danger"}" name="step" value="go">${GO[change]}</button><a class="button" href="${context.basePath}${roomPath(context.clinic.slug, "days")}">Leave it as it is</a>` })}</section>`;
}

const GO: { readonly [Change in DayChange]: string } = {
  close: "Close and tell the patients",
  move: "Move and tell the patients",
  reopen: "Open again",
};

function concernedRow(
  { session, name, chart, to }: Concerned,
  { now, context, mark }: { now: Instant; context: ConsoleContext; mark: Html },
): Html {
  const { zone, startsAt, patientId } = session;
  return html`<li><span class="main"><a href="${context.basePath}/console/patients/${toPublicId("patient", patientId)}"><strong>${name}</strong></a> <span class="quiet">${chart}</span></span><span>${to === null ? moment(zone, startsAt, now) : html`<s class="quiet">${moment(zone, startsAt, now)}</s> ${moment(zone, to, now)}`}</span>${mark}</li>`;
}

function closuresPanel({ closures, now, today }: DaysView, { basePath }: ConsoleContext): Html {
  const row = ({ id, zone, from, to, wholeDay, reason, actor, reopenedAt }: Closure) =>
    html`<li><span class="main"><a href="${basePath}/console/closures/${toPublicId("closure", id)}"><strong>${wholeDay === null ? html`${moment(zone, from, now)} to ${moment(zone, to, now)}` : sayDate(parseDay(wholeDay) ?? today, today)}</strong></a> <span class="quiet">${reason}</span></span><span class="quiet small">${sayActor(actor)}</span>${reopenedAt === null ? pill("amber", "closed") : pill("plain", "open again")}</li>`;
  return html`<section class="panel"><header><h2>Closures</h2></header>${closures.length === 0 ? empty("The clinic has not been closed", "Holidays of its settings are not listed here.") : html`<ul class="rows">${closures.map(row)}</ul>`}</section>`;
}
