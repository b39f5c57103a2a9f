/** The text of a series file, YAML or JSON, as plain values: nothing in it can name a type, run code, or grow beyond what was written. */
import {
  type Document,
  type DocumentOptions,
  isMap,
  isScalar,
  LineCounter,
  type ParseOptions,
  parseDocument,
  type SchemaOptions,
  visit,
  type YAMLError,
} from "yaml";
import type { Fault, Parsed } from "./fault.ts";
import { WHOLE_INPUT } from "./fault-list.ts";
import { showValue } from "./show-value.ts";

/** A series takes about 2 kB. */
const LONGEST = 1_000_000;
const MOST_FAULTS = 20;
const MOST_ALIASES = 50;

/**
 * Reads the text of one series, or of a list under `series:`, into what {@link parseSeries} takes, one entry a series. Duplicate keys, tags, several documents and
 * alias bombs are refused with line and column; dates and times stay text.
 */
export function parseSeriesText(text: string, format: "yaml" | "json"): Parsed<readonly unknown[]> {
  const parsed = parsePlainText(text, format);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (!isSeriesList(value)) return { ok: true, value: [value], warnings: [] };
  const others = Object.keys(value).filter((key) => key !== "series");
  if (others.length > 0)
    return refusal(
      others.map((key) => ({ path: showValue(key) ?? "", expected: "no key beside series; each entry of the list is a whole series" })),
    );
  if (value.series.length === 0) return refusal([{ path: "series", expected: "at least one series" }]);
  return { ok: true, value: value.series, warnings: [] };
}

function isSeriesList(value: unknown): value is { series: readonly unknown[] } {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "series") && Array.isArray(Reflect.get(value, "series"));
}

/** Reads any one YAML or JSON text as plain values, with the same refusals; an empty text is refused. */
export function parsePlainText(text: string, format: "yaml" | "json"): Parsed<unknown> {
  if (text.length > LONGEST) return refusal([{ path: WHOLE_INPUT, expected: `at most ${LONGEST} characters (it has ${text.length})` }]);
  const plain = text.replace(/^\uFEFF/, "");
  return format === "json" ? parseJson(plain) : parseYaml(plain);
}

const READING: ParseOptions & DocumentOptions & SchemaOptions = {
  version: "1.2",
  merge: false,
  customTags: [],
  resolveKnownTags: false,
  stringKeys: true,
  prettyErrors: false,
  logLevel: "error",
};

function parseYaml(text: string): Parsed<unknown> {
  const lines = new LineCounter();
  // Uniqueness is checked below: the library's own check compares every key with every other.
  const document = parseDocument(text, { ...READING, schema: "core", uniqueKeys: false, lineCounter: lines });
  const faults = [...document.errors, ...document.warnings].map((error) => describe(error, lines));
  faults.push(...findDuplicateKeys(document, lines));
  if (faults.length > 0) return refusal(faults.slice(0, MOST_FAULTS));
  return toPlain(() => document.toJS({ maxAliasCount: MOST_ALIASES }), "text in which every alias has its anchor, and few aliases");
}

function parseJson(text: string): Parsed<unknown> {
  const parsed = toPlain(() => JSON.parse(text), "valid JSON");
  if (!parsed.ok) return parsed;
  // JSON.parse keeps the last of two equal keys without a word, so the text is read once more for its positions.
  const lines = new LineCounter();
  const faults = findDuplicateKeys(parseDocument(text, { ...READING, schema: "json", uniqueKeys: false, lineCounter: lines }), lines);
  return faults.length > 0 ? refusal(faults.slice(0, MOST_FAULTS)) : parsed;
}

function toPlain(read: () => unknown, expected: string): Parsed<unknown> {
  try {
    const value = read();
    return value === null || value === undefined
      ? refusal([{ path: WHOLE_INPUT, expected: "a text that is not empty" }])
      : { ok: true, value, warnings: [] };
  } catch (error) {
    // Both readers report a fault of the text by throwing; their sentence says where.
    return refusal([{ path: WHOLE_INPUT, expected: `${expected} (${showValue(error instanceof Error ? error.message : error)})` }]);
  }
}

function describe({ code, message, pos, name }: YAMLError, lines: LineCounter): Fault {
  if (code === "MULTIPLE_DOCS")
    return { path: placeOf(pos[0], lines), expected: "one document; several series stand in a list under series:" };
  if (code === "RESOURCE_EXHAUSTION") return { path: placeOf(pos[0], lines), expected: "fewer levels inside each other" };
  return { path: placeOf(pos[0], lines), expected: name === "YAMLWarning" ? `text without tags (${message})` : `valid YAML (${message})` };
}

function findDuplicateKeys(document: Document.Parsed, lines: LineCounter): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<unknown>();
      for (const { key } of isMap(map) ? map.items : []) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value))
          faults.push({ path: placeOf(key.range?.[0] ?? 0, lines), expected: `each key once; ${showValue(key.value)} stands twice` });
        seen.add(key.value);
      }
    },
  });
  return faults;
}

function placeOf(position: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(position);
  return `line ${line}, column ${col}`;
}

function refusal(faults: readonly Fault[]): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults };
}
