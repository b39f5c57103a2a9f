import type { Fault } from "./fault.ts";
import { WHOLE_INPUT } from "./fault-list.ts";
import { nameCharacter } from "./forbidden-character.ts";
import { pathTo, showValue } from "./show-value.ts";

/** Deeper or larger than any file of ours; met before anything else looks at the input. */
const DEEPEST = 12;
const MOST_VALUES = 20_000;
const LONGEST_TEXT = 2000;
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const CONTROL = /\p{Cc}/u;

/** Finds what no input may hold anywhere: control characters, broken or endless text, values that are not plain JSON, keys that reach into prototypes, great depth. */
export function checkPlainData(input: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  let values = 0;
  const refuse = (path: string, value: unknown, expected: string) => {
    const shown = showValue(value);
    faults.push({ path: path || WHOLE_INPUT, ...(shown === undefined ? {} : { value: shown }), expected });
  };
  const visit = (value: unknown, path: string, depth: number): void => {
    values += 1;
    if (values > MOST_VALUES) return;
    const expected = expectedInstead(value, depth);
    if (expected) return refuse(path, value, expected);
    if (typeof value !== "object" || value === null) return;
    const entries: readonly [PropertyKey, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    for (const [key, inner] of entries) {
      const wrongKey = typeof key === "string" ? expectedKeyInstead(key) : undefined;
      if (wrongKey) refuse(pathTo(path, key), inner, wrongKey);
      else visit(inner, pathTo(path, key), depth + 1);
    }
  };
  visit(input, "", 0);
  if (values > MOST_VALUES) refuse("", input, `at most ${MOST_VALUES} values`);
  return faults;
}

function expectedInstead(value: unknown, depth: number): string | undefined {
  if (typeof value === "string") return expectedTextInstead(value);
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "a finite number";
  if (value === null || value === undefined || typeof value === "boolean") return undefined;
  if (value instanceof Date) return 'a text in quotes, such as "2027-01-11" (the reader of this file turned it into a date)';
  if (typeof value !== "object") return "a text, a number, a list or an object";
  return depth < DEEPEST ? undefined : `at most ${DEEPEST} levels inside each other`;
}

function expectedTextInstead(text: string): string | undefined {
  if (text.length > LONGEST_TEXT) return `a text of at most ${LONGEST_TEXT} characters (it has ${text.length})`;
  const control = CONTROL.exec(text)?.[0];
  if (control !== undefined) return `one line of text without control characters (it holds ${nameCharacter(control)})`;
  return text.isWellFormed() ? undefined : "well-formed Unicode text";
}

function expectedKeyInstead(key: string): string | undefined {
  if (PROTOTYPE_KEYS.has(key)) return "no key of this name";
  return CONTROL.test(key) || key.length > 200 ? "a known key" : undefined;
}
