/** How patients of a clinic are doing: those who answered last, and what became of them taken together. Numbers only; what they mean is the clinician's to say. */
import type { ScoredPatient } from "../../db/view-outcome.ts";
import type { Instant } from "../../domain/calendar.ts";
import { INSTRUMENTS } from "../../domain/instruments/find-instrument.ts";
import type { Instrument } from "../../domain/instruments/instrument.ts";
import { toPublicId } from "../../domain/ids.ts";
import type { Measure, Outcome } from "../../domain/outcome.ts";
import type { Zone } from "../../domain/place-in-time.ts";
import { html, type Html } from "../html.ts";
import { roomPath } from "./console-frame.ts";
import type { ConsoleContext } from "./console-page.ts";
import { empty, pill } from "./console-parts.ts";
import { pageLinks, tabs } from "./list-page.ts";
import { outcomeSpark } from "./outcome-chart.ts";
import type { Named } from "./reveal-people.ts";
import { moment } from "./say-moment.ts";

/** Those that add up to a total. */
export const SCORED: readonly Instrument[] = INSTRUMENTS.filter(({ scoring }) => scoring !== null);

export type ScoredEntry = Pick<ScoredPatient, "patientId" | "lastAt"> & {
  readonly who: Named | undefined;
  readonly measures: readonly Measure[];
  readonly outcome: Outcome | undefined;
};

/** Of the patients who answered last and have a baseline and a later answer. */
export type Together = {
  readonly of: number;
  readonly judged: number;
  readonly response: number;
  readonly remission: number | null;
  readonly change: number | null;
};

export type OutcomeList = {
  readonly instrument: Instrument;
  readonly page: "first" | "later";
  readonly entries: readonly ScoredEntry[];
  readonly together: Together;
  readonly zone: Zone;
  readonly now: Instant;
  readonly next: string | null;
};

export function outcomeListBody(list: OutcomeList, context: ConsoleContext): Html {
  const { instrument, entries, next, page } = list;
  const path = context.basePath + roomPath(context.clinic.slug, "outcomes");
  const views = tabs(
    "Which instrument",
    SCORED.map(({ id, name }) => ({ href: `${path}?measure=${id}`, label: name.replace(/ \(.*$/, ""), isHere: id === instrument.id })),
  );
  return html`${views}${entries.length === 0 ? empty("No answers yet", "Scores appear here as patients answer their surveys; baselines given on paper can be imported.") : html`${figures(list)}${table(list, context)}`}${pageLinks(`${path}?measure=${instrument.id}`, next, page)}`;
}

function share(part: number, of: number): string {
  return of === 0 ? "none" : `${Math.round((part / of) * 100)} %`;
}

function figures({ together: { of, judged, response, remission, change } }: OutcomeList): Html {
  const one = (term: string, value: string, small: string) =>
    html`<div><dt>${term}</dt><dd>${value} <span class="small quiet">${small}</span></dd></div>`;
  return html`<dl class="figures">${one("Answered last", String(of), "patients")}${one("With a later answer", String(judged), `of ${of}`)}${one("Response", share(response, judged), `${response} of ${judged}`)}${remission === null ? html`` : one("Remission", share(remission, judged), `${remission} of ${judged}`)}${change === null ? html`` : one("Mean change", signed(Math.round(change * 10) / 10), "points")}</dl>
<p class="small quiet">Of the ${of} who answered last. Response: a fall by at least half from the baseline. Numbers of everybody who answered; not a study.</p>`;
}

export function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value).replace("-", "−");
}

function table({ entries, instrument, zone, now }: OutcomeList, { basePath }: ConsoleContext): Html {
  const most = instrument.scoring?.most ?? 1;
  const row = ({ patientId, who, measures, outcome, lastAt }: ScoredEntry) => html`<tr>
<th scope="row"><a href="${basePath}/console/patients/${toPublicId("patient", patientId)}/outcomes">${who?.name ?? ""}</a> <span class="quiet">${who?.chart ?? ""}</span></th>
<td>${outcomeSpark(measures, most)}</td>
<td class="number">${outcome?.baseline.total ?? measures[0]?.total ?? ""}</td><td class="number">${outcome ? outcome.last.total : ""}</td>
<td class="number">${outcome ? signed(outcome.change) : ""}${outcome?.percent === null || !outcome ? null : html` <span class="quiet small">${signed(outcome.percent)} %</span>`}</td>
<td>${standing(outcome)}</td><td class="quiet">${moment(zone, lastAt, now)}</td></tr>`;
  return html`<div class="panel scroll" role="region" aria-label="Patients" tabindex="0"><table><thead><tr><th scope="col">Patient</th><th scope="col">Course</th><th scope="col" class="number">Baseline</th><th scope="col" class="number">Last</th><th scope="col" class="number">Change</th><th scope="col">Standing</th><th scope="col">Answered</th></tr></thead><tbody>${entries.map(row)}</tbody></table></div>`;
}

export function standing(outcome: Outcome | undefined): Html {
  if (!outcome) return html`<span class="quiet">baseline only</span>`;
  const { response, remission, reliable, change } = outcome;
  if (remission) return pill("green", "remission");
  if (response) return pill("green", "response");
  if (reliable && change > 0) return pill("red", "worse");
  return reliable ? pill("blue", "better") : pill("plain", "no clear change");
}
