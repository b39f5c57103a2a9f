/**
 * `GET /v/:token`, the address in a message. It sets the cookie of the link and leads to `/v/:token/read`, which leads on to the clean address once the cookie has
 * come back; in a browser that keeps none, the page of a visit is shown there and then, to be read. Nothing is stored.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { machineNow, monotonicMs } from "../../clock.ts";
import { hashToken } from "../../db/link-tokens.ts";
import { findLinkByToken, type PageLink } from "../../db/page-links.ts";
import { keepVisit } from "../open-page.ts";
import { makePageRate, type Rate } from "../page-rate.ts";
import { pageOf } from "../page-visit.ts";
import { closedPage, notFoundPage, tooManyPage } from "../plain-pages.ts";
import { readSessionPage } from "../read-session-page.ts";
import { readSharePage } from "../read-share-page.ts";
import { sendPage } from "../send-page.ts";
import { handleOf } from "../visit-cookie.ts";
import type { PageRoutesDeps } from "./patient-pages.ts";

/** The base64url of 256 bits. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
/** Of a token, what those that begin alike share a limit by. */
const PREFIX_LENGTH = 8;

type Entering = { Params: { token: string } };

export function enterPages(deps: PageRoutesDeps, rate: Rate) {
  const { db, cookies, basePath } = deps;
  return async (app: FastifyInstance): Promise<void> => {
    const takeToken = makePageRate(rate);
    const enter = async (token: string, reply: FastifyReply): Promise<PageLink | undefined> => {
      const waitSeconds = takeToken(`token ${token.slice(0, PREFIX_LENGTH)}`, monotonicMs());
      if (waitSeconds > 0) return void (await sendPage(reply.header("retry-after", waitSeconds), 429, tooManyPage(basePath)));
      const link = TOKEN.test(token) ? await findLinkByToken(db, hashToken(token)) : undefined;
      if (!link) await sendPage(reply, 404, notFoundPage(basePath));
      return link;
    };
    app.get<Entering>("/v/:token", async ({ params: { token } }, reply) => {
      const link = await enter(token, reply);
      if (!link) return reply;
      keepVisit(reply, { linkId: link.id, locale: null, yearVerified: false }, { cookies, kind: link.kind });
      return reply.redirect(`${basePath}/v/${token}/read`, 303);
    });
    app.get<Entering>("/v/:token/read", async ({ params: { token }, headers }, reply) => {
      const link = await enter(token, reply);
      if (!link) return reply;
      const visit = pageOf(link, { basePath, locale: null });
      if (cookies.read(headers.cookie, handleOf(link.id), machineNow())) return reply.redirect(visit.path, 303);
      if (link.kind !== "session" && link.kind !== "share") return sendPage(reply, 403, closedPage(basePath));
      const toRead = { ...visit, canAnswer: false };
      const page = link.kind === "share" ? await readSharePage(deps, toRead, null) : await readSessionPage(deps, toRead, null);
      return page === undefined ? sendPage(reply, 404, notFoundPage(basePath)) : sendPage(reply, 200, page);
    });
  };
}
