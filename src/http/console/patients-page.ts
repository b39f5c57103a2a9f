/** The list of patients, and the search by chart number above it. */
import type { ListedPatient, PatientFilter } from "../../db/view-console-patients.ts";
import type { Instant } from "../../domain/calendar.ts";
import { toPublicId } from "../../domain/ids.ts";
import { html, type Html } from "../html.ts";
import { csrfForm, roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, notice, pill } from "./console-parts.ts";
import { moment } from "./say-moment.ts";

export type NamedPatient = ListedPatient & { readonly name: string; readonly chart: string };

export type PatientsView = {
  readonly filter: PatientFilter;
  readonly patients: readonly NamedPatient[];
  /** The key at which the next page begins; null at the end. */
  readonly next: string | null;
  readonly isFirst: boolean;
  readonly now: Instant;
  /** A chart number that nobody here has, as it was typed. */
  readonly missed: string | null;
};

const TABS: readonly { readonly filter: PatientFilter; readonly label: string }[] = [
  { filter: "current", label: "In treatment" },
  { filter: "held", label: "On hold" },
  { filter: "all", label: "Everybody" },
];

export function patientsBody(view: PatientsView, context: ConsoleContext): Html {
  const { filter, missed, patients, next, isFirst } = view;
  const path = context.basePath + roomPath(context.clinic.slug, "patients");
  const tab = ({ filter: each, label }: (typeof TABS)[number]) =>
    html`<a href="${path}${each === "current" ? "" : `?show=${each}`}"${each === filter ? html` aria-current="page"` : null}>${label}</a>`;
  return html`<div class="head">${csrfForm(context, {
    action: `${roomPath(context.clinic.slug, "patients")}/find`,
    name: "inline seek",
    body: html`<label class="hidden" for="ref">Chart number</label><input id="ref" name="ref" type="search" placeholder="Chart number" autocomplete="off" required maxlength="200" value="${missed ?? ""}"${missed === null ? null : html` aria-describedby="missed"`}><button>Find</button>`,
  })}<nav class="tabs" aria-label="Which patients">${TABS.map(tab)}</nav></div>
${missed === null ? null : notice("warn", html`<p id="missed"><strong>No patient of this clinic has this chart number.</strong> It must be typed as in the chart. ${context.mayDo("series.change") ? html`<a href="${context.basePath}${roomPath(context.clinic.slug, "series")}">Enqueue a new series</a>` : null}</p>`)}
${patients.length === 0 ? nobody(filter) : html`<div class="panel"><ul class="rows people">${patients.map((patient) => patientRow(patient, view, context))}</ul></div>`}
${isFirst && next === null ? null : html`<p class="buttons">${isFirst ? null : html`<a class="button" href="${path}?show=${filter}">First page</a>`}${next === null ? null : html`<a class="button" rel="next" href="${path}?show=${filter}&amp;after=${next}">Further</a>`}</p>`}`;
}

function nobody(filter: PatientFilter): Html {
  if (filter === "held") return empty("Nobody is on hold", "A patient on hold gets no message until somebody lifts it.");
  return empty("No patients yet", "They appear here as soon as a series of theirs is enqueued.");
}

function patientRow(patient: NamedPatient, { now }: PatientsView, { basePath }: ConsoleContext): Html {
  const { id, name, chart, protocol, status, visits, visitsDone, nextAt, nextZone } = patient;
  return html`<li><p class="who"><a href="${basePath}/console/patients/${toPublicId("patient", id)}"><strong>${name}</strong></a> <span class="quiet">${chart}</span></p>
<p class="what">${protocol}${status === "active" || status === "enqueued" ? null : html` ${pill(status === "paused" ? "amber" : "plain", status)}`}</p>
<p class="count-of"><span class="bar" aria-hidden="true">${bar(visitsDone, visits)}</span>${visitsDone} of ${visits} visits</p>
<p class="next">${nextAt === null || nextZone === null ? html`<span class="quiet">no visit to come</span>` : html`<span class="quiet">next</span> ${moment(nextZone, nextAt, now)}`}</p>
<p class="marks">${marksOf(patient)}</p></li>`;
}

export function bar(done: number, of: number): readonly Html[] {
  return Array.from({ length: Math.min(of, 12) }, (_, index) =>
    index < Math.round((done / of) * Math.min(of, 12)) ? html`<i class="on"></i>` : html`<i></i>`,
  );
}

export function marksOf({
  hasOpenAlert,
  holdCode,
  watched,
  openTasks,
}: Pick<NamedPatient, "hasOpenAlert" | "holdCode" | "watched" | "openTasks">): readonly Html[] {
  return [
    ...(hasOpenAlert ? [pill("red", "open alert")] : []),
    ...(holdCode === null ? [] : [pill("amber", "on hold")]),
    ...(watched ? [pill("blue", "watched")] : []),
    ...(openTasks > 0 ? [pill("plain", `${openTasks} ${openTasks === 1 ? "task" : "tasks"}`)] : []),
  ];
}
