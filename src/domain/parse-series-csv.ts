/** A CSV file of many series, one a row. Each row is read on its own: what is wrong with one never reaches another. */
import { parse } from "csv-parse/sync";
import type { EnqueueRequest } from "./enqueue-request.ts";
import type { Fault, Parsed } from "./fault.ts";
import { WHOLE_INPUT } from "./fault-list.ts";
import type { SeriesContext } from "./intake.ts";
import { parseSeries } from "./parse-series.ts";
import { checkColumns, pathOfColumn } from "./series-columns.ts";

/** A row of the file, by the line it stands on, counted from 1 as editors do. */
export type SeriesRow = { readonly line: number; readonly result: Parsed<EnqueueRequest> };

const LONGEST = 5_000_000;
const ONE_LINE = "a row on one line, with quotation marks in pairs";

/**
 * Reads a header of dotted columns and one series a row; an empty cell counts as left out. `cadence.weekdays` is "mon wed fri"; `sessions` is
 * "2027-01-11T09:00;2027-01-13T09:00", a past one with its status after a space. A fault of the header stands once, on its line, and then no row is read.
 * Series of several clinics go into files of their own.
 */
export function parseSeriesCsv(text: string, context: SeriesContext): SeriesRow[] {
  if (text.length > LONGEST)
    return [refusal(1, [{ path: WHOLE_INPUT, expected: `at most ${LONGEST} characters (it has ${text.length})` }])];
  const [header, ...rows] = toLines(text);
  if (!header) return [refusal(1, [{ path: WHOLE_INPUT, expected: "a header with the names of the columns" }])];
  const columns = readCells(header.text)?.map((column) => column.trim());
  if (!columns) return [refusal(header.line, [{ path: WHOLE_INPUT, expected: ONE_LINE }])];
  const faults = checkColumns(columns);
  if (faults.length > 0) return [refusal(header.line, faults)];
  if (rows.length === 0) return [refusal(header.line, [{ path: WHOLE_INPUT, expected: "at least one row below the header" }])];
  return rows.map((row) => readRow(row, columns, context));
}

export type Line = { readonly line: number; readonly text: string };

/**
 * No cell may hold a line break, so lines are rows, and a quotation mark left open spoils its own row only. Above the header, lines that begin with # are notes;
 * below it they are rows like any other, because an id may begin so.
 */
export function toLines(text: string): Line[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const filled = lines.map((line, index) => ({ line: index + 1, text: line })).filter((line) => !/^[\s,]*$/.test(line.text));
  return filled.slice(
    Math.max(
      0,
      filled.findIndex((line) => !/^"?#/.test(line.text)),
    ),
  );
}

/** The cells of one line; undefined when its quotation marks are out of place. */
export function readCells(line: string): readonly string[] | undefined {
  try {
    return parse(line, { relax_column_count: true, trim: true })[0] ?? [];
  } catch {
    // The parser throws for one reason that a line can have, quotation marks out of place; undefined says so to the caller.
    return undefined;
  }
}

function readRow({ line, text }: Line, columns: readonly string[], context: SeriesContext): SeriesRow {
  const cells = readCells(text);
  if (!cells) return refusal(line, [{ path: WHOLE_INPUT, expected: ONE_LINE }]);
  if (cells.length > columns.length)
    return refusal(line, [
      { path: WHOLE_INPUT, expected: `${columns.length} cells (there are ${cells.length}); a cell with a comma stands in quotation marks` },
    ]);
  const series: Branch = {};
  for (const [index, column] of columns.entries()) {
    const cell = unguard(cells[index] ?? "");
    const path = pathOfColumn(column);
    if (path && cell !== "") place(series, path.split("."), toValue(path, cell));
  }
  return { line, result: parseSeries(series, context) };
}

/** Spreadsheets are told with a leading apostrophe that a cell is text; before a letter it may be part of a name. */
export function unguard(cell: string): string {
  return cell.replace(/^'(?=[-+=@\d])/, "");
}

function toValue(path: string, cell: string): unknown {
  if (path === "cadence.weekdays")
    return cell
      .toLowerCase()
      .split(/[\s;,]+/)
      .filter(Boolean);
  if (path === "sessions")
    return cell
      .split(";")
      .map((session) => session.trim())
      .filter(Boolean)
      .map(toSession);
  return cell;
}

function toSession(text: string): Branch {
  const [startsAt = "", ...status] = text.split(/\s+/);
  return status.length > 0 ? { startsAt, status: status.join(" ") } : { startsAt };
}

type Branch = { [key: string]: unknown };

function place(branch: Branch, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    branch[key] = value;
    return;
  }
  const inner = branch[key];
  const next: Branch = isBranch(inner) ? inner : {};
  branch[key] = next;
  place(next, rest, value);
}

function isBranch(value: unknown): value is Branch {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refusal(line: number, faults: readonly Fault[]): SeriesRow {
  return { line, result: { ok: false, faults } };
}
