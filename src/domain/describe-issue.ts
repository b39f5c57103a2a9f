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
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `one of ${issue.values.join(", ")}${typeof value === "string" ? near(value, issue.values.map(String)) : ""}`;
    case "too_small":
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    default:
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a text (in quotes when it looks like a number)",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list, such as [sms, email]",
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
