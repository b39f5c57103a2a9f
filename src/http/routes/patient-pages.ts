/**
 * All personal pages: one plugin in which forms are read, addresses are limited, and what fails is said on a page. GET and HEAD change no row: mail gateways open
 * every link they see. `/v/:token` is the address in a message; it hands over to a clean one below `/p/` at once.
 */
import formbody from "@fastify/formbody";
import type { FastifyError, FastifyInstance } from "fastify";
import { monotonicMs } from "../../clock.ts";
import type { KeyRing } from "../../config.ts";
import type { LinkTokens } from "../../db/link-tokens.ts";
import type { HttpDeps } from "../http-deps.ts";
import { makeOpenPage, type OpenPage } from "../open-page.ts";
import { makePageRate, type Rate } from "../page-rate.ts";
import { PAGE_STYLESHEET, PAGE_STYLESHEET_PATH } from "../page-stylesheet.ts";
import { failedPage, notFoundPage, tooManyPage } from "../plain-pages.ts";
import { sendPage } from "../send-page.ts";
import { makeVisitCookies, type VisitCookies } from "../visit-cookie.ts";
import { enterPages } from "./enter-pages.ts";
import { preferencePages, unsubscribePages } from "./preference-pages.ts";
import { sessionPages } from "./session-pages.ts";
import { sharePages } from "./share-pages.ts";
import { surveyPages } from "./survey-pages.ts";
import { yearPages } from "./year-pages.ts";

export type PatientPagesDeps = Pick<HttpDeps, "db" | "vault" | "log" | "queues" | "pageStaff"> & {
  readonly tokens: LinkTokens;
  readonly ring: KeyRing;
  readonly publicBaseUrl: string;
  readonly basePath: string;
  readonly rate: Rate;
};

/** What every family of pages is given. */
export type PageRoutesDeps = Omit<PatientPagesDeps, "ring" | "rate"> & { readonly open: OpenPage; readonly cookies: VisitCookies };

/** Nobody writes more than a few hundred characters on a page. */
const FORM_LIMIT_BYTES = 16 * 1024;

export function patientPages({ ring, rate, ...given }: PatientPagesDeps) {
  const { basePath, publicBaseUrl } = given;
  const cookies = makeVisitCookies(ring, publicBaseUrl);
  const deps: PageRoutesDeps = { ...given, cookies, open: makeOpenPage({ ...given, cookies }) };
  return async (app: FastifyInstance): Promise<void> => {
    const takePage = makePageRate(rate);
    app.setErrorHandler((error: FastifyError, request, reply) => {
      const isTheirs = (error.statusCode ?? 500) < 500;
      return isTheirs ? sendPage(reply, 400, notFoundPage(basePath)) : sendPage(reply, 500, failedPage(basePath, request.id));
    });
    app.addHook("onRequest", async (request, reply) => {
      const waitSeconds = takePage(request.ip, monotonicMs());
      if (waitSeconds > 0) await sendPage(reply.header("retry-after", waitSeconds), 429, tooManyPage(basePath));
    });
    await app.register(formbody, { bodyLimit: FORM_LIMIT_BYTES });
    app.get(PAGE_STYLESHEET_PATH, (_request, reply) =>
      reply.type("text/css; charset=utf-8").header("cache-control", "public, max-age=31536000, immutable").send(PAGE_STYLESHEET),
    );
    for (const pages of [
      enterPages(deps, rate),
      yearPages(deps),
      sessionPages(deps),
      sharePages(deps),
      surveyPages(deps),
      preferencePages(deps),
      unsubscribePages(deps, rate),
    ])
      await app.register(pages);
  };
}
