/** A page of scores to print for a payer: who, which instrument, every score with its date, every dose, and a line to sign. Holds nothing but that. */
import type { StoredClinic } from "../../db/clinics.ts";
import type { Dose } from "../../db/view-outcome.ts";
import { formatDay, type Instant } from "../../domain/calendar.ts";
import type { Instrument } from "../../domain/instruments/instrument.ts";
import { toNationalPhone } from "../../messages/national-phone.ts";
import { html, type Html } from "../html.ts";
import { facts } from "./console-parts.ts";
import { CONSOLE_STYLESHEET_PATH } from "./console-stylesheet.ts";
import { outcomeChart } from "./outcome-chart.ts";
import { signed } from "./outcomes-list.ts";
import type { Course } from "./outcomes-page.ts";
import { dayAt } from "./say-moment.ts";

export type ScorePage = {
  readonly clinic: Pick<StoredClinic, "name" | "phone" | "address" | "zone">;
  readonly person: { readonly name: string; readonly chart: string; readonly birthDate: string | null };
  readonly instrument: Instrument;
  readonly course: Course;
  readonly doses: readonly Dose[];
  readonly now: Instant;
};

export function scorePage(page: ScorePage, basePath: string): string {
  const { clinic, person, instrument, course, doses, now } = page;
  const { zone } = clinic;
  const on = (at: Instant) => formatDay(dayAt(zone, at));
  const who = facts([
    ["Patient", person.name],
    ["Chart", person.chart],
    ["Born", person.birthDate],
    ["Measure", `${instrument.name}, 0 to ${instrument.scoring?.most ?? ""}`],
    ["As of", on(now)],
  ]);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Score page - Afterglow</title>
<link rel="stylesheet" href="${basePath}${CONSOLE_STYLESHEET_PATH}"></head>
<body><main id="main" class="sheet"><p><strong>${clinic.name}</strong><br>${clinic.address ?? ""} ${toNationalPhone(clinic.phone)}</p><h1>Course of scores</h1>${who}
${chartOf(page)}${scores(page, on)}
<h2>Doses given</h2><p>${doses.length === 0 ? "None is recorded." : doses.map(({ at }) => on(at)).join(", ")}</p>
${summary(course)}
<p class="signature">Name, signature, date</p></main></body></html>
`.markup;
}

function chartOf({ course, instrument, doses, clinic: { zone } }: ScorePage): Html | null {
  const { measures, outcome } = course;
  if (measures.length === 0 || !instrument.scoring) return null;
  const { most, remissionBelow } = instrument.scoring;
  const baseline = outcome?.baseline ?? measures[0] ?? null;
  return outcomeChart({
    id: "chart",
    title: instrument.name,
    measures,
    baseline,
    doses: doses.map(({ at }) => at),
    most,
    remissionBelow,
    zone,
  });
}

function scores({ course: { responses, outcome, measures } }: ScorePage, on: (at: Instant) => string): Html {
  const baseline = outcome?.baseline ?? measures[0];
  const rows = responses.flatMap(({ answeredAt, result: { total, band } }) => {
    if (total === null) return [];
    const change = baseline === undefined || answeredAt === baseline.at ? null : total - baseline.total;
    const percent = change === null || !baseline || baseline.total === 0 ? null : Math.round((change / baseline.total) * 100);
    return [
      html`<tr><th scope="row">${on(answeredAt)}</th><td class="number">${total}</td><td>${band ?? ""}</td><td class="number">${change === null ? "baseline" : signed(change)}</td><td class="number">${percent === null ? "" : `${signed(percent)} %`}</td></tr>`,
    ];
  });
  return html`<table><caption class="hidden">Every score</caption><thead><tr><th scope="col">Date</th><th scope="col" class="number">Score</th><th scope="col">Band</th><th scope="col" class="number">Change</th><th scope="col" class="number">Percent</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function summary({ outcome }: Course): Html | null {
  if (!outcome) return null;
  const { baseline, last, change, percent, response, remission } = outcome;
  const said = [
    response === null ? "" : response ? "response" : "no response",
    remission === null ? "" : remission ? "remission" : "no remission",
  ]
    .filter(Boolean)
    .join(", ");
  return html`<h2>In short</h2><p>From ${baseline.total} to ${last.total}: ${signed(change)} points${percent === null ? "" : `, ${signed(percent)} %`}${said === "" ? "" : `; ${said}`}. Response is a fall by at least half.</p>`;
}
