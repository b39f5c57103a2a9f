/** `POST /p/:kind/:handle/year`: the year of birth that opens a page with health content. After five wrong ones in a row nobody may try for a quarter of an hour. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { machineNow } from "../../clock.ts";
import { findLinkById, forgetTries, type PageLink, takeTry } from "../../db/page-links.ts";
import type { Vault } from "../../db/vault.ts";
import { MINUTE } from "../../domain/calendar.ts";
import { isFromOwnPage } from "../is-from-own-page.ts";
import { keepVisit } from "../open-page.ts";
import { asksYear, pageOf } from "../page-visit.ts";
import { closedPage, elsewherePage, notFoundPage } from "../plain-pages.ts";
import { sendPage } from "../send-page.ts";
import type { Visit } from "../visit-cookie.ts";
import { yearPage } from "../year-page.ts";
import type { PageRoutesDeps } from "./patient-pages.ts";

const LIMIT = { most: 5, pauseMs: 15 * MINUTE };

const form = z.object({ year: z.string().max(20) });

export function yearPages(deps: PageRoutesDeps) {
  const { db, cookies, publicBaseUrl, basePath } = deps;
  return async (app: FastifyInstance): Promise<void> => {
    app.post<{ Params: { kind: string; handle: string } }>("/p/:kind/:handle/year", async (request, reply) => {
      const { kind, handle } = request.params;
      if (!isFromOwnPage(request.headers, publicBaseUrl)) return sendPage(reply, 403, elsewherePage(basePath));
      const visit = cookies.read(request.headers.cookie, handle, machineNow());
      if (!visit) return sendPage(reply, 403, closedPage(basePath));
      const link = await findLinkById(db, visit.linkId);
      if (!link || link.isClosed || link.kind !== kind || !asksYear(link)) return sendPage(reply, 404, notFoundPage(basePath));
      return judgeYear(deps, { request, reply }, { link, visit });
    });
  };
}

async function judgeYear(
  { db, vault, cookies, basePath }: PageRoutesDeps,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { link, visit }: { link: PageLink; visit: Visit },
): Promise<FastifyReply> {
  const opened = pageOf(link, { basePath, locale: visit.locale });
  const taken = await takeTry(db, link.id, LIMIT);
  if (!taken) return sendPage(reply, 429, yearPage(opened, "paused"));
  if (readYear(request.body) === yearOf(link, vault)) {
    await forgetTries(db, link.id);
    keepVisit(reply, { ...visit, yearVerified: true }, { cookies, kind: link.kind });
    return reply.redirect(opened.path, 303);
  }
  return taken.failures >= LIMIT.most ? sendPage(reply, 429, yearPage(opened, "paused")) : sendPage(reply, 422, yearPage(opened, "wrong"));
}

/** Undefined for what is not four digits, in whichever script. */
function readYear(body: unknown): string | undefined {
  const { data } = form.safeParse(body);
  return /\d{4}/.exec(data?.year.normalize("NFKC") ?? "")?.[0];
}

function yearOf({ patientId, birthDateSealed }: PageLink, vault: Vault): string | null {
  return birthDateSealed && vault.open(birthDateSealed, { table: "patients", column: "birth_date_sealed", row: patientId }).slice(0, 4);
}
