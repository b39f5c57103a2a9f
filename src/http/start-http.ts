/**
 * The web process: personal pages, provider webhooks, ops. Every family of routes is a plugin of its own in routes/ and is mounted here. What all of them share is
 * here too: limits on size and time, security headers, errors that tell nothing, and a log line a request that holds the route's pattern and never the address
 * asked for, because that carries a token.
 */
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { newId } from "../clock.ts";
import { answerUnreadable } from "./answer-unreadable.ts";
import { bullBoard } from "./bull-board.ts";
import { consoleRoutes } from "./console/console-routes.ts";
import type { HttpDeps } from "./http-deps.ts";
import { NEAR_NETWORKS } from "./near-addresses.ts";
import { PAGE_RATE, type Rate } from "./page-rate.ts";
import { notFoundPage } from "./plain-pages.ts";
import { sendProblem } from "./problem.ts";
import { makeReplyHints } from "./reply-hints.ts";
import { makeReportHints } from "./report-hints.ts";
import { ops } from "./routes/ops.ts";
import { patientPages } from "./routes/patient-pages.ts";
import { twilioInbound } from "./routes/twilio-inbound.ts";
import { staffApi, type StaffApiOptions } from "./routes/staff-api.ts";
import { twilioStatus } from "./routes/twilio-status.ts";
import { securityHeaders } from "./security-headers.ts";
import { sendPage } from "./send-page.ts";

export type HttpServer = { readonly url: string; close(): Promise<void> };

/** Twilio's forms take about 1 kB; nothing else is posted. */
const BODY_LIMIT_BYTES = 64 * 1024;
/** How long somebody may take to say what they want, and how often it is looked who takes longer. */
export type Patience = { readonly requestMs: number; readonly headersMs: number; readonly checkMs: number };
const PATIENCE: Patience = { requestMs: 10_000, headersMs: 5_000, checkMs: 1_000 };
const SILENT_AT_MOST_MS = 30_000;

/** Listens on HOST and PORT of the configuration (port 0: any free one) and resolves once it does; `close` lets requests under way end. */
export async function startHttp(
  deps: HttpDeps,
  {
    pageRate = PAGE_RATE,
    api = {},
    patience = PATIENCE,
    extend,
  }: { pageRate?: Rate; api?: StaffApiOptions; patience?: Patience; extend?: (app: FastifyInstance) => Promise<void> } = {},
): Promise<HttpServer> {
  const { db, vault, log, config } = deps;
  const publicBaseUrl = config.PUBLIC_BASE_URL.replace(/\/+$/, "");
  const basePath = new URL(publicBaseUrl).pathname.replace(/\/+$/, "");
  const app = makeApp(deps, { publicBaseUrl, basePath, patience });
  await extend?.(app);
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: tokens } = config;
  await app.register(ops(deps));
  await app.register(patientPages({ ...deps, ring: config.AFTERGLOW_LINK_KEYS, publicBaseUrl, basePath, rate: pageRate }));
  const [hints, replies] = [makeReportHints(deps), makeReplyHints(deps)];
  app.addHook("onClose", hints.flush);
  app.addHook("onClose", replies.flush);
  const twilio = { db, vault, log, publicBaseUrl, accountSid, authTokens: tokens.split(",") };
  await app.register(twilioStatus({ ...twilio, hints }));
  await app.register(twilioInbound({ ...twilio, replies }));
  await app.register(staffApi(deps, api));
  await app.register(consoleRoutes({ ...deps, publicBaseUrl, basePath }));
  await app.register(bullBoard({ ...deps, basePath }));
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  log.info("http.started", { port: Number(new URL(url).port) });
  return { url, close: () => app.close() };
}

type Setting = { readonly publicBaseUrl: string; readonly basePath: string; readonly patience: Patience };

function makeApp({ log }: HttpDeps, { publicBaseUrl, basePath, patience }: Setting): FastifyInstance {
  const headers = securityHeaders(publicBaseUrl);
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: patience.requestMs,
    // Node looks every half minute if nothing is said.
    http: { connectionsCheckingInterval: patience.checkMs },
    clientErrorHandler: answerUnreadable,
    connectionTimeout: SILENT_AT_MOST_MS,
    trustProxy: NEAR_NETWORKS,
    requestIdHeader: false,
    genReqId: () => newId<"request">(),
    // An address that cannot be decoded never reaches the hooks.
    frameworkErrors: (_error, _request, reply) => void sendPage(reply.headers(headers), 404, notFoundPage(basePath)),
  });
  app.server.headersTimeout = patience.headersMs;
  app.addHook("onRequest", async (_request, reply) => void reply.headers(headers));
  // A kept connection that is at work when the server closes would hold it open for a minute.
  let isClosing = false;
  app.addHook("preClose", async () => void (isClosing = true));
  // Nor is one kept whose request was answered before all of it had come: the rest may never come.
  app.addHook("onSend", async ({ raw }, reply) => void ((isClosing || !raw.complete) && reply.header("connection", "close")));
  app.addHook("onResponse", async (request, reply) => logAnswer(log, request, reply));
  app.addHook("onError", async (request, _reply, error) => logFault(log, request, error));
  app.setErrorHandler((error: FastifyError, _request, reply) => sendProblem(reply, statusOf(error)));
  app.setNotFoundHandler((_request, reply) => sendPage(reply, 404, notFoundPage(basePath)));
  return app;
}

function statusOf({ statusCode = 500 }: Partial<FastifyError>): number {
  return statusCode >= 400 && statusCode < 600 ? statusCode : 500;
}

/** Probes that went well come by every few seconds and are not worth a line. */
const PROBES: ReadonlySet<string | undefined> = new Set(["/healthz", "/readyz", "/metrics"]);

function logAnswer(log: HttpDeps["log"], { routeOptions }: FastifyRequest, { statusCode, elapsedTime }: FastifyReply): void {
  if (PROBES.has(routeOptions.url) && statusCode < 400) return;
  log.info("http.answered", { route: routeOptions.url ?? "none", status: statusCode, ms: Math.round(elapsedTime) });
}

/** `code` is the correlation id that the answer shows. */
function logFault(log: HttpDeps["log"], { id, routeOptions }: FastifyRequest, error: FastifyError): void {
  const fields = { route: routeOptions.url ?? "none", status: statusOf(error), requestId: id };
  if (statusOf(error) < 500) log.warn("http.refused", { ...fields, kind: error.code });
  else log.error("http.failed", { ...fields, error });
}
