/** The send path with the transport stubbed: load, open, render, claim, record; hints of 200 through the queue. Against R1. */
import { z } from "zod";
import { type CpuSplit, meanSplit, sayBound, toRates } from "../measure.ts";
import { compare, type Finding } from "../results.ts";
import type { Backend, Stage } from "../stage/open-stage.ts";
import { startWorkerProcess, type WorkerProcess } from "../stage/worker-process.ts";
import type { Benchmark } from "./benchmark.ts";

const BAR = 0.5;
const ms = z.object({ ms: z.number() });
const CHANNELS = ["email", "sms"] as const;

type Series = { backend: Backend; channel: (typeof CHANNELS)[number]; worker: WorkerProcess; rates: number[]; splits: CpuSplit[] };

export const send: Benchmark = {
  name: "send",
  run: async (stage) => {
    const noop = await startNoop(stage);
    const series: Series[] = [];
    for (const backend of stage.backends) {
      const worker = await startWorkerProcess(stage, await stage.openPlace(`send_${backend}`, backend), { transport: "stub" });
      for (const channel of CHANNELS) series.push({ backend, channel, worker, rates: [], splits: [] });
    }
    for (const { worker, channel } of series) await worker.sendRound(channel, 500);
    const reference: number[] = [];
    for (let round = 0; round < stage.scale.rounds; round++) {
      if (noop) reference.push(await noop());
      for (const { worker, channel, rates, splits } of series) {
        const { perSecond, split } = await worker.sendRound(channel, stage.scale.sends);
        rates.push(perSecond);
        splits.push(split);
      }
    }
    for (const worker of new Set(series.map((each) => each.worker))) await worker.stop();
    return series.map((each) => toFinding(each, reference));
  },
};

function toFinding({ backend, channel, rates, splits }: Series, reference: readonly number[]): Finding {
  const figure = { name: `send-${channel}-stub`, backend, unit: "touchpoints/s" };
  const compared = compare(figure, { ours: toRates(rates), reference: reference.length > 0 ? toRates(reference) : undefined, bar: BAR });
  return { ...compared, conditions: "", bound: sayBound(meanSplit(splits)) };
}

/** R1, or undefined without Redis. */
async function startNoop(stage: Stage): Promise<(() => Promise<number>) | undefined> {
  const redisUrl = stage.redisUrl("noop");
  if (redisUrl === undefined) return undefined;
  const child = stage.start("noop-bullmq");
  await child.ask("start", { redisUrl }, z.object({}));
  const jobs = stage.scale.noopJobs;
  const work = async (count: number) => (count / (await child.ask("work", { jobs: count }, ms)).ms) * 1_000;
  await work(1_000);
  return () => work(jobs);
}
