/** The planner alone, on one core, its caches warm. */
import { z } from "zod";
import { type CpuSplit, meanSplit, sayBound, toRates, watchCpu } from "../measure.ts";
import { holdTo, sayNumber } from "../results.ts";
import type { Benchmark } from "./benchmark.ts";

const SERIES_PER_SECOND = 1_500;
const planned = z.object({ series: z.number(), touchpoints: z.number(), ms: z.number() });

export const planner: Benchmark = {
  name: "planner",
  run: async (stage) => {
    const child = stage.start("planner");
    await child.ask("start", {}, z.object({}));
    await child.ask("plan", { forMs: 1_500 }, planned);
    const rates: number[] = [];
    const splits: CpuSplit[] = [];
    let each = 0;
    for (let round = 0; round < stage.scale.rounds; round++) {
      const done = watchCpu({ planner: child.pid });
      const { series, touchpoints, ms } = await child.ask("plan", { forMs: stage.scale.planMs }, planned);
      splits.push(done());
      rates.push((series / ms) * 1_000);
      each = touchpoints / series;
    }
    await child.stop();
    const { median, least, most } = toRates(rates);
    const result = holdTo(
      { name: "planner", backend: null, value: median, unit: "series/s" },
      { bar: SERIES_PER_SECOND, good: "at-least" },
    );
    const conditions = `series of ${each} touchpoints; 360 patients in three zones, starting over 40 weeks, nothing stored`;
    return [{ result, spread: `${sayNumber(least)}-${sayNumber(most)}`, conditions, bound: sayBound(meanSplit(splits)) }];
  },
};
