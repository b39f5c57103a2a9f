/** How input is shown back to the person who wrote it: short, on one line, without a character that could disturb a terminal. */

const DISTURBING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const LONGEST = 80;

/** Shortened to 80 characters, control and invisible characters spelled as `\u{…}`; undefined stays undefined, lists and objects are only named. */
export function showValue(value: unknown): string | undefined {
  switch (typeof value) {
    case "undefined":
      return undefined;
    case "string":
      return showText(value);
    case "number":
    case "boolean":
    case "bigint":
      return String(value);
    case "object":
      return showObject(value);
    case "function":
    case "symbol":
      return `a ${typeof value}`;
  }
}

function showText(text: string): string {
  const start = text.slice(0, 4 * LONGEST);
  const shown = start.replace(DISTURBING, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return shown.length <= LONGEST ? shown : `${shown.slice(0, LONGEST - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function showObject(value: object | null): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value instanceof Date ? "a date" : "an object";
}

/** The path of a key within `base`: `patient.phone`, `sessions[2]`; keys that are no plain words stand in brackets and quotes, made safe to show. */
export function pathTo(base: string, key: PropertyKey): string {
  if (typeof key === "number") return `${base}[${key}]`;
  const name = showValue(String(key)) ?? "";
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name)) return `${base}["${name}"]`;
  return base === "" ? name : `${base}.${name}`;
}
