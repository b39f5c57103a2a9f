/** How one patient is doing: a chart and a table for each measure, what was answered, and assessments. For whoever may read outcomes. */
import type { Assessment } from "../../db/assessments.ts";
import type { StoredResponse } from "../../db/survey-responses.ts";
import type { Dose } from "../../db/view-outcome.ts";
import { readZone } from "../../db/clinics.ts";
import type { Instant } from "../../domain/calendar.ts";
import type { Fault } from "../../domain/fault.ts";
import { type PatientId, toPublicId } from "../../domain/ids.ts";
import { findInstrument } from "../../domain/instruments/find-instrument.ts";
import { inLocale, type Instrument } from "../../domain/instruments/instrument.ts";
import type { Measure, Outcome } from "../../domain/outcome.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { ASSESSMENT_KINDS } from "../../producers/record-assessment.ts";
import { html, type Html } from "../html.ts";
import { csrfForm } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, notice, panel, pill } from "./console-parts.ts";
import { formFields } from "./form-fields.ts";
import { outcomeChart } from "./outcome-chart.ts";
import { signed, standing } from "./outcomes-list.ts";
import type { Typed } from "./read-form.ts";
import { moment } from "./say-moment.ts";

/** Everything with one instrument. */
export type Course = {
  readonly id: string;
  readonly instrument: Instrument | undefined;
  readonly responses: readonly StoredResponse[];
  readonly measures: readonly Measure[];
  readonly outcome: Outcome | undefined;
};

export type OutcomePage = {
  readonly patientId: PatientId;
  readonly chart: string;
  readonly courses: readonly Course[];
  readonly assessments: readonly Assessment[];
  readonly doses: readonly Dose[];
  readonly zone: Zone;
  readonly now: Instant;
  readonly typed: Typed;
  readonly faults: readonly Fault[];
  readonly wasRecorded: boolean;
};

export function outcomeBody(page: OutcomePage, context: ConsoleContext): Html {
  const { courses, wasRecorded } = page;
  const scored = courses.filter(({ instrument, measures }) => instrument?.scoring && measures.length > 0);
  const others = courses.filter((course) => !scored.includes(course));
  const nothing = courses.length === 0 ? empty("No answers yet", "A chart appears here with the first survey that is answered.") : null;
  return html`${wasRecorded ? notice("good", html`<p>The assessment is recorded.</p>`) : null}${nothing}
${scored.map((course) => coursePanel(course, page, context))}
<div class="columns">${others.length === 0 ? null : panel("Check-ins", html`<ul class="rows dense">${others.flatMap(({ responses }) => responses.toReversed().map((each) => checkIn(each, page)))}</ul>`)}${assessments(page, context)}</div>`;
}

function coursePanel({ id, instrument, responses, measures, outcome }: Course, page: OutcomePage, { basePath }: ConsoleContext): Html {
  const { zone, doses, patientId } = page;
  const scoring = instrument?.scoring;
  const name = instrument?.name ?? id;
  const print = html`<a class="button" href="${basePath}/console/patients/${toPublicId("patient", patientId)}/outcomes/score?measure=${id}">Score page to print</a>`;
  if (!scoring) return html``;
  const baseline = outcome?.baseline ?? measures[0] ?? null;
  const chart = outcomeChart({
    id: `chart-${id}`,
    title: name,
    measures,
    baseline,
    doses: doses.map(({ at }) => at),
    most: scoring.most,
    remissionBelow: scoring.remissionBelow,
    zone,
  });
  const rows = responses.toReversed().map((each) => responseRow(each, { page, baseline }));
  return panel(
    name,
    html`<div class="body">${summary(outcome, measures)}${chart}<p class="small quiet legend">Filled: the baseline. Triangles: ${doses.length} ${doses.length === 1 ? "dose" : "doses"}.</p></div>
<div class="scroll" role="region" aria-label="Answers to ${name}" tabindex="0"><table><caption class="hidden">${name}, the newest answer first</caption><thead><tr><th scope="col">Answered</th><th scope="col" class="number">Total</th><th scope="col">Band</th><th scope="col" class="number">From baseline</th><th scope="col">Answers</th></tr></thead><tbody>${rows}</tbody></table></div>`,
    print,
  );
}

function summary(outcome: Outcome | undefined, measures: readonly Measure[]): Html {
  if (!outcome)
    return html`<p>${measures[0] ? html`Baseline <strong>${measures[0].total}</strong>. ` : null}<span class="quiet">There is no later answer to compare with.</span></p>`;
  const { baseline, last, change, percent } = outcome;
  return html`<p>From <strong>${baseline.total}</strong> to <strong>${last.total}</strong>: ${signed(change)} points${percent === null ? null : html`, ${signed(percent)} %`}. ${standing(outcome)}</p>`;
}

type RowContext = { readonly page: OutcomePage; readonly baseline: Measure | null };

function responseRow(response: StoredResponse, { page: { now }, baseline }: RowContext): Html {
  const { answeredAt, zone, source, result } = response;
  const { total, band, missing, alarms } = result;
  const change = total === null || baseline === null || answeredAt === baseline.at ? null : total - baseline.total;
  return html`<tr><th scope="row">${moment(readZone(zone), answeredAt, now)}${source === "patient" ? null : html` <span class="quiet small">${source === "staff" ? "by phone" : "on paper"}</span>`}</th>
<td class="number">${total ?? html`<span class="quiet">left out: ${missing.join(", ")}</span>`}</td><td>${band ?? ""}</td>
<td class="number">${change === null ? html`<span class="quiet">${answeredAt === baseline?.at ? "baseline" : ""}</span>` : signed(change)}</td>
<td>${alarms.map(({ level }) => html`${pill(level === "critical" ? "red" : "amber", level)} `)}${answersOf(response)}</td></tr>`;
}

function answersOf({ instrument: id, instrumentVersion, answers }: StoredResponse): Html {
  const instrument = findInstrument(id, instrumentVersion);
  if (answers === null || !instrument) return html`<span class="quiet">total only</span>`;
  const rows = instrument.items.flatMap((item) => {
    const value = answers[item.id];
    if (value === undefined) return [];
    const choice = item.choices.find((each) => each.value === value);
    const said = value === null ? "left out" : choice ? inLocale(choice.label, "en") : String(value);
    return [
      html`<li><span>${inLocale(item.text, "en")}</span> <strong>${said}</strong>${value === null ? null : html` <span class="quiet">${value}</span>`}</li>`,
    ];
  });
  return html`<details><summary>Every answer</summary><ol class="answers">${rows}</ol></details>`;
}

function checkIn(response: StoredResponse, { now }: OutcomePage): Html {
  const { instrument, answeredAt, zone, result } = response;
  return html`<li><div class="main"><p>${findInstrument(instrument)?.name ?? instrument} ${result.alarms.map(({ level }) => html`${pill(level === "critical" ? "red" : "amber", level)} `)}</p>${answersOf(response)}</div><span class="quiet small">${moment(readZone(zone), answeredAt, now)}</span></li>`;
}

export const ASSESSMENT_WORDS: { readonly [Kind in (typeof ASSESSMENT_KINDS)[number]]: string } = {
  "c-ssrs": "C-SSRS",
  cadss: "CADSS",
  kset: "KSET",
  interview: "Interview",
  other: "Another",
};

function sayAssessment(kind: string): string {
  return Object.entries(ASSESSMENT_WORDS).find(([each]) => each === kind)?.[1] ?? kind;
}

function assessments({ assessments: made, patientId, typed, faults, now }: OutcomePage, context: ConsoleContext): Html {
  const rows = made
    .toReversed()
    .map(
      ({ kind, level, madeBy, madeAt, zone }) =>
        html`<li><span class="main">${sayAssessment(kind)}: <strong>${level}</strong> <span class="quiet">by ${madeBy}</span></span><span class="quiet small">${moment(readZone(zone), madeAt, now)}</span></li>`,
    );
  const list =
    made.length === 0 ? html`<div class="body"><p class="quiet">None is recorded.</p></div>` : html`<ul class="rows dense">${rows}</ul>`;
  if (!context.mayDo("outcomes.record")) return panel("Assessments", list);
  const fields = formFields(typed, faults);
  const body = html`${fields.rest()}${fields.select(
    "kind",
    "Instrument",
    ASSESSMENT_KINDS.map((value) => ({ value, label: ASSESSMENT_WORDS[value] })),
  )}
${fields.text("level", "Result", { hint: "In a few words, such as: no risk.", required: true })}${fields.text("by", "Made by", { required: true })}${fields.text("at", "When", { type: "datetime-local", required: true, paths: ["madeAt"] })}<button>Record it</button>`;
  const form = csrfForm(context, { action: `/console/patients/${toPublicId("patient", patientId)}/assessments`, name: "form", body });
  return panel(
    "Assessments",
    html`${list}<div class="body"><details${faults.length > 0 ? html` open` : null}><summary>Record an assessment</summary>${form}</details></div>`,
  );
}
