/** A day and a clock time inside a sentence of a page. */
import type { Locale } from "../domain/clinic.ts";
import { PAGE_WORDS } from "./page-words.ts";

/** "Tuesday, January 12, 10:30 AM", "martes 12 de enero, a las 10:30 a. m.": the Spanish clock comes with its article and needs its "a". */
export function sayWhen(day: string, { at, locale }: { readonly at: string; readonly locale: Locale }): string {
  return `${day}, ${PAGE_WORDS[locale].at(at)}`;
}
