/** What the benchmark says: rows for people and for programs, and under them what bounds each figure. */
import type { Rates } from "./measure.ts";
import type { Backend } from "./stage/open-stage.ts";

export type Result = {
  readonly name: string;
  readonly backend: Backend | null;
  readonly value: number;
  readonly unit: string;
  /** The reference's median in the same interleaved run; null where the bar is absolute. */
  readonly reference: number | null;
  /** value / reference. */
  readonly ratio: number | null;
  /** What ratio, or value where there is none, has to reach, or not to exceed. Null: shown for orientation. */
  readonly bar: number | null;
  readonly ok: boolean | null;
};

export type Finding = {
  readonly result: Result;
  /** Least and most of the rounds, ours and the reference's. */
  readonly spread: string;
  /** The conditions of this figure, where they differ from those of the table. */
  readonly conditions: string;
  /** What bounds it, measured. */
  readonly bound: string;
};

/** A rate beside its reference. */
export function compare(
  { name, backend, unit }: Pick<Result, "name" | "backend" | "unit">,
  { ours, reference, bar }: { ours: Rates; reference: Rates | undefined; bar: number },
): { result: Result; spread: string } {
  const ratio = reference ? ours.median / reference.median : null;
  const result = {
    name,
    backend,
    value: ours.median,
    unit,
    reference: reference?.median ?? null,
    ratio,
    bar,
    ok: ratio === null ? null : ratio >= bar,
  };
  return { result, spread: `${sayRange(ours)}${reference ? `; reference ${sayRange(reference)}` : ""}` };
}

/** A figure against an absolute bar. */
export function holdTo(
  figure: Pick<Result, "name" | "backend" | "unit" | "value">,
  { bar, good }: { bar: number | null; good: "at-least" | "at-most" },
): Result {
  const { value } = figure;
  const ok = bar === null ? null : good === "at-least" ? value >= bar : value <= bar;
  return { ...figure, reference: null, ratio: null, bar, ok };
}

function sayRange({ least, most }: Rates): string {
  return `${sayNumber(least)}-${sayNumber(most)}`;
}

export function sayNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

const COLUMNS = ["", "name", "backend", "value", "unit", "reference", "ratio", "bar", "least-most"] as const;

/** The table with its conditions and its footer. */
export function printTable(findings: readonly Finding[], conditions: readonly string[]): string {
  const rows = findings.map(({ result, spread }) => {
    const { name, backend, value, unit, reference, ratio, bar, ok } = result;
    const mark = ok === null ? "" : ok ? "ok" : "MISSED";
    const [inNumbers, inRatio] = [reference === null ? "" : sayNumber(reference), ratio === null ? "" : ratio.toFixed(2)];
    return [mark, name, backend ?? "", sayNumber(value), unit, inNumbers, inRatio, bar === null ? "" : sayNumber(bar), spread];
  });
  const widths = COLUMNS.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column >= 3 && column !== 4 && column !== 8 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const footer = findings.flatMap(({ result: { name, backend }, conditions: own, bound }) => [
    `${name}${backend ? ` (${backend})` : ""}: bound by ${bound}`,
    ...(own ? [`  ${own}`] : []),
  ]);
  return [...conditions, "", line(COLUMNS), ...rows.map(line), "", ...footer].join("\n");
}
