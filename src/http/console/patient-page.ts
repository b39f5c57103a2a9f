/** One patient: what they got and what is coming at a glance, their series with what can be done about each visit, who they are, and the timeline. */
import type { PatientAlert, PatientSeries, PatientSession } from "../../db/view-console-patients.ts";
import type { ContactView, PatientView } from "../../db/view-patient.ts";
import type { SentCount, TimelineEntry } from "../../db/view-patient-timeline.ts";
import type { Instant } from "../../domain/calendar.ts";
import { type ClinicId, type PatientId, toPublicId } from "../../domain/ids.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import type { Permission } from "../../domain/roles.ts";
import { html, type Html } from "../html.ts";
import { pathOfChange } from "./change-room.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, facts, notice, pill, type Tone } from "./console-parts.ts";
import { HOLD_WORDS } from "./patient-changes.ts";
import { bar } from "./patients-page.ts";
import { timeline, type TimelineContext } from "./patient-timeline.ts";
import { clockAt, moment } from "./say-moment.ts";

export type Reachable = { readonly name: string; readonly phone: string | null; readonly email: string | null };

export type PatientPageView = {
  readonly id: PatientId;
  readonly stored: PatientView;
  readonly person: Reachable;
  readonly chart: string;
  readonly escort: Reachable | null;
  readonly holdReason: string | null;
  readonly contacts: readonly ContactView[];
  readonly series: readonly PatientSeries[];
  readonly sessions: readonly PatientSession[];
  readonly alerts: readonly PatientAlert[];
  readonly counts: SentCount;
  readonly coming: readonly TimelineEntry[];
  readonly past: readonly TimelineEntry[];
  readonly next: string | null;
  readonly isFirst: boolean;
  readonly show: TimelineShow;
  readonly done: string | null;
  readonly now: Instant;
  readonly zone: Zone;
  readonly bodyOf: TimelineContext["bodyOf"];
  mayAt(clinicId: ClinicId, permission: Permission): boolean;
};

export const TIMELINE_SHOWS = ["all", "messages", "coming", "record"] as const;
export type TimelineShow = (typeof TIMELINE_SHOWS)[number];

const SHOW_WORDS: { readonly [Show in TimelineShow]: string } = {
  all: "What happened",
  messages: "Every message",
  coming: "Coming",
  record: "Who changed what",
};

export function patientBody(view: PatientPageView, context: ConsoleContext): Html {
  return html`${doneNotice(view)}${alertNotice(view, context)}${holdNotice(view)}${undoNotice(view, context)}${view.stored.planIsFresh ? null : notice("plain", html`<p>A change of this patient is being planned; what is coming is renewed within moments.</p>`)}
${glance(view)}
<div class="split"><div class="stack">${view.show === "all" && view.isFirst ? comingPanel(view, context) : null}${timelinePanel(view, context)}</div>
<div class="stack">${seriesPanels(view, context)}${personPanel(view, context)}${escortPanel(view, context)}</div></div>`;
}

/** Buttons beside the name. */
export function patientActions({ id, stored, mayAt }: PatientPageView, context: ConsoleContext): Html {
  const may = (permission: Permission) => mayAt(context.clinicId, permission);
  const link = (verb: string, words: string) =>
    html`<a class="button" href="${context.basePath}${pathOfChange({ of: "patient", verb }, id)}">${words}</a>`;
  const ask = (verb: string, words: string) => rehearse(context, { path: pathOfChange({ of: "patient", verb }, id), words });
  return html`${may("series.change") ? html`<a class="button first" href="${context.basePath}${roomPath(context.clinic.slug, "series")}?patient=${toPublicId("patient", id)}">New series</a>` : null}
${stored.holdCode === null && may("patients.hold") ? link("hold", "Put on hold") : null}${stored.holdCode !== null && may("patients.judge") ? ask("release", "Lift the hold") : null}
${may("outcomes.read") ? html`<a class="button" href="${context.basePath}/api/v1/patients/${toPublicId("patient", id)}/chart">Copy for chart</a>` : null}
${may("patients.judge") ? ask(stored.watched ? "unwatch" : "watch", stored.watched ? "Stop watching" : "Watch") : null}`;
}

/** A button that shows what would follow, and changes nothing. */
function rehearse(context: ConsoleContext, { path, words }: { path: string; words: string }): Html {
  return csrfForm(context, { action: path, name: "inline", body: html`<button name="step" value="look">${words}</button>` });
}

const DONE: { readonly [change: string]: string } = {
  "patient-hold": "The patient is on hold.",
  "patient-release": "The hold is lifted.",
  "patient-watch": "The patient is watched.",
  "patient-unwatch": "The patient is not watched any more.",
  "patient-verify": "The check is recorded.",
  "patient-contact": "Phone and email are changed.",
  "patient-escort": "The escort is changed.",
  "patient-consent": "The consent is recorded.",
  "series-enqueued": "The series is enqueued; its messages are planned within moments.",
  "series-pause": "The series is paused.",
  "series-resume": "The series goes on.",
  "series-stop": "The series is stopped.",
  "series-void": "The series is taken back.",
  "series-add": "The visit is added.",
  "session-move": "The visit is moved.",
  "session-cancel": "The visit is cancelled.",
  "session-postpone": "The visit is postponed.",
  "session-form-filed": "The form is recorded.",
};

function doneNotice({ done }: PatientPageView): Html | null {
  const words = done === null ? undefined : DONE[done];
  return words === undefined ? null : notice("good", html`<p>${words}</p>`);
}

function alertNotice({ alerts, now, zone }: PatientPageView, { basePath }: ConsoleContext): Html | null {
  if (alerts.length === 0) return null;
  const one = ({ id, kind, state, raisedAt }: PatientAlert) =>
    html`<li><a href="${basePath}/console/alerts/${toPublicId("alert", id)}"><strong>${kind.replaceAll("-", " ")}</strong></a>, ${moment(zone, raisedAt, now)}, ${state}</li>`;
  return notice("bad", html`<p><strong>Open ${alerts.length === 1 ? "alert" : "alerts"}</strong></p><ul>${alerts.map(one)}</ul>`);
}

function holdNotice({ stored, holdReason, zone, now }: PatientPageView): Html | null {
  if (stored.holdCode === null) return null;
  return notice(
    "warn",
    html`<p><strong>On hold${stored.heldAt === null ? null : html` since ${moment(zone, stored.heldAt, now)}`}: ${HOLD_WORDS[stored.holdCode]}.</strong> Nothing is sent to the patient or the escort.</p>${holdReason === null ? null : html`<p>${holdReason}</p>`}`,
  );
}

/** Ten minutes, or what the clinic set, in which a series that was a slip can go without a trace. */
function undoNotice({ series, now, mayAt }: PatientPageView, context: ConsoleContext): Html | null {
  const fresh = series.find(({ canBeUndone, clinicId }) => canBeUndone && mayAt(clinicId, "series.change"));
  if (!fresh) return null;
  const { id, title, zone, quietUntil } = fresh;
  return html`<div class="undo" role="status"><span><strong>${title}</strong> was enqueued just now. Nothing leaves before ${clockAt(zone, quietUntil)}<span class="quiet"> (${Math.max(1, Math.round((quietUntil - now) / 60_000))} min)</span>; until then it can be taken back without a trace.</span>${rehearse(context, { path: pathOfChange({ of: "series", verb: "void" }, id), words: "Undo" })}</div>`;
}

function glance({ counts, past, coming, now, show }: PatientPageView): Html {
  const lastSent = show === "record" ? undefined : past.find(({ kind, state }) => kind === "message" && state === "sent");
  const next = coming.find(
    ({ state, recipient, channel }) => (state === "planned" || state === "held") && recipient === "patient" && channel !== "task",
  );
  const stat = (term: string, value: Html | string, more: Html | null = null, tone = "") =>
    html`<div class="${tone}"><dt>${term}</dt><dd>${value}${more}</dd></div>`;
  return html`<dl class="glance">${stat("Sent", String(counts.sent), lastSent ? html`<span class="quiet small">last ${moment(lastSent.zone, lastSent.at, now)}</span>` : null)}${stat("Not sent", String(counts.notSent), null, counts.notSent > 0 ? "amber" : "")}${stat("Failed or unsure", String(counts.failed), null, counts.failed > 0 ? "red" : "")}${stat("To come", String(counts.toCome), next ? html`<span class="quiet small">next ${moment(next.zone, next.at, now)}</span>` : null)}</dl>`;
}

function contextOf({ now, person, bodyOf }: PatientPageView, { basePath }: ConsoleContext): TimelineContext {
  return { basePath, now, name: person.name, bodyOf };
}

const COMING_SHOWN = 4;

function comingPanel(view: PatientPageView, context: ConsoleContext): Html | null {
  const { coming, id } = view;
  if (coming.length === 0) return null;
  const all = html`<a href="${context.basePath}/console/patients/${toPublicId("patient", id)}?show=coming">All of it</a>`;
  return html`<section class="panel coming"><header><h2>Coming next</h2>${coming.length > COMING_SHOWN ? all : null}</header>${timeline(coming.slice(0, COMING_SHOWN), contextOf(view, context))}</section>`;
}

function timelinePanel(view: PatientPageView, context: ConsoleContext): Html {
  const { show, past, coming, next, isFirst, id } = view;
  const path = `${context.basePath}/console/patients/${toPublicId("patient", id)}`;
  const tab = (each: TimelineShow) =>
    html`<a href="${path}${each === "all" ? "" : `?show=${each}`}"${each === show ? html` aria-current="page"` : null}>${SHOW_WORDS[each]}</a>`;
  const entries = show === "coming" ? coming : past;
  const nothing = empty(
    "Nothing here yet",
    show === "coming"
      ? "No message is planned: there is no visit to come, or everything is said."
      : "What is sent, answered and changed will stand here.",
  );
  const further =
    show === "coming" || (isFirst && next === null)
      ? null
      : html`<p class="body"><span class="buttons">${isFirst ? null : html`<a class="button" href="${path}?show=${show}">Newest</a>`}${next === null ? null : html`<a class="button" rel="next" href="${path}?show=${show}&amp;after=${next}">Earlier</a>`}</span></p>`;
  return html`<section class="panel timeline-of"><header><h2 class="hidden">Timeline</h2><nav class="tabs" aria-label="Timeline">${TIMELINE_SHOWS.map(tab)}</nav></header>${entries.length === 0 ? nothing : timeline(entries, contextOf(view, context))}${further}</section>`;
}

const STATUS_TONES: { readonly [Status in PatientSeries["status"]]: Tone } = {
  enqueued: "blue",
  active: "green",
  paused: "amber",
  completed: "plain",
  stopped: "plain",
  void: "plain",
};

function seriesPanels(view: PatientPageView, context: ConsoleContext): Html {
  const { series } = view;
  const current = series.filter(({ status }) => UNDER_WAY.has(status));
  const over = series.filter(({ status }) => !UNDER_WAY.has(status));
  return html`${current.map((each) => seriesPanel(each, view, context))}${over.length === 0 ? null : html`<details class="panel over"><summary>${over.length} earlier ${over.length === 1 ? "series" : "series"}</summary>${over.map((each) => seriesPanel(each, view, context))}</details>`}`;
}

const UNDER_WAY: ReadonlySet<string> = new Set(["enqueued", "active", "paused"]);

function seriesPanel(series: PatientSeries, view: PatientPageView, context: ConsoleContext): Html {
  const { id, title, status, clinicId, clinic, protocol, version } = series;
  const sessions = view.sessions.filter(({ seriesId }) => seriesId === id);
  const counted = sessions.filter(({ status: each }) => !["cancelled", "no_show", "not_dosed"].includes(each));
  const done = counted.filter(({ status: each }) => ["dosed", "discharged", "completed"].includes(each)).length;
  const elsewhere = clinicId === context.clinicId ? null : html` at ${clinic}`;
  return html`<section class="panel series" id="${toPublicId("series", id)}"><header><div><h2>${title}</h2><p class="small quiet">${protocol}@${version}${elsewhere} · <span class="bar" aria-hidden="true">${bar(done, counted.length)}</span> ${done} of ${counted.length} visits</p></div>${pill(STATUS_TONES[status], status)}</header>
<ol class="visits-of">${sessions.map((session) => sessionRow(session, view, context))}</ol>${seriesActions(series, view, context)}</section>`;
}

function seriesActions(
  { id, status, clinicId, canBeUndone }: PatientSeries,
  { mayAt }: PatientPageView,
  context: ConsoleContext,
): Html | null {
  if (!mayAt(clinicId, "series.change")) return null;
  const path = (verb: string) => pathOfChange({ of: "series", verb }, id);
  const ask = (verb: string, words: string) => rehearse(context, { path: path(verb), words });
  const link = (verb: string, words: string) => html`<a class="button" href="${context.basePath}${path(verb)}">${words}</a>`;
  const isUnderWay = UNDER_WAY.has(status);
  return html`<div class="body"><div class="buttons">${isUnderWay || status === "completed" ? link("add", "Add a visit") : null}${status === "paused" ? ask("resume", "Resume") : isUnderWay ? ask("pause", "Pause") : null}${isUnderWay ? link("stop", "Stop") : null}${(isUnderWay || status === "stopped") && !canBeUndone ? ask("void", "Take back") : null}</div></div>`;
}

const SESSION_WORDS: { readonly [Status in PatientSession["status"]]: readonly [Tone, string] | null } = {
  scheduled: null,
  arrived: ["blue", "arrived"],
  dosed: ["blue", "dosed"],
  discharged: ["green", "discharged"],
  completed: ["green", "done"],
  not_dosed: ["amber", "not dosed"],
  postponed: ["amber", "postponed"],
  cancelled: ["plain", "cancelled"],
  no_show: ["amber", "no-show"],
};

function sessionRow(session: PatientSession, { now, mayAt }: PatientPageView, context: ConsoleContext): Html {
  const { id, number, kind, zone, startsAt, status, confirmed, asksToMove, owner } = session;
  const isOpen = (status === "scheduled" && startsAt > now) || status === "postponed";
  const path = (verb: string) => `${context.basePath}${pathOfChange({ of: "session", verb }, id)}`;
  const link = (verb: string, words: string) => html`<a href="${path(verb)}">${words}<span class="hidden"> visit ${number}</span></a>`;
  const said = SESSION_WORDS[status];
  const state = said
    ? pill(said[0], said[1])
    : asksToMove
      ? pill("amber", "asks to move")
      : confirmed
        ? pill("green", "will come")
        : startsAt <= now
          ? pill("amber", "no outcome")
          : null;
  const acts = isOpen && owner === "ours" && mayAt(context.clinicId, "sessions.change");
  return html`<li class="${isOpen ? "" : "past"}"><span class="number">${number}</span><span class="main">${status === "postponed" ? html`<span class="quiet">no date (was ${moment(zone, startsAt, now)})</span>` : moment(zone, startsAt, now)}${kind === "dosing" ? null : html` <span class="quiet">${kind}</span>`}</span>${state}${acts ? html`<span class="small links">${link("move", status === "postponed" ? "Give a date" : "Move")}${status === "postponed" ? null : link("postpone", "Postpone")}${link("cancel", "Cancel")}</span>` : null}</li>`;
}

const REACH_WORDS: { readonly [reach: string]: readonly [Tone, string] } = {
  reachable: ["green", "may be sent"],
  "no-address": ["plain", "none"],
  "no-consent": ["amber", "no consent"],
  "opted-out": ["red", "opted out"],
  "dead-address": ["red", "not in service"],
};

function reachRow(
  view: PatientPageView,
  { person, channel, value }: { person: "patient" | "escort"; channel: "sms" | "email"; value: Html | string | null },
): Html {
  const contact = view.contacts.find((each) => each.person === person && each.channel === channel);
  const [tone, word] = REACH_WORDS[contact?.reach ?? "no-address"] ?? ["plain", ""];
  const since = contact?.consentAt
    ? html`<br><span class="small quiet">consent ${contact.consent} ${moment(view.zone, contact.consentAt, view.now)}, ${contact.consentSource ?? ""}</span>`
    : null;
  return html`${value ?? html`<span class="quiet">none</span>`} ${value === null ? null : pill(tone, word)}${contact?.flaggedAt ? html` ${pill("amber", "keeps failing")}` : null}${since}`;
}

function phoneLink(phone: string | null): Html | null {
  return phone === null ? null : html`<a href="tel:${phone}">${toNationalPhone(phone)}</a>`;
}

function personPanel(view: PatientPageView, context: ConsoleContext): Html {
  const { id, stored, person, chart, now, zone, mayAt } = view;
  const may = mayAt(context.clinicId, "patients.change");
  const path = (verb: string) => pathOfChange({ of: "patient", verb }, id);
  const list = facts([
    ["Chart", chart],
    ["Phone", reachRow(view, { person: "patient", channel: "sms", value: phoneLink(person.phone) })],
    ["Email", reachRow(view, { person: "patient", channel: "email", value: person.email })],
    ["Detail in email", stored.detailAccepted ? "accepted" : "not accepted"],
    ["Language", stored.locale === "es" ? "Spanish" : "English"],
    ["Zone", stored.zone],
    [
      "Last checked",
      stored.verifiedAt === null ? html`<span class="quiet">not since enqueueing</span>` : moment(zone, stored.verifiedAt, now),
    ],
  ]);
  const actions = may
    ? html`<div class="buttons"><a class="button" href="${context.basePath}${path("contact")}">Change</a><a class="button" href="${context.basePath}${path("consent")}">Consent</a>${rehearse(context, { path: path("verify"), words: "Checked with the patient" })}</div>`
    : null;
  return personal("Reaching the patient", html`${list}${actions}`);
}

function escortPanel(view: PatientPageView, context: ConsoleContext): Html {
  const { id, escort, mayAt } = view;
  const link = mayAt(context.clinicId, "patients.change")
    ? html`<div class="buttons"><a class="button" href="${context.basePath}${pathOfChange({ of: "patient", verb: "escort" }, id)}">${escort ? "Change" : "Name somebody"}</a></div>`
    : null;
  if (!escort) return personal("Escort", html`<p class="quiet">Nobody is named to take the patient home.</p>${link}`);
  const list = facts([
    ["Name", escort.name],
    ["Phone", reachRow(view, { person: "escort", channel: "sms", value: phoneLink(escort.phone) })],
    ["Email", reachRow(view, { person: "escort", channel: "email", value: escort.email })],
  ]);
  return personal("Escort", html`${list}${link}`);
}

function personal(heading: string, body: Html): Html {
  return html`<section class="panel person"><header><h2>${heading}</h2></header><div class="body">${body}</div></section>`;
}
