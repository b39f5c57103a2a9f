/**
 * `/api/v1`: everything that staff and programs do, as the table of operations says, and its documentation at `/docs`. What all of it shares is here: who may ask,
 * how often, how large, how long, and how it is said that something was not done.
 */
import rateLimit from "@fastify/rate-limit";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { machineNow, monotonicMs } from "../../clock.ts";
import type { Instant } from "../../domain/calendar.ts";
import { AccessDenied, DENIALS } from "../auth/access-denied.ts";
import { guardStaffRoutes } from "../auth/staff-access.ts";
import { ApiProblem, sendApiProblem } from "../api/api-problem.ts";
import { apiDocs } from "../api/api-docs.ts";
import { OPERATIONS } from "../api/operations.ts";
import { readJson } from "../api/read-json.ts";
import { runOperation } from "../api/run-operation.ts";
import type { HttpDeps } from "../http-deps.ts";
import { makePageRate, type Rate } from "../page-rate.ts";

export const API_PREFIX = "/api/v1";

/** Requests a minute of one key, or of one person. */
const CALLS_A_MINUTE = 600;
/** Tries to sign in from one address: a clinic's whole staff comes from one, at eight in the morning. */
const SIGN_INS = { burst: 30, perSecond: 0.5, addresses: 10_000 };
const ANSWER_WITHIN_MS = 30_000;
const BODY_LIMIT_BYTES = 64 * 1024;
const TEXTS = ["text/csv", "text/calendar", "message/rfc822", "application/yaml"];

export type StaffApiOptions = { readonly now?: () => Instant; readonly callsAMinute?: number; readonly signInRate?: Rate };

export function staffApi(deps: HttpDeps, { now = machineNow, callsAMinute = CALLS_A_MINUTE, signInRate = SIGN_INS }: StaffApiOptions = {}) {
  const apiDeps = { ...deps, now };
  return async (app: FastifyInstance): Promise<void> => {
    await app.register(apiDocs(deps.config.PUBLIC_BASE_URL));
    await app.register(
      async (api) => {
        guardStaffRoutes(api, apiDeps);
        readBodies(api);
        api.setErrorHandler((error: FastifyError, _request, reply) => sayProblem(error, reply));
        api.setNotFoundHandler({ preHandler: [] }, (_request, reply) => sendApiProblem(reply, 404));
        await api.register(rateLimit, { max: callsAMinute, timeWindow: 60_000, keyGenerator: callerKey, errorResponseBuilder: tooOften });
        const takeSignIn = makePageRate(signInRate);
        for (const operation of OPERATIONS) {
          api.route({
            method: operation.method,
            url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
            config: { access: operation.access },
            bodyLimit: operation.bodyLimit ?? BODY_LIMIT_BYTES,
            handlerTimeout: ANSWER_WITHIN_MS,
            handler: async (request, reply) => {
              if (operation.access.to === "public") refuseMany(takeSignIn(request.ip, monotonicMs()));
              return runOperation(apiDeps, operation, { request, reply });
            },
          });
        }
      },
      { prefix: API_PREFIX },
    );
  };
}

function refuseMany(waitSeconds: number): void {
  if (waitSeconds > 0) throw new ApiProblem(429, { retryAfterSeconds: waitSeconds });
}

/** JSON, read strictly, and texts that a reader of their own takes apart. Packed bodies are not read. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) =>
    readJson(refusePacked(request, body)),
  );
  for (const type of TEXTS)
    app.addContentTypeParser(type, { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) =>
      refusePacked(request, body).toString("utf8"),
    );
}

function refusePacked({ headers }: FastifyRequest, body: Buffer): Buffer {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") throw new ApiProblem(415, { detail: "Expected a body that is not packed" });
  return body;
}

function callerKey({ staffAccess, ip }: FastifyRequest): string {
  if (!staffAccess) return `ip:${ip}`;
  const { caller } = staffAccess;
  return caller.kind === "key" ? `key:${caller.key.id}` : `staff:${caller.session.staffId}`;
}

function tooOften(_request: FastifyRequest, { ttl }: { ttl: number }): Error {
  return new ApiProblem(429, { retryAfterSeconds: Math.ceil(ttl / 1_000) });
}

function sayProblem(error: FastifyError | ApiProblem | AccessDenied, reply: FastifyReply): FastifyReply {
  if (error instanceof ApiProblem) return sendApiProblem(reply, error.statusCode, error.told);
  if (error instanceof AccessDenied) {
    if (error.statusCode === 401) reply.header("www-authenticate", "Bearer");
    return sendApiProblem(reply, error.statusCode, { title: DENIALS[error.denial].title, detail: error.denial });
  }
  const status = error.statusCode ?? 500;
  return sendApiProblem(reply, status >= 400 && status < 600 ? status : 500);
}
