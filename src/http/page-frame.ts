/** What every page stands in: language, title, stylesheet, one heading. No script, no image, no word about a person. */
import type { Locale } from "../domain/clinic.ts";
import { html, type Html } from "./html.ts";
import { PAGE_STYLESHEET_PATH } from "./page-stylesheet.ts";

export type Frame = {
  readonly locale: Locale;
  readonly title: string;
  /** Above the heading: the clinic's name; null where the clinic is unknown. */
  readonly clinic: string | null;
  /** The path part of the public address, without a slash at its end. */
  readonly basePath: string;
};

export function frame({ locale, title, clinic, basePath }: Frame, body: Html): string {
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
<header>${clinic === null ? null : html`<p>${clinic}</p>`}</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return markup.replace(/\n{2,}/g, "\n");
}
