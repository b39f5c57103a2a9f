/** HTML from a template literal. Whatever is set in is escaped, for text and for quoted attributes, unless this same function made it. */
export type Html = { readonly markup: string };

type Value = string | number | null | Html | readonly Html[];

const ESCAPES: { readonly [character: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** `null` sets in nothing; a list sets in its parts one after the other. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: parts.reduce((before, part, index) => before + toMarkup(values[index - 1] ?? null) + part) };
}

function toMarkup(value: Value): string {
  if (value === null) return "";
  if (typeof value === "string" || typeof value === "number")
    return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
  return "markup" in value ? value.markup : value.map(({ markup }) => markup).join("");
}
