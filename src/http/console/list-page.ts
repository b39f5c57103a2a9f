/** Pages of the console's lists by key: a page says where the next one begins, so that what comes in meanwhile shifts nothing. */
import { z } from "zod";
import { html, type Html } from "../html.ts";

/** What a list is ordered by, and the id. */
export type ListKey = readonly [order: string, id: string];

const key = z.tuple([z.string().regex(/^[0-9:.+\- ]{1,60}$/), z.uuid()]);

/** The key in an address; null for the first page, and for whatever is no key of ours. */
export function readListKey(text: string | undefined): ListKey | null {
  if (text === undefined || text.length > 300) return null;
  const read = key.safeParse(parse(Buffer.from(text, "base64url").toString()));
  return read.success ? read.data : null;
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    // Not one of ours; the schema says so.
    return undefined;
  }
}

/** Of rows that were asked for with one more than are shown: those that are, and the key after which the next page begins. */
export function cutPage<Row>(
  rows: readonly Row[],
  most: number,
  keyOf: (row: Row) => ListKey,
): { readonly shown: readonly Row[]; readonly next: string | null } {
  const shown = rows.slice(0, most);
  const last = rows.length > most ? shown.at(-1) : undefined;
  return { shown, next: last === undefined ? null : Buffer.from(JSON.stringify(keyOf(last))).toString("base64url") };
}

/** The way on below a list; `path` with the filters that are chosen. */
export function pageLinks(path: string, next: string | null, isFirst: "first" | "later"): Html | null {
  if (next === null && isFirst === "first") return null;
  const join = path.includes("?") ? "&" : "?";
  return html`<nav class="pages" aria-label="Pages of the list">${isFirst === "later" ? html`<a class="button" href="${path}">From the start</a>` : null}${next === null ? null : html`<a class="button" href="${path}${join}after=${next}">Next page</a>`}</nav>`;
}

export type Tab = { readonly href: string; readonly label: string; readonly isHere: boolean; readonly count?: number };

/** Views of the same room, side by side. */
export function tabs(label: string, list: readonly Tab[]): Html {
  const tab = ({ href, label: words, isHere, count }: Tab) =>
    html`<a href="${href}"${isHere ? html` aria-current="page"` : null}>${words}${count === undefined ? null : html` <span class="quiet">${count}</span>`}</a>`;
  return html`<nav class="tabs" aria-label="${label}">${list.map(tab)}</nav>`;
}
