/** What the patient answered in surveys, on the card of an alert: the answer that raised it in words, the earlier ones as numbers. For whoever may read outcomes. */
import { z } from "zod";
import { findInstrument } from "../../domain/instruments/find-instrument.ts";
import { inLocale, type Instrument } from "../../domain/instruments/instrument.ts";
import type { OpenedAnswer } from "../../producers/read-alert-card.ts";
import { html, type Html } from "../html.ts";
import type { AlertCardView } from "./alert-card-view.ts";
import { panel } from "./console-parts.ts";
import { moment } from "./say-moment.ts";

const result = z.object({
  total: z.number().nullable(),
  band: z.string().nullable(),
  alarms: z.array(z.object({ item: z.string(), level: z.string() })),
});
const answers = z.record(z.string(), z.number().nullable());

export function alertAnswers(view: AlertCardView): Html | null {
  const { card, mayReadOutcomes } = view;
  if (card.answers.length === 0) return null;
  if (!mayReadOutcomes)
    return panel("Answers", html`<div class="body"><p class="quiet">What was answered is shown to nurses and clinicians.</p></div>`);
  const raised = card.answers.find((answer) => answer.raised);
  const rows = card.answers.map((answer) => earlier(answer, view));
  return html`${raised ? panel("The answer", html`<div class="body">${raisingAnswer(raised)}</div>`) : null}${panel("Earlier answers", html`<ul class="rows dense">${rows}</ul>`)}`;
}

function raisingAnswer({ instrument: id, instrumentVersion, result: scored, answers: given }: OpenedAnswer): Html {
  const instrument = findInstrument(id, instrumentVersion);
  const { alarms } = result.parse(scored);
  const chosen = answers.safeParse(given);
  const lines = alarms.map(({ item, level }) =>
    sayItem(instrument, { item, level, value: chosen.success ? chosen.data[item] : undefined }),
  );
  return html`<p class="quiet small">${instrument?.name ?? id}</p><ul class="quoted">${lines}</ul>`;
}

type Chosen = { readonly item: string; readonly level: string; readonly value: number | null | undefined };

function sayItem(instrument: Instrument | undefined, { item: id, level, value }: Chosen): Html {
  const item = instrument?.items.find((each) => each.id === id);
  const choice = item?.choices.find((each) => each.value === value);
  const said = value === null || value === undefined ? "left out" : choice ? inLocale(choice.label, "en") : String(value);
  return html`<li><p>${item ? inLocale(item.text, "en") : `Item ${id}`}</p><p><strong>${said}</strong>${typeof value === "number" ? html` <span class="quiet">(${value})</span>` : null} <span class="quiet small">${level}</span></p></li>`;
}

function earlier({ instrument: id, answeredAt, source, result: scored, raised }: OpenedAnswer, { zone, now }: AlertCardView): Html {
  const { total, band } = result.parse(scored);
  const score = total === null ? "answered" : `${total}${band === null ? "" : `, ${band}`}`;
  return html`<li><span class="main">${findInstrument(id)?.name ?? id}${raised ? html` <span class="quiet small">this one</span>` : null}</span><span><strong>${score}</strong></span><span class="quiet small">${moment(zone, answeredAt, now)}${source === "patient" ? null : html`, ${source === "staff" ? "by phone" : "on paper"}`}</span></li>`;
}
