/** A personal page that is open to whoever asks for it: what of it every page knows. */
import type { PageLink } from "../db/page-links.ts";
import type { Locale } from "../domain/clinic.ts";
import { handleOf } from "./visit-cookie.ts";

export type PageVisit = {
  readonly link: PageLink;
  /** Chosen on the page, or the reader's own. */
  readonly locale: Locale;
  /** The page's own clean address with the base path, such as `/p/session/3fZ0a…`: its forms post there or below. */
  readonly path: string;
  readonly basePath: string;
  /** False in a browser that refuses cookies: the page is only read. */
  readonly canAnswer: boolean;
};

/** The page of a link whose cookie is set; `locale` null: in its reader's language. */
export function pageOf(link: PageLink, { basePath, locale }: { basePath: string; locale: Locale | null }): PageVisit {
  return { link, locale: locale ?? link.locale, path: `${basePath}/p/${link.kind}/${handleOf(link.id)}`, basePath, canAnswer: true };
}

/** Pages that speak of how somebody is ask who is reading first. Without a birth date on the chart there is nothing to ask. */
export function asksYear({ kind, birthDateSealed }: PageLink): boolean {
  return kind === "survey" && birthDateSealed !== null;
}
