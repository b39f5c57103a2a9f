/** From zod's issues to faults in plain words. */
import type { z } from "zod";
import type { FaultList } from "./fault-list.ts";
import { findNearestWord } from "./nearest-word.ts";
import { valueAt } from "./read-fields.ts";
import { pathTo } from "./show-value.ts";

type Issue = z.core.$ZodIssue;

/** Where an issue arose: `findKnownKeys` lists the keys that may stand at a path. */
export type IssueOf = {
  readonly issue: Issue;
  readonly input: unknown;
  readonly findKnownKeys: (path: readonly PropertyKey[]) => readonly string[];
};

/** Adds an issue to the faults; unknown keys become one fault each, with the key that was probably meant. */
export function addIssue(list: FaultList, { issue, input, findKnownKeys }: IssueOf): void {
  const path = issue.path.reduce<string>(pathTo, "");
  if (issue.code !== "unrecognized_keys")
    return list.add({ path, value: valueAt(input, issue.path) }, describeIssue(issue, valueAt(input, issue.path)));
  const known = findKnownKeys(issue.path);
  for (const key of issue.keys)
    list.add({ path: pathTo(path, key), value: valueAt(input, [...issue.path, key]) }, `a known key${meant(key, known)}`);
}

function describeIssue(issue: Issue, value: unknown): string {
  if (issue.code === "invalid_type") return expectedType(issue.expected, value);
  if (issue.code === "too_small") return `at least ${issue.minimum}${unitOf(issue.origin)}`;
  if (issue.code === "too_big") return `at most ${issue.maximum}${unitOf(issue.origin)}`;
  if (issue.code !== "invalid_value") return issue.message;
  const words = issue.values.map(String);
  return `one of ${words.join(", ")}${typeof value === "string" ? near(value, words) : ""}`;
}

/** YAML reads 12 as a number and true as a truth: whoever meant text needs quotes. */
function expectedType(expected: string, value: unknown): string {
  const type = TYPES[expected] ?? expected;
  return expected === "string" && (typeof value === "number" || typeof value === "boolean") ? `${type}, in quotes` : type;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "keys with values",
};

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " entries" : "";
}

function near(word: string, candidates: readonly string[]): string {
  const found = findNearestWord(word, candidates);
  return found ? `; did you mean ${found}?` : "";
}

function meant(key: string, known: readonly string[]): string {
  return near(key, known) || ` (${known.join(", ")})`;
}
