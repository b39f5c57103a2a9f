/** What answers add up to, by the rules of the instrument. Pure; nothing is guessed: a total of which an item is missing is none. For staff, never for the patient. */
import type { AlertKind, AlertLevel } from "./alert.ts";
import type { Answers } from "./check-answers.ts";
import type { Instrument, Item, Scoring, Subscale } from "./instruments/instrument.ts";

export type SurveyAlarm = { readonly item: string; readonly kind: AlertKind; readonly level: AlertLevel };

export type SurveyResult = {
  /** Null: the instrument has none, or a scored item is missing. */
  readonly total: number | null;
  readonly band: string | null;
  readonly subscales: readonly { readonly name: string; readonly total: number | null }[];
  /** Whether the pattern that the subscales describe is there; null where there is none, or an item is missing. */
  readonly pattern: boolean | null;
  /** Items left out. */
  readonly missing: readonly string[];
  readonly alarms: readonly SurveyAlarm[];
};

export function scoreSurvey({ items, scoring }: Instrument, answers: Answers): SurveyResult {
  const scored = items.filter((item) => item.scored).map(({ id }) => id);
  const total = scoring ? sum(scored, answers) : null;
  return {
    total,
    band: scoring && total !== null ? findBand(scoring, total) : null,
    subscales: scoring?.subscales.map(({ name, items: ids }) => ({ name, total: sum(ids, answers) })) ?? [],
    pattern: scoring ? hasPattern(scoring.subscales, answers) : null,
    missing: items.filter(({ id }) => answers[id] === undefined || answers[id] === null).map(({ id }) => id),
    alarms: items.flatMap((item) => findAlarms(item, answers[item.id])),
  };
}

/** A total alone, as it comes from another system; a number that the instrument cannot reach is undefined. */
export function scoreTotal({ scoring }: Instrument, total: number): SurveyResult | undefined {
  if (!scoring || !Number.isInteger(total) || total < 0 || total > scoring.most) return undefined;
  return { total, band: findBand(scoring, total), subscales: [], pattern: null, missing: [], alarms: [] };
}

function sum(ids: readonly string[], answers: Answers): number | null {
  let total = 0;
  for (const id of ids) {
    const answer = answers[id];
    if (answer === undefined || answer === null) return null;
    total += answer;
  }
  return total;
}

function findBand({ bands }: Scoring, total: number): string | null {
  return bands.findLast(({ from }) => total >= from)?.name ?? null;
}

function hasPattern(subscales: readonly Subscale[], answers: Answers): boolean | null {
  const needed = subscales.flatMap(({ items, needs }) => (needs ? [{ items, needs }] : []));
  if (needed.length === 0 || needed.some(({ items }) => sum(items, answers) === null)) return null;
  return needed.every(({ items, needs }) => items.filter((id) => (answers[id] ?? 0) >= needs.endorsedFrom).length >= needs.items);
}

function findAlarms({ id, alarms, whenSkipped }: Item, answer: number | null | undefined): SurveyAlarm[] {
  if (answer === undefined) return [];
  if (answer === null) return whenSkipped ? [{ item: id, ...whenSkipped }] : [];
  return alarms.filter(({ values }) => values.includes(answer)).map(({ kind, level }) => ({ item: id, kind, level }));
}
