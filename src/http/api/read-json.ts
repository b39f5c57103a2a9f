/** Reads JSON that a program sent, stricter than the language does: every key once, few levels, no key that reaches into prototypes, well-formed UTF-8. */
import { ApiProblem } from "./api-problem.ts";

const DEEPEST = 32;

/** Undefined for an empty body. Throws {@link ApiProblem} 400 that says where. */
export function readJson(bytes: Buffer): unknown {
  const text = decode(bytes);
  if (text.trim() === "") return undefined;
  checkKeys(text);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    // What the parser says quotes the text, which may be somebody's name.
    throw broken("valid JSON");
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The decoder says only that it failed.
    throw broken("well-formed UTF-8");
  }
}

function broken(expected: string): ApiProblem {
  return new ApiProblem(400, { faults: [{ path: "(whole input)", expected }] });
}

const STRING = /"(?:[^"\\]|\\.)*"/gy;

/** Walks the tokens without recursion: JSON.parse keeps the last of two equal keys without a word, and great depth would overflow whatever visits the value. */
function checkKeys(text: string): void {
  const levels: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[") {
      levels.push(character === "{" ? new Set() : null);
      if (levels.length > DEEPEST) throw broken(`at most ${DEEPEST} levels inside each other`);
    } else if (character === "}" || character === "]") levels.pop();
    else if (character === '"') {
      STRING.lastIndex = at;
      const token = STRING.exec(text)?.[0];
      if (token === undefined) throw broken("valid JSON (a text does not end)");
      at += token.length - 1;
      const keys = levels.at(-1);
      if (keys && /^\s*:/.test(text.slice(at + 1, at + 40))) checkKey(token, keys);
    }
  }
}

const PROTOTYPE_KEYS = new Set(["__proto__", "constructor", "prototype"]);

function checkKey(token: string, keys: Set<string>): void {
  const key = unquote(token);
  if (PROTOTYPE_KEYS.has(key)) throw new ApiProblem(400, { faults: [{ path: key, expected: "no key of this name" }] });
  if (keys.has(key)) throw new ApiProblem(400, { faults: [{ path: key.slice(0, 80), expected: "each key once" }] });
  keys.add(key);
}

function unquote(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    // A broken escape; the parse of the whole says so.
    return token;
  }
}
