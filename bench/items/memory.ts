/** A worker's memory while a very large schedule stands: it sweeps, sends, and holds nothing of what is to come. */
import { readFileSync } from "node:fs";
import { setTimeout as rest } from "node:timers/promises";
import { holdTo, sayNumber } from "../results.ts";
import { addDue } from "../stage/due.ts";
import { addStanding } from "../stage/standing.ts";
import { startWorkerProcess } from "../stage/worker-process.ts";
import type { Benchmark } from "./benchmark.ts";

const MEGABYTES = 256;
const BATCH = 5_000;

export const memory: Benchmark = {
  name: "memory",
  run: async (stage) => {
    const { scale } = stage;
    const backend = stage.backends[0] ?? "postgres";
    const place = await stage.openPlace("memory", backend);
    await addStanding(place.pool, { touchpoints: scale.memoryStanding - scale.standing, from: scale.standing });
    const worker = await startWorkerProcess(stage, place, { transport: "stub" });
    const seen: number[] = [];
    for (let sent = 0; sent < scale.memorySends; sent += BATCH) {
      // Left to the sweep, which marks and hints them as it finds them.
      for (const channel of ["email", "sms"] as const)
        await addDue(place.pool, stage.series, { channel, count: BATCH / 2, startsInMs: 0, overMs: 0, hints: "to-be-hinted" });
      await worker.expect(BATCH, 60_000);
      seen.push(readResident(worker.pid, "VmRSS"));
      await rest(200);
    }
    const peak = readResident(worker.pid, "VmHWM");
    const { rows } = await place.pool.query<{ standing: string }>("select count(*) as standing from touchpoints where state = 'planned'");
    const { heapUsed, heapTotal, rss } = await worker.memory();
    await worker.stop();
    const [used, heap, outside] = [heapUsed, heapTotal, rss - heapTotal].map((bytes) => Math.round(bytes / 1_000_000));
    const result = holdTo({ name: "memory", backend, value: peak, unit: "MB peak" }, { bar: MEGABYTES, good: "at-most" });
    const conditions = `${Number(rows[0]?.standing).toLocaleString("en-US")} planned touchpoints standing; ${scale.memorySends.toLocaleString("en-US")} found by the sweep and sent, half of them mails`;
    return [
      {
        result,
        spread: `resident ${sayNumber(Math.min(...seen))}-${sayNumber(Math.max(...seen))}`,
        conditions,
        bound: `Node itself: a heap of ${heap} MB, ${used} MB of it in use, and ${outside} MB outside it (code, buffers, libraries)`,
      },
    ];
  },
};

/** Megabytes (of 1,000,000 bytes) as the kernel counts them. */
function readResident(pid: number, field: "VmRSS" | "VmHWM"): number {
  const kilobytes = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return (Number(kilobytes) * 1_024) / 1_000_000;
}
