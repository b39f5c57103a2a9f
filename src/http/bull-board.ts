/**
 * bull-board, the dashboard that people who run BullMQ know, on whichever engine the queues live: to look at for whoever may read operations at every clinic, to
 * act in for whoever may act at every clinic. It needs script, so it has a policy of its own; it asks no stranger for anything. Jobs carry ids and nothing else,
 * and what is no id is not shown, whoever put it there. What it does is in the audit.
 */
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import type { Queue } from "bullmq";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";
import { QUEUES_ID } from "../producers/steer-queue.ts";
import { NEVER_PAUSED, QUEUE_NAMES } from "../queues/all-queues.ts";
import type { Queues } from "../queues/backend.ts";
import { AccessDenied } from "./auth/access-denied.ts";
import { mayEverywhere } from "./auth/may-everywhere.ts";
import { actorOf, callerOf, csrfOf, guardStaffRoutes, requirePermission } from "./auth/staff-access.ts";
import type { HttpDeps } from "./http-deps.ts";

type BoardDeps = HttpDeps & { readonly basePath: string };

const PATH = "/console/queues";
/** Its markup styles itself inline; scripts come from here alone. */
const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'self'";
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const LOOK = requirePermission("ops.read", { of: "installation" });
const ACT = requirePermission("ops.act", { of: "installation" });

/** The dashboard at `/console/queues`, which leads to the one that somebody may use: `/look` changes nothing, `/act` does. */
export function bullBoard(deps: BoardDeps) {
  const { basePath } = deps;
  return async (app: FastifyInstance): Promise<void> => {
    app.addHook("onRoute", (route) => {
      const isSafe = [route.method].flat().every((method) => SAFE.has(method));
      route.config = { ...route.config, ...(isSafe && !route.url.startsWith(`${PATH}/act`) ? LOOK : ACT) };
    });
    // Its script gives back the token from the cookie, as axios does by itself.
    app.addHook("onRequest", async ({ headers }) => {
      const { "x-xsrf-token": token } = headers;
      if (typeof token === "string") headers["x-csrf-token"] = token;
    });
    guardStaffRoutes(app, deps);
    app.setErrorHandler((error: Error, _request, reply) => {
      const { status, body } = toAnswer(error);
      return reply.code(status).send(body);
    });
    app.addHook("onRequest", async (_request, reply) => void reply.header("content-security-policy", CONTENT_POLICY));
    app.addHook("onSend", async (request, reply, payload) => {
      if (payload === NOT_SIGNED_IN) {
        if (request.method !== "GET" || request.url.includes("/api/")) {
          reply.code(401);
          return payload;
        }
        reply.code(303).header("location", `${basePath}/console/sign-in?next=${encodeURIComponent(PATH)}`);
        return "";
      }
      const isPage = String(reply.getHeader("content-type") ?? "").startsWith("text/html");
      return isPage && typeof payload === "string" ? withoutStrangers(payload) : payload;
    });
    app.get(PATH, async (request, reply) => {
      const may = await mayEverywhere(deps, callerOf(request), "ops.act");
      return reply.redirect(`${basePath}${PATH}/${may ? "act" : "look"}`, 303);
    });
    await mountBoard(app, deps, "look");
    await mountBoard(app, deps, "act");
  };
}

/** What a request that failed is told: why it was turned away, and of a fault of ours nothing but that there was one. The board knows no 401. */
function toAnswer(error: Error): { status: 403 | 404 | 500; body: { error: string } } {
  if (!(error instanceof AccessDenied)) return { status: 500, body: { error: "That did not work" } };
  const { denial } = error;
  return { status: denial === "not-found" ? 404 : 403, body: { error: denial === "second-step" ? "sign-in" : denial } };
}

const NOT_SIGNED_IN = JSON.stringify({ error: "sign-in" });

/** Its page asks Google for letters: they are left out, because a stranger would learn who looks at the queues of a clinic, and when. */
function withoutStrangers(page: string): string {
  return page.replaceAll(/<link[^>]+href="https?:[^>]*>/g, "");
}

async function mountBoard(app: FastifyInstance, deps: BoardDeps, mode: "look" | "act"): Promise<void> {
  const path = `${PATH}/${mode}`;
  const server = new FastifyAdapter();
  server.setBasePath(deps.basePath + path);
  const board = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: { uiConfig: { boardTitle: mode === "look" ? "Queues (to look at)" : "Queues", hideRedisDetails: true, miscLinks: [] } },
  });
  server.setErrorHandler(toAnswer);
  const connect = connectOnce(async () => board.setQueues(await makeAdapters(deps.queues, mode)));
  await app.register(
    async (scope) => {
      scope.addHook("preHandler", connect);
      scope.addHook("preHandler", async (request, reply) => {
        // Readable for its script on purpose: it proves that the request was made by a page of ours.
        if (mode === "act" && SAFE.has(request.method))
          reply.header(
            "set-cookie",
            `XSRF-TOKEN=${csrfOf(request)}; Path=${deps.basePath}${path}; SameSite=Strict${isSecure(deps) ? "; Secure" : ""}`,
          );
        if (SAFE.has(request.method)) return;
        if (mode === "look") throw new AccessDenied("forbidden");
        await tellActed(deps, request);
      });
      await scope.register(server.registerPlugin());
    },
    { prefix: path },
  );
}

function isSecure({ config }: BoardDeps): boolean {
  return config.PUBLIC_BASE_URL.startsWith("https:");
}

/** Once it has worked; until then every request tries. */
function connectOnce(connect: () => Promise<void>): () => Promise<void> {
  let connected: Promise<void> | undefined;
  return () =>
    (connected ??= connect().catch((error: unknown) => {
      connected = undefined;
      throw error;
    }));
}

async function makeAdapters(queues: Pick<Queues, "controls">, mode: "look" | "act"): Promise<BullMQAdapter[]> {
  return Promise.all(
    QUEUE_NAMES.map(async (name) => {
      const queue = await queues.controls(name).whole();
      if (!isQueue(queue)) throw new Error(`${name} is no queue of BullMQ`);
      // Nobody stands in front of the queue that pages people, not even with a dashboard.
      const adapter = new BullMQAdapter(queue, { readOnlyMode: mode === "look" || name === NEVER_PAUSED });
      adapter.setFormatter("data", onlyIds);
      adapter.setFormatter("returnValue", onlyIds);
      return adapter;
    }),
  );
}

function isQueue(value: unknown): value is Queue {
  return typeof value === "object" && value !== null && "getJobs" in value && "metaValues" in value;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a job carries, with everything that is no id taken out of it. */
export function onlyIds(value: unknown): unknown {
  if (typeof value === "string") return ID.test(value) ? value : "(not shown)";
  if (Array.isArray(value)) return value.map(onlyIds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [/^[a-zA-Z]{1,30}$/.test(name) ? name : "(not shown)", onlyIds(each)]),
  );
}

async function tellActed({ db }: BoardDeps, request: FastifyRequest): Promise<void> {
  const { params, routeOptions } = request;
  const queue = typeof params === "object" && params !== null && "queueName" in params ? String(params.queueName) : null;
  const data = {
    queue: queue !== null && QUEUE_NAMES.includes(queue) ? queue : null,
    route: routeOptions.url?.slice(PATH.length) ?? null,
  };
  await transact(db, (tx) =>
    appendEvents(tx, [{ kind: "queue.board-used", clinicId: null, subjectId: QUEUES_ID, actor: actorOf(request), data }]),
  );
}
