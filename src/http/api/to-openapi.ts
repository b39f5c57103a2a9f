/** The documentation of the API as OpenAPI 3.1, from the table of operations: what is documented is what runs. */
import { z } from "zod";
import { SCOPES } from "../../domain/roles.ts";
import { VERSION } from "../../version.ts";
import { problemSchema } from "./api-problem.ts";
import type { Operation } from "./operation.ts";

type Json = { [key: string]: unknown };

export function toOpenApi(operations: readonly Operation[], { serverUrl }: { serverUrl: string }): Json {
  const schemas: Json = {};
  const paths: { [path: string]: Json } = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(operation, schemas);
  toSchema(problemSchema, "output", schemas);
  return {
    openapi: "3.1.0",
    info: { title: "Afterglow", version: VERSION, description: ABOUT },
    servers: [{ url: serverUrl }],
    tags: [...new Set(operations.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "A program's key: `Authorization: Bearer key_….…`" },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-afterglow-staff",
          description: "Somebody signed in; changes need X-CSRF-Token too.",
        },
      },
      responses: { Problem: { description: "It was not done: why (RFC 9457).", content: problemContent } },
    },
  };
}

const problemContent = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };

const ABOUT = `Everything that staff do, for programs.

**Keys** have scopes (${SCOPES.map((scope) => `\`${scope}\``).join(", ")}) at one clinic and run out; two of one name may be good at a time, so that they can be changed without a gap. What belongs to another clinic is not found.

**Changes** answer what follows from them, touchpoint by touchpoint; \`?dryRun=true\` shows it and stores nothing. Send the ETag that you saw as \`If-Match\`: when somebody else was faster the answer is 412 and nothing is done. Send an \`Idempotency-Key\` and repeat as often as you like for a day: the same request is answered with the same answer (\`Idempotent-Replayed: true\`), another with the same key is refused with 422, one that is under way with 409.

**Lists** come in pages: ask again with \`after\` set to \`next\`, until it is null.

**Problems** are RFC 9457, with the path of everything that is wrong. Moments are ISO 8601 in UTC; local times are what the wall shows in the zone beside them.`;

function tagOf({ id }: Operation): string {
  return id.split(".")[0] ?? id;
}

function describe(operation: Operation, schemas: Json): Json {
  const { id, summary, detail, command, body, takes, access, method } = operation;
  const rule = access.to === "permitted" ? access : undefined;
  const isKeyed = rule !== undefined && SCOPES.some((scope) => scope === rule.permission) && !rule.fresh;
  const told = [
    detail,
    rule && `Needs \`${rule.permission}\`${rule.of === "installation" ? " at every clinic" : ""}.`,
    rule?.fresh && "Password and code must have been given within the last five minutes.",
    rule && !isKeyed && "For people: no key can have this.",
    command && `On the terminal: \`afterglow ${command}\`.`,
  ];
  return {
    operationId: id,
    tags: [tagOf(operation)],
    summary,
    description: told.filter(Boolean).join("\n\n"),
    security: access.to === "public" ? [] : [...(isKeyed || access.to === "caller" ? [{ key: [] }] : []), { session: [] }],
    parameters: [...parametersOf(operation.params, "path"), ...parametersOf(operation.query, "query"), ...headersOf(operation)],
    ...(body && method !== "GET" && { requestBody: { required: true, content: bodyContent(body, takes, schemas) } }),
    responses: responsesOf(operation, schemas),
    ...(rule && { "x-permission": rule.permission }),
  };
}

function bodyContent(body: z.ZodType, takes: readonly string[] | undefined, schemas: Json): Json {
  const schema = takes ? { type: "string" } : toSchema(body, "input", schemas);
  return Object.fromEntries((takes ?? ["application/json"]).map((type) => [type, { schema }]));
}

function responsesOf({ answer, answers = "application/json", status = 200, ifMatch }: Operation, schemas: Json): Json {
  const schema =
    answers === "application/json" || answers === "application/fhir+json" ? toSchema(answer, "output", schemas) : { type: "string" };
  const headers = ifMatch ? { headers: { ETag: { schema: { type: "string" }, description: "The revision after the change." } } } : {};
  return {
    [status]: { description: "Done.", ...headers, ...(status === 204 ? {} : { content: { [answers]: { schema } } }) },
    default: { $ref: "#/components/responses/Problem" },
  };
}

function parametersOf(schema: z.ZodType, place: "path" | "query"): Json[] {
  const { properties, required } = z
    .strictObject({ properties: z.record(z.string(), z.unknown()).default({}), required: z.array(z.string()).default([]) })
    .loose()
    .parse(toSchema(schema, "input", {}));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

function headersOf({ method, ifMatch, access }: Operation): Json[] {
  const header = (name: string, description: string) => ({ name, in: "header", required: false, schema: { type: "string" }, description });
  return [
    ...(method !== "GET" && access.to === "permitted" ? [header("Idempotency-Key", "Makes a repeat harmless.")] : []),
    ...(ifMatch ? [header("If-Match", 'The ETag that was seen, such as "4".')] : []),
  ];
}

/** Schemas with an id stand once, in the components. */
function toSchema(schema: z.ZodType, io: "input" | "output", schemas: Json): Json {
  const { $defs = {}, $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any", target: "draft-2020-12" });
  for (const [name, definition] of Object.entries($defs)) schemas[name] = relink(definition);
  const { id, ...own } = rest;
  if (typeof id !== "string") return relink(own);
  schemas[id] = relink(own);
  return { $ref: `#/components/schemas/${id}` };
}

function relink(value: unknown): Json {
  const text = JSON.stringify(value, (key, inner: unknown) =>
    key === "id" && typeof inner === "string" && /^[A-Z]/.test(inner) ? undefined : inner,
  );
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')));
}
