/** The pages of visits: shown, answered by POST, added to a calendar. A page of a series leads to one of each visit, by its number. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { findMailSender } from "../../db/pages.ts";
import { answerSession } from "../../producers/answer-session.ts";
import { pageAfterCommit } from "../../producers/page-after-commit.ts";
import { writeCalendarFile } from "../calendar-file.ts";
import { helpPage } from "../help-page.ts";
import type { PageVisit } from "../page-visit.ts";
import { notFoundPage } from "../plain-pages.ts";
import { readAnswer } from "../read-answer.ts";
import { findVisitOnPage, readSessionPage, type VisitOnPage, writeSessionPage } from "../read-session-page.ts";
import { sendPage } from "../send-page.ts";
import { isAhead } from "../session-phase.ts";
import type { PageRoutesDeps } from "./patient-pages.ts";

export function sessionPages(deps: PageRoutesDeps) {
  const { basePath, open } = deps;
  const missing = (reply: FastifyReply) => sendPage(reply, 404, notFoundPage(basePath));
  return async (app: FastifyInstance): Promise<void> => {
    for (const path of ["/p/session/:handle", "/p/session/:handle/visit/:number"]) {
      app.get(path, async (request, reply) => {
        const visit = await open(request, reply, ["session"]);
        if (!visit) return reply;
        const page = await readSessionPage(deps, visit, readNumber(request));
        return page === undefined ? missing(reply) : sendPage(reply, 200, page);
      });
      app.get(`${path}/calendar.ics`, async (request, reply) => {
        const found = await openForPatient(deps, request, reply);
        if (found === undefined) return reply;
        if (found === "none" || !isAhead(found.session.phase)) return missing(reply);
        return sendCalendar(deps, reply, found);
      });
      app.get(`${path}/help`, async (request, reply) => {
        const found = await openForPatient(deps, request, reply);
        if (found === undefined) return reply;
        return found === "none" ? missing(reply) : sendPage(reply, 200, helpPage(found.visit, found.path));
      });
      app.post(`${path}/answer`, async (request, reply) => {
        const found = await openForPatient(deps, request, reply);
        if (found === undefined) return reply;
        return found === "none" ? missing(reply) : takeAnswer(deps, { request, reply }, found);
      });
    }
  };
}

type Found = VisitOnPage & { readonly visit: PageVisit };

/** The visit whose patient asks; `none` where there is no such visit, or an escort asks, who answers for nobody. Undefined when the door has answered. */
async function openForPatient(deps: PageRoutesDeps, request: FastifyRequest, reply: FastifyReply): Promise<Found | "none" | undefined> {
  const visit = await deps.open(request, reply, ["session"]);
  if (!visit) return undefined;
  if (visit.link.recipient !== "patient") return "none";
  const found = await findVisitOnPage(deps, visit, readNumber(request));
  return found ? { ...found, visit } : "none";
}

/** The number of a visit in its series; null where the address has none. What is no number finds no visit. */
function readNumber({ params }: FastifyRequest): number | null {
  const number = typeof params === "object" && params !== null && "number" in params ? params.number : null;
  if (number === null) return null;
  return typeof number === "string" && /^[1-9]\d{0,2}$/.test(number) ? Number(number) : 0;
}

/**
 * Takes an answer and leads back to the page, which then shows it: so a second submit, a reload and the back button do no harm, and whoever comes second sees the
 * same. What came too late is said on a page that shows how things stand.
 */
async function takeAnswer(deps: PageRoutesDeps, { request, reply }: { request: FastifyRequest; reply: FastifyReply }, found: Found) {
  const { visit, session, path } = found;
  const read = readAnswer(request.body, visit.link.clinic.country);
  if (!read) return reply.redirect(path, 303);
  if (read.kind === "fault")
    return sendPage(reply, 422, await writeSessionPage(deps, visit, { session, path, fault: read.fault, late: false }));
  const { answer, detail } = read;
  const words = detail === null ? {} : { detail };
  const changed = await answerSession(deps, { sessionId: session.id, answers: [answer], via: "page", actor: "patient", ...words });
  if (changed.kind === "refused") {
    const now = (await findVisitOnPage(deps, visit, readNumber(request))) ?? found;
    return sendPage(reply, 409, await writeSessionPage(deps, visit, { ...now, fault: null, late: true }));
  }
  const alerts = changed.kind === "changed" ? changed.value.alerts : [];
  await pageAfterCommit(deps, alerts);
  return reply.redirect(alerts.length > 0 ? `${path}/help` : path, 303);
}

async function sendCalendar({ db, tokens, publicBaseUrl }: PageRoutesDeps, reply: FastifyReply, { visit, session }: Found) {
  const sender = await findMailSender(db, visit.link.clinicId);
  const link = `${publicBaseUrl}/v/${tokens.tokenOf(visit.link)}`;
  return reply
    .type("text/calendar; charset=utf-8; method=PUBLISH")
    .header("content-disposition", 'attachment; filename="visit.ics"')
    .send(writeCalendarFile(visit, { session, sender, link }));
}
