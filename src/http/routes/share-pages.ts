/** The page that a patient passes on, and the agreement to texts that whoever helps gives on it. It answers nothing about the visit: only its patient does. */
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { parsePersonName } from "../../domain/person-name.ts";
import { parsePhone } from "../../domain/phone-number.ts";
import { type EscortWish, optInEscort } from "../../producers/opt-in-escort.ts";
import type { PageVisit } from "../page-visit.ts";
import { notFoundPage } from "../plain-pages.ts";
import { findVisitOnPage } from "../read-session-page.ts";
import { readSharePage } from "../read-share-page.ts";
import { sendPage } from "../send-page.ts";
import type { ShareFault, ShareFields } from "../share-page.ts";
import type { PageRoutesDeps } from "./patient-pages.ts";

const PATH = "/p/share/:handle";

export function sharePages(deps: PageRoutesDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get(PATH, async (request, reply) => {
      const visit = await deps.open(request, reply, ["share"]);
      return visit ? show(deps, reply, { visit, fault: null, status: 200 }) : reply;
    });
    app.post(`${PATH}/texts`, async (request, reply) => {
      const visit = await deps.open(request, reply, ["share"]);
      return visit ? takeTexts(deps, { visit, reply }, request.body) : reply;
    });
  };
}

type Showing = { readonly visit: PageVisit; readonly fault: ShareFault | null; readonly status: number };

async function show(deps: PageRoutesDeps, reply: FastifyReply, { visit, fault, status }: Showing): Promise<FastifyReply> {
  const page = await readSharePage(deps, visit, fault);
  return page === undefined ? sendPage(reply, 404, notFoundPage(deps.basePath)) : sendPage(reply, status, page);
}

/** Leads back to the page, which shows what became of it: a second submit and a reload do no harm. */
async function takeTexts(deps: PageRoutesDeps, { visit, reply }: { visit: PageVisit; reply: FastifyReply }, body: unknown) {
  const found = await findVisitOnPage(deps, visit, null);
  const read = readForm(body, visit.link.clinic.country);
  if (!found || !read) return reply.redirect(visit.path, 303);
  if ("field" in read) return show(deps, reply, { visit, fault: read, status: 422 });
  const { fields, ...wish } = read;
  const changed = await optInEscort(deps, found.session.id, { ...wish, linkId: visit.link.id, locale: visit.locale });
  if (changed.kind !== "refused") return reply.redirect(visit.path, 303);
  const why = changed.faults.some(({ path }) => path === "phone") ? "too-many" : "late";
  return show(deps, reply, { visit, fault: { field: "page", why, said: fields }, status: why === "late" ? 409 : 429 });
}

const field = z.string().max(2_000).default("");
const form = z.object({ name: field, phone: field, scope: z.enum(["visit", "all"]).default("visit") });

type ReadForm = Pick<EscortWish, "name" | "phone" | "scope"> & { readonly fields: ShareFields };

/** Undefined for what no form of ours sends. */
function readForm(body: unknown, country: string): ReadForm | ShareFault | undefined {
  const { data: fields } = form.safeParse(body);
  if (!fields) return undefined;
  const name = parsePersonName(fields.name);
  if (!name.ok) return { field: "name", why: "wrong", said: fields };
  const phone = parsePhone(fields.phone, country);
  if (!phone.ok) return { field: "phone", why: "wrong", said: fields };
  return { name: name.value, phone: phone.value, scope: fields.scope, fields };
}
