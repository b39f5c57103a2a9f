/** What load balancers and Prometheus ask: `/healthz`, `/readyz`, `/metrics`. None of it says anything about a person. */
import type { FastifyInstance } from "fastify";
import { makeReadinessCheck } from "../check-readiness.ts";
import type { HttpDeps } from "../http-deps.ts";
import { makeMetrics } from "../metrics.ts";
import { isNear } from "../near-addresses.ts";

/** `/metrics` answers only on the machine and in private networks: a proxy in front passes the reader's address on, and the world has no business in it. */
export function ops(deps: Pick<HttpDeps, "db" | "queues" | "log" | "config">) {
  return async (app: FastifyInstance): Promise<void> => {
    const checkReadiness = makeReadinessCheck(deps);
    const metrics = makeMetrics(deps);
    app.get("/healthz", () => ({ status: "ok" }));
    app.get("/readyz", async (_request, reply) => {
      const parts = await checkReadiness();
      const isReady = Object.values(parts).every((word) => word === "ok");
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ok" : "down", parts });
    });
    app.get("/metrics", async (request, reply) =>
      isNear(request.ip) ? reply.type(metrics.contentType).send(await metrics.read()) : reply.callNotFound(),
    );
  };
}
