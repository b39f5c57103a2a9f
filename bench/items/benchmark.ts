/** One part of the benchmark: what `--only` names, and how it is run on a stage. */
import type { Finding } from "../results.ts";
import type { Stage } from "../stage/open-stage.ts";

export type Benchmark = { readonly name: string; run(stage: Stage): Promise<Finding[]> };
