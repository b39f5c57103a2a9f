/** Lateness at 167 touchpoints a second: sweeps and delayed hints as they are in life, the transport stubbed. */
import { setTimeout as rest } from "node:timers/promises";
import { sayBound } from "../measure.ts";
import { type Finding, holdTo } from "../results.ts";
import { addDue } from "../stage/due.ts";
import type { Backend, Stage } from "../stage/open-stage.ts";
import { startWorkerProcess } from "../stage/worker-process.ts";
import type { Benchmark } from "./benchmark.ts";

const PER_SECOND = 167;
const BARS = { p50: 20, p99: 60 } as const;
/** Time for the sweeps to hint the first ones. */
const AHEAD_MS = 4_000;

export const lateness: Benchmark = {
  name: "lateness",
  run: async (stage) => {
    const findings: Finding[] = [];
    for (const backend of stage.backends) findings.push(...(await measure(stage, backend)));
    return findings;
  },
};

async function measure(stage: Stage, backend: Backend): Promise<Finding[]> {
  const { latenessMs } = stage.scale;
  const place = await stage.openPlace(`lateness_${backend}`, backend);
  const worker = await startWorkerProcess(stage, place, { transport: "stub" });
  // Warm: the first message of a process compiles its templates.
  await worker.sendRound("email", 100);
  await worker.sendRound("sms", 100);
  await place.pool.query("truncate deliveries");
  const count = Math.round((PER_SECOND * latenessMs) / 1_000);
  const [emails, texts] = [Math.floor(count / 2), count - Math.floor(count / 2)];
  const spread = { startsInMs: AHEAD_MS, overMs: latenessMs, hints: "to-be-hinted" } as const;
  await addDue(place.pool, stage.series, { channel: "email", count: emails, ...spread });
  await addDue(place.pool, stage.series, { channel: "sms", count: texts, ...spread });
  await rest(AHEAD_MS);
  const done = worker.watch();
  await worker.expect(count, latenessMs + 30_000);
  const bound = sayBound(done());
  const { rows } = await place.pool.query<{ p50: number; p99: number; most: number }>(`
    select percentile_disc(0.5) within group (order by lateness_ms) as p50, percentile_disc(0.99) within group (order by lateness_ms) as p99, max(lateness_ms) as most
    from deliveries where state = 'sent'`);
  await worker.stop();
  const [row = { p50: Number.NaN, p99: Number.NaN, most: Number.NaN }] = rows;
  const conditions = `${count} touchpoints, half of them mails, each at a moment of its own, over ${latenessMs / 1_000} s; from first_try_at to the transport's call`;
  return (["p50", "p99"] as const).map((percentile) => ({
    result: holdTo(
      { name: `lateness-${percentile}`, backend, value: row[percentile], unit: "ms" },
      { bar: backend === "redis" ? BARS[percentile] : null, good: "at-most" },
    ),
    spread: `latest ${row.most} ms`,
    conditions,
    bound,
  }));
}
