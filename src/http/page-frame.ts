/** What every page stands in: language, title, stylesheet, one heading, the way to the other language. No script, no image, no word about a person. */
import { LOCALES, type Locale } from "../domain/clinic.ts";
import { toPlainValue } from "../messages/plain-value.ts";
import { html, type Html } from "./html.ts";
import { PAGE_STYLESHEET_PATH } from "./page-stylesheet.ts";
import type { PageVisit } from "./page-visit.ts";

export type Frame = {
  readonly locale: Locale;
  readonly title: string;
  /** Above the heading: the clinic's name; null where the clinic is unknown. */
  readonly clinic: string | null;
  /** The path part of the public address, without a slash at its end. */
  readonly basePath: string;
  /** The page's own address, to which `?lang=` is added for the other language; left out where the page knows no reader. */
  readonly path?: string;
};

/** The frame of an open page; `path` where it is not the page's first. */
export function frameOf({ link, locale, path, basePath, canAnswer }: PageVisit, title: string): Frame {
  return { locale, title, clinic: toPlainValue(link.clinic.name, 40), basePath, ...(canAnswer && { path }) };
}

const LANGUAGES: { readonly [L in Locale]: string } = { en: "English", es: "Español" };

export function frame({ locale, title, clinic, basePath, path }: Frame, body: Html): string {
  const others = LOCALES.filter((each) => each !== locale);
  const toOther = (each: Locale) => html`<a href="${path ?? ""}?lang=${each}" hreflang="${each}" lang="${each}">${LANGUAGES[each]}</a>`;
  const { markup } = html`<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>${clinic === null ? title : `${title} - ${clinic}`}</title>
<link rel="stylesheet" href="${basePath}${PAGE_STYLESHEET_PATH}">
</head>
<body>
<header>${clinic === null ? null : html`<p class="clinic">${clinic}</p>`}${path === undefined ? null : html`<p class="language">${others.map(toOther)}</p>`}</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return markup.replace(/\n{2,}/g, "\n");
}
