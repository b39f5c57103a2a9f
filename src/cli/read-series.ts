/** Reads a file of series: YAML or JSON with one or several, CSV with one a row. What is wrong with one never stops the others. */
import { parse } from "csv-parse/sync";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import type { Parsed } from "../domain/fault.ts";
import type { SeriesContext } from "../domain/intake.ts";
import { parseSeries } from "../domain/parse-series.ts";
import { parseSeriesCsv } from "../domain/parse-series-csv.ts";
import { parseSeriesText } from "../domain/parse-series-text.ts";
import type { Input } from "./read-input.ts";

/** One series of a file; `where` is empty for a file's only one, otherwise `line 3` or `series[1]`. */
export type SeriesEntry = { readonly where: string; readonly result: Parsed<EnqueueRequest> };

/** Finds the clinic that a series names; null when it names one that is unknown, whatever else may be wrong. */
export type FindContext = (slug: string) => Promise<SeriesContext | null>;

export async function readSeries(input: Input, findContext: FindContext): Promise<SeriesEntry[]> {
  return input.format === "csv" ? readRows(input.text, findContext) : readDocument(input.text, input.format, findContext);
}

async function readDocument(text: string, format: "yaml" | "json", findContext: FindContext): Promise<SeriesEntry[]> {
  const parsed = parseSeriesText(text, format);
  if (!parsed.ok) return [{ where: "", result: parsed }];
  const entries: SeriesEntry[] = [];
  for (const [index, value] of parsed.value.entries()) {
    const slug = slugOf(value);
    const context = await findContext(slug);
    entries.push({
      where: parsed.value.length > 1 ? `series[${index}]` : "",
      result: context ? parseSeries(value, context) : unknownClinic(slug),
    });
  }
  return entries;
}

async function readRows(text: string, findContext: FindContext): Promise<SeriesEntry[]> {
  const slug = slugOf(firstRow(text));
  const context = await findContext(slug);
  if (!context) return [{ where: "", result: unknownClinic(slug) }];
  return parseSeriesCsv(text, context).map(({ line, result }) => ({ where: `line ${line}`, result }));
}

function slugOf(value: unknown): string {
  const slug: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "clinic") : undefined;
  return typeof slug === "string" ? slug : "";
}

/** All rows of a file are of one clinic, so the first one says which. */
function firstRow(text: string): unknown {
  try {
    const rows: unknown[] = parse(text, {
      bom: true,
      columns: true,
      comment: "#",
      to: 1,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
    });
    return rows[0];
  } catch {
    // Not readable so far: reading it in full says where and why.
    return undefined;
  }
}

function unknownClinic(slug: string): Parsed<EnqueueRequest> {
  return {
    ok: false,
    faults: [{ path: "clinic", ...(slug === "" ? {} : { value: slug }), expected: "a clinic that was added (afterglow clinic add FILE)" }],
  };
}
