/** Errors for programs, as RFC 9457: what kind it was and the correlation id under which the log has the rest. Never what was asked, never why in detail. */
import { STATUS_CODES } from "node:http";
import type { FastifyReply } from "fastify";

export function sendProblem(reply: FastifyReply, status: number): FastifyReply {
  const problem = { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, correlationId: reply.request.id };
  return reply.code(status).type("application/problem+json").send(JSON.stringify(problem));
}
