/** Enqueues series as the command line does with a CSV: a process of its own beside the worker. */
import { z } from "zod";
import { readDatabaseConfig } from "../../src/config.ts";
import { type CoreDeps, openCore } from "../../src/deps.ts";
import { enqueueSeries } from "../../src/producers/enqueue-series.ts";
import { makeRequests, readBenchClinics } from "../stage/requests.ts";
import { moment, serve } from "./serve.ts";

const startInput = z.object({ env: z.record(z.string(), z.string()) });
const enqueueInput = z.object({ clinic: z.number(), first: z.number(), count: z.number() });

let deps: CoreDeps | undefined;

serve({
  start: async (input) => {
    deps = await openCore(readDatabaseConfig(startInput.parse(input).env));
    return {};
  },
  enqueue: async (input) => {
    const { clinic: index, first, count } = enqueueInput.parse(input);
    const clinic = (await readBenchClinics())[index];
    if (!deps || !clinic) throw new Error("Not started");
    const requests = makeRequests(clinic, { first, count });
    const startedAt = moment();
    const results = await enqueueSeries(deps, requests, { clinic: clinic.slug, actor: "staff:bench", second: "refuse" });
    const refused = results.find(({ kind }) => kind !== "enqueued");
    if (refused) throw new Error(`A series was refused: ${JSON.stringify(refused)}`);
    return { startedAt, finishedAt: moment() };
  },
});
