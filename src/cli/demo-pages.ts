/**
 * The demo's page and what it asks for. It exists only in the process of a demo (AFTERGLOW_ENV=demo), and only for a browser on this machine that asks by this
 * machine's name: whoever comes through a tunnel or a proxy finds nothing, because the page signs its reader in at the console.
 *
 * Every other page of this process may then stand in a frame of this one: console and patient's pages stand beside each other, which is what the page is for.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Config } from "../config.ts";
import { isFromOwnPage } from "../http/is-from-own-page.ts";
import { notFoundPage } from "../http/plain-pages.ts";
import { sendPage } from "../http/send-page.ts";
import type { DemoDoor } from "./demo-door.ts";
import { ALREADY, BUSY, WISHES } from "./demo-house.ts";
import { demoPage, type DemoPageClinic, sayNow } from "./demo-page.ts";
import { DEMO_SCRIPT, DEMO_SCRIPT_PATH } from "./demo-page-script.ts";
import { DEMO_STYLESHEET, DEMO_STYLESHEET_PATH } from "./demo-page-stylesheet.ts";
import type { Elsewhere } from "./demo-stage.ts";
import { TOUR } from "./demo-tour.ts";

export const DEMO_PATH = "/demo";

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
/** Somebody else's HTML: its styles, and nothing that runs, loads or sends. */
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox";

const who = z.string().max(60).optional();
const asked = z.object({ who });
const wished = z.object({ wish: z.enum(WISHES), who });
const sought = z.object({ step: z.enum(TOUR) });
const written = z.object({ who: z.string().max(60), body: z.string().trim().min(1).max(480) });
const numbered = z.object({ number: z.coerce.number().int().min(1) });
const led = z.object({
  to: z
    .string()
    .regex(/^\/console(?:\/[A-Za-z0-9_-]+)*$/)
    .optional(),
});

export type DemoPagesDeps = {
  readonly config: Pick<Config, "AFTERGLOW_ENV" | "PORT">;
  readonly door: DemoDoor;
  readonly clinic: DemoPageClinic;
  readonly elsewhere: Elsewhere;
};

/** For `startHttp`: on the root instance, before any other route. Throws outside a demo. */
export function demoPages({ config, door, clinic, elsewhere }: DemoPagesDeps) {
  if (config.AFTERGLOW_ENV !== "demo") throw new Error("The demo's page belongs to a demo");
  const host = `127.0.0.1:${config.PORT}`;
  return async (root: FastifyInstance): Promise<void> => {
    root.addHook("onSend", async (_request, reply) => allowOwnFrames(reply));
    await root.register(async (app) => {
      app.addHook("onRequest", async (request, reply) => {
        if (!isAtThisMachine(request, host)) return sendPage(reply, 404, notFoundPage(""));
        if (request.method === "POST" && !isFromOwnPage(request.headers, `http://${host}`)) return sendPage(reply, 403, notFoundPage(""));
        return undefined;
      });
      addPages(app, { door, clinic, elsewhere });
      addWishes(app, { door, clinic });
    });
  };
}

function allowOwnFrames(reply: FastifyReply): void {
  const policy = reply.getHeader("content-security-policy");
  if (typeof policy === "string" && policy !== POLICY)
    reply.header("content-security-policy", policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"));
}

function isAtThisMachine({ raw, headers }: FastifyRequest, host: string): boolean {
  const address = raw.socket.remoteAddress ?? "";
  const isHere = address === "127.0.0.1" || address === "::1" || address === "::ffff:127.0.0.1";
  return isHere && headers.host === host && headers["x-forwarded-for"] === undefined && headers.forwarded === undefined;
}

function addPages(app: FastifyInstance, { door, clinic, elsewhere }: Omit<DemoPagesDeps, "config">): void {
  const asset = (path: string, type: string, content: string) => app.get(path, (_request, reply) => reply.type(type).send(content));
  asset(DEMO_STYLESHEET_PATH, "text/css; charset=utf-8", DEMO_STYLESHEET);
  asset(DEMO_SCRIPT_PATH, "text/javascript; charset=utf-8", DEMO_SCRIPT);
  app.get(DEMO_PATH, (_request, reply) => {
    door.knock();
    return sendPage(reply.header("content-security-policy", POLICY), 200, demoPage(clinic, elsewhere));
  });
  app.get(`${DEMO_PATH}/console`, async (request, reply) => {
    const house = door.house();
    if (!house) return reply.redirect(DEMO_PATH, 303);
    const cookie = await house.enterConsole(request.headers.cookie);
    if (cookie !== null) reply.header("set-cookie", cookie);
    const { to } = led.safeParse(request.query).data ?? {};
    return reply.redirect(to ?? `/console/clinics/${clinic.slug}/today`, 303);
  });
  app.get(`${DEMO_PATH}/mails/:number`, async (request, reply) => {
    const { number } = numbered.safeParse(request.params).data ?? {};
    const mail = number === undefined ? undefined : await door.house()?.openMail(number);
    if (!mail) return sendPage(reply, 404, notFoundPage(""));
    return sendPage(reply.header("content-security-policy", MAIL_POLICY), 200, mail.html || toTextPage(mail.text));
  });
}

function toTextPage(text: string): string {
  return `<!doctype html><meta charset="utf-8"><title>Mail</title><pre>${text.replace(/[&<>]/g, (each) => `&#${each.charCodeAt(0)};`)}</pre>`;
}

function addWishes(app: FastifyInstance, { door, clinic }: Pick<DemoPagesDeps, "door" | "clinic">): void {
  app.get(`${DEMO_PATH}/state`, async (request, reply) => {
    const house = door.house();
    const key = asked.safeParse(request.query).data?.who ?? null;
    return reply.send(house ? { phase: "yours", ...(await house.read(key)) } : { phase: "weeks", now: sayNow(door.now(), clinic.zone) });
  });
  app.post(`${DEMO_PATH}/clock`, async (request, reply) => {
    const wish = wished.safeParse(request.body);
    const began = wish.success && (await door.house()?.move(wish.data.wish, wish.data.who ?? null));
    return answer(reply, began ? null : BUSY);
  });
  app.post(`${DEMO_PATH}/seek`, async (request, reply) => {
    const wish = sought.safeParse(request.body);
    const house = door.house();
    return answer(reply, wish.success && house ? await house.seek(wish.data.step) : BUSY);
  });
  app.post(`${DEMO_PATH}/help`, async (request, reply) => {
    const wish = sought.safeParse(request.body);
    const house = door.house();
    return answer(reply, wish.success && house ? await house.help(wish.data.step) : "There is nothing to do for this step now.");
  });
  app.post(`${DEMO_PATH}/texts`, async (request, reply) => {
    const text = written.safeParse(request.body);
    const isTaken = text.success && (await door.house()?.write(text.data.who, text.data.body));
    return answer(reply, isTaken ? null : "This text could not be sent.");
  });
}

/** What went wrong, in a sentence; nothing when it went well. */
function answer(reply: FastifyReply, fault: string | null): FastifyReply {
  return reply.code(fault === null || fault === ALREADY ? 200 : 409).send({ fault });
}
