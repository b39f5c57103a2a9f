/** Answers that were given on paper or in another system, as CSV: one a row. What is wrong with one never stops the others. */
import type { Answers } from "./check-answers.ts";
import { type CalendarDay, parseDay } from "./calendar.ts";
import type { Fault, Parsed } from "./fault.ts";
import { faultList, WHOLE_INPUT } from "./fault-list.ts";
import { findInstrument } from "./instruments/find-instrument.ts";
import { INSTRUMENT_IDS, type Instrument } from "./instruments/instrument.ts";
import { parseItems } from "./parse-items.ts";
import { readCells, toLines, unguard } from "./parse-series-csv.ts";
import { scoreSurvey, scoreTotal, type SurveyResult } from "./score-survey.ts";

const COLUMNS = ["ref", "instrument", "date", "items", "total"] as const;
const NEEDED = ["ref", "instrument", "date"] as const;
const LONGEST = 5_000_000;
const ONE_LINE = "a row on one line, with quotation marks in pairs";

export type Baseline = {
  readonly ref: string;
  readonly instrument: Instrument;
  readonly on: CalendarDay;
  /** Null: only the total is known. */
  readonly answers: Answers | null;
  readonly result: SurveyResult;
};

export type BaselineEntry = { readonly line: number; readonly result: Parsed<Baseline> };

/**
 * Reads a header and one answer a row: `ref`, `instrument`, `date` (a day), and `items` (each item's number in the instrument's order, parted by spaces, `-` for one
 * that was left out) or `total`. Both are compared. Other columns are not read.
 */
export function parseBaselines(text: string): BaselineEntry[] {
  if (text.length > LONGEST)
    return [refusal(1, [{ path: WHOLE_INPUT, expected: `at most ${LONGEST} characters (it has ${text.length})` }])];
  const [header, ...rows] = toLines(text);
  const names = header && readCells(header.text)?.map((name) => name.trim());
  if (!header || !names) return [refusal(1, [{ path: WHOLE_INPUT, expected: "a header with the names of the columns" }])];
  const missing = NEEDED.filter((name) => !names.includes(name)).map((path) => ({ path, expected: "this column" }));
  const values = !names.includes("items") && !names.includes("total") ? [{ path: "items", expected: "this column, or total" }] : [];
  const twice = COLUMNS.filter((name) => names.filter((each) => each === name).length > 1).map((path) => ({
    path,
    expected: "each column once",
  }));
  const faults = [...missing, ...values, ...twice];
  if (faults.length > 0) return [refusal(header.line, faults)];
  return rows.map(({ line, text: row }) => {
    const cells = readCells(row);
    if (!cells || cells.length > names.length) return refusal(line, [{ path: WHOLE_INPUT, expected: ONE_LINE }]);
    const cellOf = (name: (typeof COLUMNS)[number]) => unguard(cells[names.indexOf(name)] ?? "").trim();
    return { line, result: readRow(cellOf) };
  });
}

function readRow(cellOf: (name: (typeof COLUMNS)[number]) => string): Parsed<Baseline> {
  const list = faultList();
  const [ref, id, date, items, total] = COLUMNS.map(cellOf);
  const instrument = findInstrument(id ?? "");
  const on = parseDay(date ?? "");
  if (!ref) list.add({ path: "ref", value: ref }, "a chart number");
  if (!instrument) list.add({ path: "instrument", value: id }, `one of ${INSTRUMENT_IDS.join(", ")}`);
  if (on === undefined) list.add({ path: "date", value: date }, "a day that exists, written as 2027-01-11");
  if (!items && !total) list.add({ path: "items", value: items }, "the answers, or a total");
  if (!instrument || on === undefined || !ref) return list.conclude<Baseline>(undefined);
  const answers = items ? list.take(parseItems(instrument, items), { path: "items", value: items }) : null;
  const result = items ? (answers ? scoreSurvey(instrument, answers) : undefined) : readTotal(instrument, total ?? "");
  if (!items && total && !result) list.add({ path: "total", value: total }, expectedTotal(instrument));
  if (items && total && result && result.total !== Number(total))
    list.add({ path: "total", value: total }, `${result.total ?? "nothing"}, which the items add up to`);
  return list.conclude<Baseline>(answers === undefined || !result ? undefined : { ref, instrument, on, answers, result });
}

function readTotal(instrument: Instrument, text: string): SurveyResult | undefined {
  return /^\d{1,3}$/.test(text) ? scoreTotal(instrument, Number(text)) : undefined;
}

function expectedTotal({ scoring, name }: Instrument): string {
  return scoring ? `a whole number from 0 to ${scoring.most}` : `nothing: ${name} has no total`;
}

function refusal(line: number, faults: readonly Fault[]): BaselineEntry {
  return { line, result: { ok: false, faults } };
}
