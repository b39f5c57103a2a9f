/** The columns of a CSV file of series, and where each of them stands in a series. */
import type { Fault } from "./fault.ts";
import { findNearestWord } from "./nearest-word.ts";
import { showValue } from "./show-value.ts";

const CONSENT = ["sms", "email", "detail"].flatMap((to) => ["source", "at", "wording"].map((key) => `consent.${to}.${key}`));
const PERSON = ["name", "phone", "email", "locale", ...CONSENT];
const OF_PATIENT = [
  ...CONSENT,
  ...PERSON.map((key) => `escort.${key}`),
  ...["name", "phone", "relation"].map((key) => `emergencyContact.${key}`),
  "quietHours.from",
  "quietHours.to",
];

/** Column name -> path in the series. What belongs to the patient is also understood without `patient.` before it, except where that would be ambiguous. */
const PATHS: ReadonlyMap<string, string> = new Map([
  ...["externalId", "clinic", "protocol", "condition", "sessions", "cadence.first", "cadence.weekdays", "cadence.at"].map(
    (path) => [path, path] as const,
  ),
  ...["ref", "name", "phone", "email", "zone", "locale", "birthDate", "address", ...OF_PATIENT].map(
    (key) => [`patient.${key}`, `patient.${key}`] as const,
  ),
  ...OF_PATIENT.map((key) => [key, `patient.${key}`] as const),
]);

const NEEDED = ["clinic", "patient.ref", "patient.name", "protocol", "condition"];
const CADENCE = ["cadence.first", "cadence.weekdays", "cadence.at"];

/** The path of a known column; undefined for any other name. */
export function pathOfColumn(column: string): string | undefined {
  return PATHS.get(column);
}

/** Finds unknown, repeated and missing columns, each named once. */
export function checkColumns(columns: readonly string[]): readonly Fault[] {
  const paths = columns.map(pathOfColumn);
  const unknown = columns
    .filter((_, index) => paths[index] === undefined)
    .map((column) => ({ path: showValue(column) || "(empty column)", expected: knownColumn(column) }));
  const repeated = columns.filter((_, index) => paths[index] !== undefined && paths.indexOf(paths[index]) < index);
  const missing = NEEDED.filter((path) => !paths.includes(path));
  const timed = paths.includes("sessions") || CADENCE.every((path) => paths.includes(path));
  return [
    ...unknown,
    ...repeated.map((path) => ({ path, expected: "each column once" })),
    ...missing.map((path) => ({ path, expected: "this column" })),
    ...(timed ? [] : [{ path: "sessions", expected: `this column, or ${CADENCE.join(", ")}` }]),
  ];
}

function knownColumn(column: string): string {
  const near = findNearestColumn(column);
  return near ? `a known column; did you mean ${near}?` : `a known column, such as ${[...NEEDED, ...CADENCE].join(", ")}`;
}

function findNearestColumn(column: string): string | undefined {
  const parent = column.slice(0, column.lastIndexOf(".") + 1);
  const beside = [...PATHS.keys()].filter((known) => known.startsWith(parent) && !known.slice(parent.length).includes("."));
  return findNearestWord(column.slice(parent.length), beside) ?? findNearestWord(column, [...PATHS.values()]);
}
