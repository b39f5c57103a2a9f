/**
 * The door of every personal page below `/p/`: from the cookie of a request to the link that it stands for, or to a page that says why not. What answers something
 * comes by POST, from a page of our own, with the cookie; then the link counts although its time has ended meanwhile. No request changes a row here.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { machineNow } from "../clock.ts";
import type { Database } from "../db/database.ts";
import { findLinkById, type LinkKind } from "../db/page-links.ts";
import { LOCALES, type Locale } from "../domain/clinic.ts";
import { isFromOwnPage } from "./is-from-own-page.ts";
import { asksYear, pageOf, type PageVisit } from "./page-visit.ts";
import { closedPage, elsewherePage, notFoundPage } from "./plain-pages.ts";
import { sendPage } from "./send-page.ts";
import type { Visit, VisitCookies } from "./visit-cookie.ts";
import { yearPage } from "./year-page.ts";

/**
 * The visit that the request's cookie and `:handle` stand for, when its link is one of these kinds. Undefined when it has answered the request itself: with a
 * page that says how to get in again, a question for the year of birth, or the way back after a change of language.
 */
export type OpenPage = (request: FastifyRequest, reply: FastifyReply, kinds: readonly LinkKind[]) => Promise<PageVisit | undefined>;

export type OpenPageDeps = {
  readonly db: Database;
  readonly cookies: VisitCookies;
  readonly publicBaseUrl: string;
  readonly basePath: string;
};

export function makeOpenPage({ db, cookies, publicBaseUrl, basePath }: OpenPageDeps): OpenPage {
  return async (request, reply, kinds) => {
    const refuse = (status: number, page: string): undefined => void sendPage(reply, status, page);
    const isPost = request.method === "POST";
    if (isPost && !isFromOwnPage(request.headers, publicBaseUrl)) return refuse(403, elsewherePage(basePath));
    const handle = readHandle(request);
    const visit = handle === undefined ? undefined : cookies.read(request.headers.cookie, handle, machineNow());
    if (!visit) return refuse(403, closedPage(basePath));
    const link = await findLinkById(db, visit.linkId);
    if (!link || !kinds.includes(link.kind) || (link.isClosed && !isPost)) return refuse(404, notFoundPage(basePath));
    const locale = readLanguage(request);
    const kept: Visit = locale ? { ...visit, locale } : visit;
    keepVisit(reply, kept, { cookies, kind: link.kind });
    const opened = pageOf(link, { basePath, locale: kept.locale });
    if (locale && !isPost) return void reply.redirect(`${basePath}${request.url.split("?")[0] ?? ""}`, 303);
    return asksYear(link) && !visit.yearVerified ? refuse(isPost ? 403 : 200, yearPage(opened, "asked")) : opened;
  };
}

/** Long enough for a slow reader, counted anew with each page. Somebody who is half way through a questionnaire may be called away: what they have answered must find its way. */
const KEPT_SECONDS: { readonly [Kind in LinkKind]: number } = { session: 1_800, preferences: 1_800, share: 1_800, survey: 14_400 };

/** Sets the cookie, for as long as pages of this kind stay open. */
export function keepVisit(reply: FastifyReply, visit: Visit, { cookies, kind }: { cookies: VisitCookies; kind: LinkKind }): void {
  reply.header("set-cookie", cookies.write(visit, { now: machineNow(), seconds: KEPT_SECONDS[kind] }));
}

function readHandle({ params }: FastifyRequest): string | undefined {
  return isRecord(params) && typeof params["handle"] === "string" ? params["handle"] : undefined;
}

function readLanguage({ query }: FastifyRequest): Locale | undefined {
  return isRecord(query) ? LOCALES.find((locale) => locale === query["lang"]) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
