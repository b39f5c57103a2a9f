/** Answers a request with an operation; once, however often it is repeated with the same Idempotency-Key. */
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { beginRequest, forgetRequest, type IdempotencyKey, keepAnswer, type KeptAnswer } from "../../db/idempotency-keys.ts";
import { checkPlainData } from "../../domain/check-plain-data.ts";
import { callerOf } from "../auth/staff-access.ts";
import { ApiProblem } from "./api-problem.ts";
import type { ApiDeps, Operation, Reply } from "./operation.ts";

/** Lets what is asked run, and answers it. Throws what it refuses. */
export async function runOperation(
  deps: ApiDeps,
  operation: Operation,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
) {
  refuseOtherMedia(operation, request);
  const id = readKey(operation, request);
  if (id === undefined) return send(reply, operation, toAnswer(await operation.run(deps, request)));
  const { db, vault } = deps;
  const begun = await beginRequest(db, id, { hash: hashRequest(request), vault });
  switch (begun.kind) {
    case "answered":
      return send(reply.header("idempotent-replayed", "true"), operation, begun.answer);
    case "other-request":
      throw new ApiProblem(422, { faults: [{ path: "Idempotency-Key", expected: "a key that was not used for another request" }] });
    case "under-way":
      throw new ApiProblem(409, { detail: "The request with this Idempotency-Key is still under way", retryAfterSeconds: 1 });
    case "begun": {
      const answer = await runOnce(deps, { operation, request, id });
      return send(reply, operation, answer);
    }
  }
}

type Once = { readonly operation: Operation; readonly request: FastifyRequest; readonly id: IdempotencyKey };

/** What was refused did nothing, so that the key is free for the request put right. */
async function runOnce(deps: ApiDeps, { operation, request, id }: Once): Promise<KeptAnswer> {
  let done: Reply<unknown>;
  try {
    done = await operation.run(deps, request);
  } catch (error) {
    await forgetRequest(deps.db, id);
    throw error;
  }
  const answer = toAnswer(done);
  // A cookie is not kept: a repeat of signing in signs nobody in.
  await keepAnswer(deps.db, id, { answer, vault: deps.vault });
  return { ...answer, ...(done.setCookie !== undefined && { setCookie: done.setCookie }) };
}

type Answered = KeptAnswer & { readonly setCookie?: string };

function toAnswer({ body, status = 200, revision, setCookie }: Reply<unknown>): Answered {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, body: text ?? "", etag: revision === undefined ? null : `"${revision}"`, ...(setCookie !== undefined && { setCookie }) };
}

function send(reply: FastifyReply, { status, answers }: Operation, answer: Answered): FastifyReply {
  if (answer.etag !== null) reply.header("etag", answer.etag);
  if (answer.setCookie !== undefined) reply.header("set-cookie", answer.setCookie);
  const code = answer.status === 200 ? (status ?? 200) : answer.status;
  if (code === 204) return reply.code(code).send();
  return reply
    .code(code)
    .type(`${answers ?? "application/json"}; charset=utf-8`)
    .send(answer.body);
}

/** Texts that are not JSON are read by a reader of their own, which has limits of its own. */
function refuseOtherMedia({ takes, body, bodyLimit }: Operation, { headers, body: sent }: FastifyRequest): void {
  if (body === null || sent === undefined) return;
  const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const taken = takes ?? ["application/json"];
  if (!taken.includes(type)) throw new ApiProblem(415, { detail: `Expected ${taken.join(" or ")}` });
  if (type !== "application/json" || bodyLimit !== undefined) return;
  const faults = checkPlainData(sent);
  if (faults.length > 0) throw new ApiProblem(422, { faults });
}

const KEY = /^[\x21-\x7e]{1,255}$/;

function readKey({ method, access }: Operation, request: FastifyRequest): IdempotencyKey | undefined {
  const header = request.headers["idempotency-key"];
  if (header === undefined || method === "GET" || access.to !== "permitted") return undefined;
  if (typeof header !== "string" || !KEY.test(header))
    throw new ApiProblem(422, { faults: [{ path: "Idempotency-Key", expected: "1 to 255 visible ASCII characters" }] });
  const caller = callerOf(request);
  return { caller: caller.kind === "key" ? `key:${caller.key.id}` : `staff:${caller.session.staffId}`, key: header };
}

function hashRequest({ method, url, body, headers }: FastifyRequest): Buffer {
  const content = typeof body === "string" ? body : (JSON.stringify(body) ?? "");
  return createHash("sha256")
    .update([method, url, headers["if-match"] ?? "", content].join("\n"))
    .digest();
}
