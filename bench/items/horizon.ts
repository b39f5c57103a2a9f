/** Nothing waits in the queue beyond the horizon: the rows hold the schedule. */
import { setTimeout as rest } from "node:timers/promises";
import { z } from "zod";
import { type Finding, holdTo } from "../results.ts";
import { sendEmail, sendSms } from "../../src/queues/send-hints.ts";
import { addDue } from "../stage/due.ts";
import type { Backend, Stage } from "../stage/open-stage.ts";
import { startWorkerProcess } from "../stage/worker-process.ts";
import type { Benchmark } from "./benchmark.ts";

const HORIZON_MS = 60_000;
const EACH = 500;

export const horizon: Benchmark = {
  name: "horizon",
  run: async (stage) => {
    const findings: Finding[] = [];
    for (const backend of stage.backends) findings.push(await measure(stage, backend));
    return findings;
  },
};

/** Half of the near rows lie within the horizon and half beyond it; a minute's sweeps are not waited for, three are. */
async function measure(stage: Stage, backend: Backend): Promise<Finding> {
  const place = await stage.openPlace(`horizon_${backend}`, backend);
  const within = { count: EACH, startsInMs: 30_000, overMs: 25_000, hints: "to-be-hinted" } as const;
  for (const channel of ["email", "sms"] as const) {
    await addDue(place.pool, stage.series, { channel, ...within });
    await addDue(place.pool, stage.series, { channel, ...within, startsInMs: HORIZON_MS + 20_000 });
  }
  const worker = await startWorkerProcess(stage, place, { transport: "stub" });
  await rest(4_000);
  const jobs = (
    await Promise.all([sendEmail, sendSms].map(async (contract) => waiting(await worker.queues.queue(contract).counts())))
  ).reduce((a, b) => a + b, 0);
  const { rows } = await place.pool.query<{ near: string; standing: string }>(`
    select count(*) filter (where try_at <= now() + interval '60 seconds') as near, count(*) as standing
    from touchpoints where state in ('planned', 'sending') and channel in ('email', 'sms')`);
  await worker.stop();
  const { near, standing } = z.object({ near: z.coerce.number(), standing: z.coerce.number() }).parse(rows[0]);
  const result = holdTo({ name: "horizon", backend, value: jobs, unit: "jobs" }, { bar: near, good: "at-most" });
  return {
    result: { ...result, ok: result.ok === true && jobs > 0 },
    spread: "",
    conditions: `${standing.toLocaleString("en-US")} mails and texts standing, ${near.toLocaleString("en-US")} of them due within 60 s, which is the bar`,
    bound: "the rows due within the horizon: a row with a moment of its own has a hint of its own",
  };
}

const FINISHED: ReadonlySet<string> = new Set(["completed", "failed"]);

function waiting(counts: Record<string, number>): number {
  return Object.entries(counts).reduce((sum, [state, count]) => sum + (FINISHED.has(state) ? 0 : count), 0);
}
