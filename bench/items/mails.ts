/** Mails through the real channel to a raw TCP sink, in windows as the worker claims them. Against R2. */
import { z } from "zod";
import { type CpuSplit, meanSplit, sayBound, toRates } from "../measure.ts";
import { compare } from "../results.ts";
import { startWorkerProcess } from "../stage/worker-process.ts";
import type { Benchmark } from "./benchmark.ts";

const BAR = 0.8;
const CONNECTIONS = 20;
const ms = z.object({ ms: z.number() });
const counts = z.object({ mails: z.number(), bytes: z.number() });

export const mails: Benchmark = {
  name: "mails",
  run: async (stage) => {
    const backend = stage.backends[0] ?? "postgres";
    const sink = stage.start("smtp-sink");
    const { port } = await sink.ask("start", {}, z.object({ port: z.number() }));
    const nodemailer = stage.start("nodemailer-pool");
    await nodemailer.ask("start", { port, connections: CONNECTIONS }, z.object({}));
    const worker = await startWorkerProcess(stage, await stage.openPlace("mails", backend), {
      transport: "real",
      env: { SMTP_URL: `smtp://127.0.0.1:${port}`, SMTP_CONNECTIONS: String(CONNECTIONS) },
      others: { sink: sink.pid },
    });
    const nodemailerRound = async (mails: number) => (mails / (await nodemailer.ask("send", { mails }, ms)).ms) * 1_000;
    await nodemailerRound(200);
    await worker.sendRound("email", 500);
    const [ours, reference]: [number[], number[]] = [[], []];
    const splits: CpuSplit[] = [];
    let size = 0;
    for (let round = 0; round < stage.scale.rounds; round++) {
      reference.push(await nodemailerRound(stage.scale.mails));
      const before = await sink.ask("counts", {}, counts);
      const { perSecond, split } = await worker.sendRound("email", stage.scale.mails);
      const after = await sink.ask("counts", {}, counts);
      if (after.mails - before.mails !== stage.scale.mails)
        throw new Error(`The sink took ${after.mails - before.mails} mails of ${stage.scale.mails}`);
      size = (after.bytes - before.bytes) / stage.scale.mails;
      ours.push(perSecond);
      splits.push(split);
    }
    await worker.stop();
    const compared = compare({ name: "mails", backend, unit: "mails/s" }, { ours: toRates(ours), reference: toRates(reference), bar: BAR });
    const conditions = `each mail ${Math.round(size / 1_024)} kB with HTML, text and, before a session, its invitation; the reference's is 10 kB of HTML and 1 kB of text`;
    return [{ ...compared, conditions, bound: sayBound(meanSplit(splits)) }];
  },
};
