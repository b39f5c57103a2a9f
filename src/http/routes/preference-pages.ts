/**
 * The page of a patient's preferences, and the address behind one click of a mail program (RFC 8058): a POST without cookies ends the stream and says so, whoever
 * sends it and however often; a GET only asks.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { monotonicMs } from "../../clock.ts";
import { hashToken } from "../../db/link-tokens.ts";
import { findLinkByToken, type PageLink } from "../../db/page-links.ts";
import { findPreferences, type Preferences } from "../../db/preferences.ts";
import type { Vault } from "../../db/vault.ts";
import { parseWallClock } from "../../domain/calendar.ts";
import { LOCALES } from "../../domain/clinic.ts";
import type { PatientId } from "../../domain/ids.ts";
import { OPTIONAL_STREAMS, type OptionalStream } from "../../domain/optional-stream.ts";
import { changePreferences, type PreferenceWish, unsubscribe } from "../../producers/change-preferences.ts";
import { makePageRate, type Rate } from "../page-rate.ts";
import type { PageVisit } from "../page-visit.ts";
import { notFoundPage, tooManyPage } from "../plain-pages.ts";
import { type PreferencesOnPage, type Saving, toPreferencePage } from "../preference-page.ts";
import { sendPage } from "../send-page.ts";
import { unsubscribePage } from "../unsubscribe-page.ts";
import type { PageRoutesDeps } from "./patient-pages.ts";

const PATH = "/p/preferences/:handle";

export function preferencePages(deps: PageRoutesDeps) {
  const { open } = deps;
  return async (app: FastifyInstance): Promise<void> => {
    app.get(PATH, async (request, reply) => {
      const visit = await open(request, reply, ["preferences"]);
      return visit ? showPreferences(deps, reply, { visit, saving: "none" }) : reply;
    });
    app.get(`${PATH}/saved`, async (request, reply) => {
      const visit = await open(request, reply, ["preferences"]);
      return visit ? showPreferences(deps, reply, { visit, saving: "saved" }) : reply;
    });
    app.post(PATH, async (request, reply) => {
      const visit = await open(request, reply, ["preferences"]);
      if (!visit) return reply;
      const wish = readWish(request.body);
      const changed = wish && (await changePreferences(deps, visit.link.patientId, { wish, actor: "patient" }));
      if (!changed || changed.kind === "refused") return showPreferences(deps, reply.code(422), { visit, saving: "not-saved" });
      // The language just chosen is the language of the answer.
      return reply.redirect(`${visit.path}/saved${wish.locale && wish.locale !== visit.locale ? `?lang=${wish.locale}` : ""}`, 303);
    });
  };
}

type Showing = { readonly visit: PageVisit; readonly saving: Saving };

async function showPreferences({ db, vault }: PageRoutesDeps, reply: FastifyReply, { visit, saving }: Showing): Promise<FastifyReply> {
  const { patientId } = visit.link;
  const preferences = await findPreferences(db, patientId);
  if (!preferences) throw new Error(`Patient ${patientId} is not stored`);
  return sendPage(reply, reply.statusCode, toPreferencePage(visit, toPage(preferences, { patientId, vault }), saving));
}

function toPage(preferences: Preferences, { patientId, vault }: { patientId: PatientId; vault: Vault }): PreferencesOnPage {
  const open = (column: string, sealed: Buffer | null) => sealed && vault.open(sealed, { table: "patients", column, row: patientId });
  const phone = open("phone_sealed", preferences.phoneSealed);
  const email = open("email_sealed", preferences.emailSealed);
  return { ...preferences, phoneEnding: phone && phone.slice(-2), maskedEmail: email && email.replace(/^(.).*@/u, "$1•••@") };
}

const many = z.union([z.string().max(20), z.array(z.string().max(20)).max(5)]).default([]);
const form = z.object({
  sms: z.string().max(5).optional(),
  email: z.string().max(5).optional(),
  shown: many,
  stream: many,
  quietFrom: z.string().max(5).optional(),
  quietTo: z.string().max(5).optional(),
  locale: z.enum(LOCALES).optional(),
});

/** A box that was shown and comes without a value was cleared. Undefined for what no form of ours sends. */
function readWish(body: unknown): PreferenceWish | undefined {
  const { data } = form.safeParse(body);
  if (!data) return undefined;
  const shown = [data.shown].flat();
  const wanted = (channel: "sms" | "email") => (data[channel] === "on" ? "wanted" : "unwanted");
  const from = parseWallClock(data.quietFrom ?? "");
  const to = parseWallClock(data.quietTo ?? "");
  return {
    ...(shown.includes("sms") && { sms: wanted("sms") }),
    ...(shown.includes("email") && { email: wanted("email") }),
    ...(data.locale && { locale: data.locale }),
    ...(from !== undefined && to !== undefined && { quietHours: { from, to } }),
    unsubscribed: new Set(OPTIONAL_STREAMS.filter((stream) => ![data.stream].flat().includes(stream))),
  };
}

type Unsubscribing = { Params: { token: string; stream: string } };
/** Of a token, what those that begin alike share a limit by. */
const PREFIX_LENGTH = 8;

/** `/u/:token/:stream`, without cookies. */
export function unsubscribePages(deps: PageRoutesDeps, rate: Rate) {
  const { db, basePath } = deps;
  return async (app: FastifyInstance): Promise<void> => {
    const takeToken = makePageRate(rate);
    // Mail programs post a form of either kind, or nothing at all; what it says is in the address.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { bodyLimit: 4_096 }, (_request, payload, done) => {
      payload.on("end", () => done(null));
      payload.on("error", done);
      payload.resume();
    });
    const enter = async ({ token, stream }: Unsubscribing["Params"], reply: FastifyReply): Promise<Entered | undefined> => {
      const waitSeconds = takeToken(`token ${token.slice(0, PREFIX_LENGTH)}`, monotonicMs());
      if (waitSeconds > 0) return void (await sendPage(reply.header("retry-after", waitSeconds), 429, tooManyPage(basePath)));
      const known = OPTIONAL_STREAMS.find((each) => each === stream);
      const link = known && (await findLinkByToken(db, hashToken(token)));
      if (known && link?.kind === "preferences") return { link, stream: known };
      return void (await sendPage(reply, 404, notFoundPage(basePath)));
    };
    app.get<Unsubscribing>("/u/:token/:stream", async ({ params }, reply) => {
      const entered = await enter(params, reply);
      if (!entered) return reply;
      const { link, stream } = entered;
      return sendPage(reply, 200, unsubscribePage(link, { token: params.token, stream, step: "asked", basePath }));
    });
    app.post<Unsubscribing>("/u/:token/:stream", async ({ params }, reply) => {
      const entered = await enter(params, reply);
      if (!entered) return reply;
      const { link, stream } = entered;
      await unsubscribe(deps, link.patientId, { stream, actor: "patient" });
      // Shown and not redirected to: a mail program follows no redirect (RFC 8058, section 3.1).
      return sendPage(reply, 200, unsubscribePage(link, { token: params.token, stream, step: "done", basePath }));
    });
  };
}

type Entered = { readonly link: PageLink; readonly stream: OptionalStream };
