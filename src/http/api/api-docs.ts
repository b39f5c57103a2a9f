/** The documentation of the API: `/docs` for people, `/docs/openapi.json` for programs. It says nothing that is secret. */
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { OPERATIONS } from "./operations.ts";
import { toOpenApi } from "./to-openapi.ts";

/** As strict as the page bears: its own scripts, its own styles and those it writes itself. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function apiDocs(publicBaseUrl: string) {
  return async (app: FastifyInstance): Promise<void> => {
    const document = toOpenApi(OPERATIONS, { serverUrl: `${publicBaseUrl.replace(/\/+$/, "")}/api/v1` });
    const text = JSON.stringify(document);
    await app.register(async (docs) => {
      docs.addHook("onSend", async (_request, reply) => void reply.header("content-security-policy", POLICY));
      docs.get("/docs/openapi.json", (_request, reply) => reply.type("application/json; charset=utf-8").send(text));
      await docs.register(swagger, { mode: "static", specification: { document: JSON.parse(text) } });
      await docs.register(swaggerUi, {
        routePrefix: "/docs",
        uiConfig: { docExpansion: "none", tryItOutEnabled: false, supportedSubmitMethods: [] },
      });
    });
  };
}
