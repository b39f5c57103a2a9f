/**
 * What the API says when it does not do what it was asked: RFC 9457, with the path of every field that is wrong and what would be right. Values that were sent are
 * never said back, because answers are logged by others, and a value may be somebody's phone.
 */
import { STATUS_CODES } from "node:http";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { Fault } from "../../domain/fault.ts";

export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    correlationId: z.string().meta({ description: "The log has the rest under it." }),
    detail: z.string().optional(),
    faults: z
      .array(z.strictObject({ path: z.string(), expected: z.string() }))
      .optional()
      .meta({ description: "Everything that is wrong, at once." }),
  })
  .meta({ id: "Problem" });

type Told = { readonly title?: string; readonly detail?: string; readonly faults?: readonly Fault[]; readonly retryAfterSeconds?: number };

export class ApiProblem extends Error {
  readonly statusCode: number;
  readonly code = "API_PROBLEM";
  readonly told: Told;
  constructor(statusCode: number, told: Told = {}) {
    super(told.detail ?? told.title ?? STATUS_CODES[statusCode] ?? "Error");
    this.name = "ApiProblem";
    this.statusCode = statusCode;
    this.told = told;
  }
}

export function sendApiProblem(reply: FastifyReply, status: number, { title, detail, faults, retryAfterSeconds }: Told = {}): FastifyReply {
  const problem: z.input<typeof problemSchema> = {
    type: "about:blank",
    title: title ?? STATUS_CODES[status] ?? "Error",
    status,
    correlationId: reply.request.id,
    ...(detail !== undefined && { detail }),
    ...(faults !== undefined && { faults: faults.map(({ path, expected }) => ({ path, expected: withoutCommands(expected) })) }),
  };
  if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
  return reply.code(status).type("application/problem+json").send(JSON.stringify(problem));
}

/** Faults are written for both doors; a program has no use for a command of the terminal. */
export function withoutCommands(expected: string): string {
  return expected.replaceAll(/ \((?:afterglow |staff )[^)]*\)/g, "");
}

/** The state that something is in keeps it from being done, not what was sent. */
const STATES = /(?:^|\.)status$|^(?:task|alert|touchpoint|closure|reply|invitation|incident)$/;

/** A refusal of a producer as the answer of HTTP: somebody else was faster (412), it cannot be done now (409), or what was sent is wrong (422). */
export function toProblem(faults: readonly Fault[]): ApiProblem {
  const [first] = faults;
  if (first?.path === "revision") return new ApiProblem(412, { faults });
  return new ApiProblem(faults.length === 1 && first && STATES.test(first.path) ? 409 : 422, { faults });
}
