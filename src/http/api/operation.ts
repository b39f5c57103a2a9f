/**
 * One thing that the API does: where it is asked, who may ask, what it takes and answers, and how it is done. The list of these drives the routes, the
 * documentation and the tests of who may do what; there is no other way to add a route.
 */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Fault } from "../../domain/fault.ts";
import { addIssue } from "../../domain/add-issue.ts";
import { faultList } from "../../domain/fault-list.ts";
import type { ChangeOptions } from "../../producers/change-facts.ts";
import { type AccessRule, actorOf } from "../auth/staff-access.ts";
import type { HttpDeps } from "../http-deps.ts";
import type { Instant } from "../../domain/calendar.ts";
import { ApiProblem } from "./api-problem.ts";

export type ApiDeps = HttpDeps & { readonly now: () => Instant };

export type Reply<Body> = {
  readonly body: Body;
  /** 200 if left out. */
  readonly status?: number;
  /** The revision that a later edit names in If-Match. */
  readonly revision?: number;
  readonly setCookie?: string;
};

/** What was asked, read and trusted. */
export type Ask<Params, Query, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Who asks, whether it is a dry run, and the revision of If-Match: what every change takes. */
  readonly options: ChangeOptions;
  readonly request: FastifyRequest;
};

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type About = {
  /** Noun and verb, such as `series.pause`. */
  readonly id: string;
  readonly method: Method;
  /** Below `/api/v1`, with `{parameters}`. */
  readonly path: string;
  readonly summary: string;
  readonly detail?: string;
  /** The command of the terminal that does the same; null when there is none. */
  readonly command: string | null;
  readonly access: AccessRule;
  /** `?dryRun=true` shows what would follow and stores nothing. */
  readonly dryRun?: true;
  /** If-Match is read: a revision that is not the present one is refused with 412. */
  readonly ifMatch?: true;
  /** What is sent, if not JSON: a text, as one of these. */
  readonly takes?: readonly string[];
  /** What is answered, if not JSON. */
  readonly answers?: "application/json" | "text/plain" | "application/fhir+json" | "text/csv";
  /** Bytes; 64 kB if left out. */
  readonly bodyLimit?: number;
  /** 200 if left out. */
  readonly status?: 200 | 201 | 204;
};

export type Spec<P extends z.ZodType, Q extends z.ZodObject, B extends z.ZodType, A> = About & {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly answer: z.ZodType<A>;
};

type Handle<P extends z.ZodType, Q extends z.ZodObject, B extends z.ZodType, A> = (
  deps: ApiDeps,
  ask: Ask<z.output<P>, z.output<Q>, z.output<B>>,
) => Promise<Reply<A>>;

export type Operation = About & {
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly body: z.ZodType | null;
  readonly answer: z.ZodType;
  /** Reads what was sent, all faults at once, and does it. */
  run(deps: ApiDeps, request: FastifyRequest): Promise<Reply<unknown>>;
};

/** What an operation takes that takes nothing; to be spread into it first. */
export const bare = { params: z.strictObject({}), query: z.strictObject({}), body: z.undefined() };

const dryRunQuery = {
  dryRun: z.enum(["true", "false"]).optional().meta({ description: "true: shows what would follow, and stores nothing." }),
};

/** Takes what an operation is about, then how it is done: typed by the schemas that it is read and answered with. */
export function operation<P extends z.ZodType, Q extends z.ZodObject, B extends z.ZodType, A>(
  spec: Spec<P, Q, B, A>,
): (handle: Handle<P, Q, B, A>) => Operation {
  const hasBody = !(spec.body instanceof z.ZodUndefined);
  return (handle) => ({
    ...spec,
    query: spec.dryRun ? spec.query.extend(dryRunQuery) : spec.query,
    body: hasBody ? spec.body : null,
    run: async (deps, request) => {
      const faults: Fault[] = [];
      const { dryRun, rest } = spec.dryRun ? takeDryRun(request.query, faults) : { dryRun: false, rest: request.query };
      const ifRevision = spec.ifMatch ? readIfMatch(request.headers["if-match"], faults) : null;
      const params = read(spec.params, request.params, { prefix: "", faults });
      const query = read(spec.query, rest, { prefix: "query.", faults });
      const body = read(spec.body, hasBody ? request.body : undefined, { prefix: "", faults });
      if (!params.success || !query.success || !body.success || faults.length > 0) throw new ApiProblem(422, { faults });
      const actor = spec.access.to === "public" ? "nobody" : actorOf(request);
      const ask = { params: params.data, query: query.data, body: body.data, options: { actor, dryRun, ifRevision }, request };
      return handle(deps, ask);
    },
  });
}

type Into = { readonly prefix: string; readonly faults: Fault[] };

function read<S extends z.ZodType>(schema: S, input: unknown, { prefix, faults }: Into): z.ZodSafeParseResult<z.output<S>> {
  const result = schema.safeParse(input);
  const list = faultList();
  if (!result.success) for (const issue of result.error.issues) addIssue(list, { issue, input, findKnownKeys: () => keysOf(schema) });
  faults.push(...list.faults.map((fault) => ({ ...fault, path: fault.path.startsWith("(") ? fault.path : prefix + fault.path })));
  return result;
}

function keysOf(schema: z.ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function takeDryRun(query: unknown, faults: Fault[]): { readonly dryRun: boolean; readonly rest: unknown } {
  const { dryRun, ...rest } = Object.fromEntries(Object.entries(typeof query === "object" && query !== null ? query : {}));
  if (dryRun !== undefined && dryRun !== "true" && dryRun !== "false") faults.push({ path: "query.dryRun", expected: "true or false" });
  return { dryRun: dryRun === "true", rest };
}

/** `"4"`, as ETag gives it; `*` is any. */
function readIfMatch(header: string | undefined, faults: Fault[]): number | null {
  if (header === undefined || header.trim() === "*") return null;
  const [, revision] = /^\s*(?:W\/)?"(\d{1,9})"\s*$/.exec(header) ?? [];
  if (revision === undefined) faults.push({ path: "If-Match", expected: 'the ETag of an earlier answer, such as "4"' });
  return revision === undefined ? null : Number(revision);
}
