import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseClinic } from "../../src/domain/parse-clinic.ts";
import { parseSeries } from "../../src/domain/parse-series.ts";
import { parseSeriesCsv } from "../../src/domain/parse-series-csv.ts";
import { parsePlainText, parseSeriesText } from "../../src/domain/parse-series-text.ts";
import { NOW, valueOf } from "./aspen-ridge.ts";

const FOLDER = new URL("../../examples/", import.meta.url);
const textOf = (file: string) => readFileSync(new URL(file, FOLDER), "utf8");
const clinic = valueOf(parseClinic(valueOf(parsePlainText(textOf("clinic.yaml"), "yaml"))));
const files = readdirSync(FOLDER).filter((file) => file.endsWith(".yaml") && file !== "clinic.yaml");

test("the examples hold series of the fixed cast", () => {
  expect(files).toEqual(
    expect.arrayContaining(["ana-iv.yaml", "ben-im.yaml", "chen-esketamine.yaml", "dee-kap.yaml", "eva-home.yaml", "mid-course.yaml"]),
  );
});

test.each(files)("%s is accepted without a warning when the demo begins", (file) => {
  for (const input of valueOf(parseSeriesText(textOf(file), "yaml"))) {
    expect(parseSeries(input, { clinic, now: NOW })).toMatchObject({ ok: true, warnings: [] });
  }
});

test("every row of many.csv is accepted without a warning when the demo begins", () => {
  const rows = parseSeriesCsv(textOf("many.csv"), { clinic, now: NOW });
  expect(rows).toHaveLength(3);
  for (const { result } of rows) expect(result).toMatchObject({ ok: true, warnings: [] });
});

test("no two examples share a chart number or an external id", () => {
  const yaml = files.flatMap((file) =>
    valueOf(parseSeriesText(textOf(file), "yaml")).map((input) => valueOf(parseSeries(input, { clinic, now: NOW }))),
  );
  const all = [...yaml, ...parseSeriesCsv(textOf("many.csv"), { clinic, now: NOW }).map(({ result }) => valueOf(result))];
  expect(new Set(all.map(({ patient }) => patient.ref)).size).toBe(all.length);
  expect(new Set(all.map(({ externalId }) => externalId)).size).toBe(all.length);
});
