/** Series of new patients from a CSV's batches to durable touchpoints: the producer in its own process, planned by one worker. Against R3; R4 beside it. */
import { setTimeout as rest } from "node:timers/promises";
import { z } from "zod";
import { type CpuSplit, meanSplit, sayBound, toRates } from "../measure.ts";
import { moment } from "../processes/serve.ts";
import { compare, type Finding, holdTo } from "../results.ts";
import type { Child } from "../stage/child.ts";
import type { Backend, Place, Stage } from "../stage/open-stage.ts";
import { startWorkerProcess, type WorkerProcess } from "../stage/worker-process.ts";
import type { Benchmark } from "./benchmark.ts";

const BAR = 0.5;
const OF = 24;
const AT_ONCE = 16;
const CLINICS = 3;
/** Chart numbers of the stage's own patients end below. */
const FIRST_REF = 10_000;
const ms = z.object({ ms: z.number() });
const span = z.object({ startedAt: z.number(), finishedAt: z.number() });

type Line = {
  backend: Backend;
  place: Place;
  worker: WorkerProcess;
  producer: Child;
  enqueued: number;
  rates: number[];
  splits: CpuSplit[];
};

export const enqueue: Benchmark = {
  name: "enqueue",
  run: async (stage) => {
    const { scale } = stage;
    const [bulks, inserts] = [await startBulks(stage), await startInserts(stage)];
    const lines: Line[] = [];
    for (const backend of stage.backends) lines.push(await startLine(stage, backend));
    for (const line of lines) await enqueueRound(stage, line, 60);
    const [added, inserted]: [number[], number[]] = [[], []];
    for (let round = 0; round < scale.rounds; round++) {
      if (bulks) added.push(await bulks(scale.bulks));
      inserted.push(await inserts(scale.inserts));
      for (const line of lines) {
        const { perSecond, split } = await enqueueRound(stage, line, scale.series);
        line.rates.push(perSecond);
        line.splits.push(split);
      }
    }
    for (const { worker } of lines) await worker.stop();
    return [...lines.map((line) => toFinding(line, added, stage.perSeries)), toInsertFinding(inserted)];
  },
};

function toFinding({ backend, rates, splits }: Line, added: readonly number[], perSeries: number): Finding {
  const reference = added.length > 0 ? toRates(added) : undefined;
  const compared = compare({ name: "enqueue", backend, unit: "touchpoints/s" }, { ours: toRates(rates), reference, bar: BAR });
  return {
    ...compared,
    conditions: `series of ${perSeries} touchpoints, each of a new patient; from the call of enqueueSeries to the last plan's commit`,
    bound: sayBound(meanSplit(splits)),
  };
}

function toInsertFinding(inserted: readonly number[]): Finding {
  const { median, least, most } = toRates(inserted);
  const result = holdTo({ name: "enqueue-r4", backend: null, value: median, unit: "rows/s" }, { bar: null, good: "at-least" });
  return {
    result,
    spread: `${Math.round(least)}-${Math.round(most)}`,
    conditions: "",
    bound: "PostgreSQL: bare rows of 183 bytes with one index, for orientation",
  };
}

async function startLine(stage: Stage, backend: Backend): Promise<Line> {
  const place = await stage.openPlace(`enqueue_${backend}`, backend);
  const producer = stage.start("producer");
  await producer.ask("start", { env: place.env }, z.object({}));
  const worker = await startWorkerProcess(stage, place, { transport: "stub", others: { producer: producer.pid } });
  return { backend, place, worker, producer, enqueued: 0, rates: [], splits: [] };
}

/** One clinic a call, as a file belongs to one clinic. */
async function enqueueRound({ perSeries }: Stage, line: Line, count: number): Promise<{ perSecond: number; split: CpuSplit }> {
  const { producer, place, worker } = line;
  const first = FIRST_REF + line.enqueued;
  const clinic = Math.floor(line.enqueued / count) % CLINICS;
  line.enqueued += count;
  const done = worker.watch();
  const { startedAt } = await producer.ask("enqueue", { clinic, first, count }, span);
  await waitUntilPlanned(place);
  const finishedAt = moment();
  return { perSecond: ((count * perSeries) / (finishedAt - startedAt)) * 1_000, split: done() };
}

async function waitUntilPlanned({ pool }: Place): Promise<void> {
  for (;;) {
    // In the order of an index: asked without it, every patient there is is read each time, and that is a seventh of what PostgreSQL does meanwhile.
    const { rows } = await pool.query("select 1 from patients where plan_revision <> planned_revision order by unplanned_since limit 1");
    if (rows.length === 0) return;
    await rest(3);
  }
}

/** R3, or undefined without Redis. */
async function startBulks(stage: Stage): Promise<((bulks: number) => Promise<number>) | undefined> {
  const redisUrl = stage.redisUrl("noop");
  if (redisUrl === undefined) return undefined;
  const child = stage.start("noop-bullmq");
  await child.ask("start", { redisUrl }, z.object({}));
  const add = async (bulks: number) => ((bulks * OF) / (await child.ask("add", { bulks, of: OF, atOnce: AT_ONCE }, ms)).ms) * 1_000;
  await add(100);
  return add;
}

async function startInserts(stage: Stage): Promise<(statements: number) => Promise<number>> {
  const place = await stage.openPlace("inserts", "postgres");
  const child = stage.start("unnest-insert");
  await child.ask("start", { databaseUrl: place.env["DATABASE_URL"], atOnce: AT_ONCE }, z.object({}));
  const insert = async (statements: number) => ((statements * OF) / (await child.ask("insert", { statements, of: OF }, ms)).ms) * 1_000;
  await insert(100);
  return insert;
}
