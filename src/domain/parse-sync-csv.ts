/** The clinic's own appointments as CSV, one a row. What is wrong with one never stops the others. */
import type { Fault } from "./fault.ts";
import { WHOLE_INPUT } from "./fault-list.ts";
import { findNearestWord } from "./nearest-word.ts";
import { type Line, readCells, toLines, unguard } from "./parse-series-csv.ts";
import { showValue } from "./show-value.ts";
import { parseSyncRow, refuseRepeated, SYNC_FIELDS, type SyncEntry } from "./sync-row.ts";

const LONGEST = 5_000_000;
const ONE_LINE = "a row on one line, with quotation marks in pairs";
const NEEDED = ["externalId", "startsAt"] as const;

type Column = (typeof SYNC_FIELDS)[number] | null;

/**
 * Reads a header and one appointment a row. `externalId` and `startsAt` (local, `2027-01-11T09:00`, where the session happens) are needed; `minutes`, `status`
 * (scheduled, cancelled; arrived, completed, no_show and not_dosed are left alone), `zone`, and, for sessions that are new, `series` (the series' external id) and
 * `kind`, `setting`, `place`, `with` may be there. Other columns are not read. A fault of the header stands once, and then no row is read.
 */
export function parseSyncCsv(text: string): SyncEntry[] {
  if (text.length > LONGEST)
    return [refusal(1, [{ path: WHOLE_INPUT, expected: `at most ${LONGEST} characters (it has ${text.length})` }])];
  const [header, ...rows] = toLines(text);
  if (!header) return [refusal(1, [{ path: WHOLE_INPUT, expected: "a header with the names of the columns" }])];
  const names = readCells(header.text)?.map((name) => name.trim());
  if (!names) return [refusal(header.line, [{ path: WHOLE_INPUT, expected: ONE_LINE }])];
  const columns = names.map((name): Column => SYNC_FIELDS.find((field) => field === name) ?? null);
  const faults = checkColumns(names, columns);
  if (faults.length > 0) return [refusal(header.line, faults)];
  return refuseRepeated(rows.map((row) => readRow(row, columns)));
}

/** A column that is nearly one of ours was probably meant to be it; any other belongs to somebody else. */
function checkColumns(names: readonly string[], columns: readonly Column[]): Fault[] {
  const slips = names.flatMap((name, index) => {
    const near = columns[index] === null && name !== "" ? findNearestWord(name, [...SYNC_FIELDS]) : undefined;
    return near ? [{ path: showValue(name) ?? "", expected: `a known column, or one that is nothing like it; did you mean ${near}?` }] : [];
  });
  const repeated = columns.filter((column, index) => column !== null && columns.indexOf(column) < index);
  return [
    ...slips,
    ...repeated.map((column) => ({ path: column ?? "", expected: "each column once" })),
    ...NEEDED.filter((column) => !columns.includes(column)).map((path) => ({ path, expected: "this column" })),
  ];
}

function readRow({ line, text }: Line, columns: readonly Column[]): SyncEntry {
  const cells = readCells(text);
  if (!cells) return refusal(line, [{ path: WHOLE_INPUT, expected: ONE_LINE }]);
  if (cells.length > columns.length)
    return refusal(line, [
      { path: WHOLE_INPUT, expected: `${columns.length} cells (there are ${cells.length}); a cell with a comma stands in quotation marks` },
    ]);
  const fields = columns.flatMap((column, index) => {
    const cell = unguard(cells[index] ?? "");
    return column === null || cell === "" ? [] : [[column, cell] as const];
  });
  return parseSyncRow(Object.fromEntries(fields), line);
}

function refusal(line: number, faults: readonly Fault[]): SyncEntry {
  return { line, externalId: null, result: { ok: false, faults } };
}
