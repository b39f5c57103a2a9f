/** `GET /v/:token`, the page behind a personal link. GET and HEAD change no row: mail gateways open every link they see. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { monotonicMs } from "../../clock.ts";
import { getApprovals } from "../../db/approvals.ts";
import type { Database } from "../../db/database.ts";
import { hashToken } from "../../db/link-tokens.ts";
import { findPage, loadPageSessions } from "../../db/pages.ts";
import { PAGE_STYLESHEET, PAGE_STYLESHEET_PATH } from "../page-stylesheet.ts";
import { makePageRate, type Rate } from "../page-rate.ts";
import { failedPage, notFoundPage, tooManyPage } from "../plain-pages.ts";
import { toSessionOnPage } from "../session-on-page.ts";
import { toSessionPage } from "../session-page.ts";

export type PageDeps = { readonly db: Database; readonly basePath: string; readonly rate: Rate };

/** The base64url of 256 bits. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function sessionPages({ db, basePath, rate }: PageDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    const takePage = makePageRate(rate);
    app.setErrorHandler((_error, request, reply) => sendPage(reply, 500, failedPage(basePath, request.id)));
    app.addHook("onRequest", async (request, reply) => {
      const waitSeconds = takePage(request.ip, monotonicMs());
      if (waitSeconds > 0) await sendPage(reply.header("retry-after", waitSeconds), 429, tooManyPage(basePath));
    });
    app.get<{ Params: { token: string } }>("/v/:token", async ({ params: { token } }, reply) => {
      const page = TOKEN.test(token) ? await readPage(db, token, basePath) : undefined;
      return page === undefined ? sendPage(reply, 404, notFoundPage(basePath)) : sendPage(reply, 200, page);
    });
    app.get(PAGE_STYLESHEET_PATH, (_request, reply) =>
      reply.type("text/css; charset=utf-8").header("cache-control", "public, max-age=31536000, immutable").send(PAGE_STYLESHEET),
    );
  };
}

async function readPage(db: Database, token: string, basePath: string): Promise<string | undefined> {
  const page = await findPage(db, hashToken(token));
  if (!page) return undefined;
  const approval = (await getApprovals(db, [page.approvalId])).get(page.approvalId);
  if (!approval) throw new Error(`Approval ${page.approvalId} is not stored`);
  const rows = await loadPageSessions(db, page);
  const sessions = rows.map((row) => toSessionOnPage(row, page, approval.protocol.instructions));
  return toSessionPage(page, sessions, { basePath });
}

export function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply.code(status).type("text/html; charset=utf-8").send(page);
}
