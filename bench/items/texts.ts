/** Texts through the real channel to the local Twilio API, which runs in a process of its own. Against R5. */
import { z } from "zod";
import { type CpuSplit, meanSplit, sayBound, toRates, watchCpu } from "../measure.ts";
import { compare } from "../results.ts";
import { startWorkerProcess } from "../stage/worker-process.ts";
import type { Benchmark } from "./benchmark.ts";

const BAR = 0.6;
const CONNECTIONS = 20;
const ms = z.object({ ms: z.number() });
const count = z.object({ count: z.number() });

export const texts: Benchmark = {
  name: "texts",
  run: async (stage) => {
    const backend = stage.backends[0] ?? "postgres";
    const api = stage.start("twilio-api");
    const { url } = await api.ask("start", stage.account, z.object({ url: z.string() }));
    const sdk = stage.start("twilio-sdk");
    await sdk.ask("start", { ...stage.account, url, connections: CONNECTIONS }, z.object({}));
    const worker = await startWorkerProcess(stage, await stage.openPlace("texts", backend), {
      transport: "real",
      env: { TWILIO_API_BASE_URL: url, TWILIO_CONNECTIONS: String(CONNECTIONS) },
      others: { api: api.pid },
    });
    const sdkRound = async (texts: number) => {
      const done = watchCpu({ sdk: sdk.pid, api: api.pid });
      const took = (await sdk.ask("send", { texts }, ms)).ms;
      const split = done();
      await api.ask("clear", {}, count);
      return { perSecond: (texts / took) * 1_000, split };
    };
    await sdkRound(500);
    await worker.sendRound("sms", 500);
    const [ours, reference]: [number[], number[]] = [[], []];
    const [splits, sdkSplits]: [CpuSplit[], CpuSplit[]] = [[], []];
    for (let round = 0; round < stage.scale.rounds; round++) {
      const sdks = await sdkRound(stage.scale.texts);
      reference.push(sdks.perSecond);
      sdkSplits.push(sdks.split);
      await api.ask("clear", {}, count);
      const { perSecond, split } = await worker.sendRound("sms", stage.scale.texts);
      const taken = await api.ask("clear", {}, count);
      if (taken.count !== stage.scale.texts) throw new Error(`The API took ${taken.count} texts of ${stage.scale.texts}`);
      ours.push(perSecond);
      splits.push(split);
    }
    await worker.stop();
    const compared = compare({ name: "texts", backend, unit: "texts/s" }, { ours: toRates(ours), reference: toRates(reference), bar: BAR });
    return [{ ...compared, conditions: `the reference is bound by ${sayBound(meanSplit(sdkSplits))}`, bound: sayBound(meanSplit(splits)) }];
  },
};
