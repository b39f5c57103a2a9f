/** `npm run bench`: how fast, how late and how large, beside what the same machine does at best. `--quick`, `--json`, `--only NAME`, `--profile DIR`. */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { api } from "./items/api.ts";
import type { Benchmark } from "./items/benchmark.ts";
import { enqueue } from "./items/enqueue.ts";
import { horizon } from "./items/horizon.ts";
import { lateness } from "./items/lateness.ts";
import { mails } from "./items/mails.ts";
import { memory } from "./items/memory.ts";
import { page } from "./items/page.ts";
import { planner } from "./items/planner.ts";
import { send } from "./items/send.ts";
import { texts } from "./items/texts.ts";
import { type Finding, printTable } from "./results.ts";
import { openStage, POSTGRES_SETTINGS, type Stage } from "./stage/open-stage.ts";
import { FULL, QUICK } from "./stage/scale.ts";

const ITEMS: readonly Benchmark[] = [send, mails, texts, enqueue, planner, lateness, page, memory, horizon, api];

const USAGE = `Usage: npm run bench -- [--quick] [--json] [--only NAME] [--profile DIR]
  --quick        a rough look in under two minutes
  --json         one object on standard output, progress on standard error
  --only NAME    one of ${ITEMS.map(({ name }) => name).join(", ")}; may be repeated
  --profile DIR  a V8 CPU profile of each process in DIR`;

function chooseItems(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.find((name) => ITEMS.every((item) => item.name !== name));
  if (unknown !== undefined) throw new Error(`${unknown} is no part of the benchmark\n${USAGE}`);
  return names.length === 0 ? ITEMS : ITEMS.filter(({ name }) => names.includes(name));
}

function describeMachine({ versions }: Stage) {
  const [cpu] = cpus();
  return { cores: cpus().length, cpu: cpu?.model ?? "unknown", node: process.version, ...versions };
}

function describeConditions({ scale, perSeries }: Stage, machine: ReturnType<typeof describeMachine>): string[] {
  const { cores, cpu, node, postgres, redis } = machine;
  return [
    `${cores} cores (${cpu}), Node ${node}, PostgreSQL ${postgres}, ${redis === null ? "NO redis-server ON THE PATH: R1, R3 and every Redis row are left out" : `Redis ${redis} (append-only file synced every second, hz 100)`}`,
    `One worker process; full schema with its indexes, encryption and deliveries; ${scale.standing.toLocaleString("en-US")} planned rows standing, three clinics, fsync on,`,
    `shared_buffers ${POSTGRES_SETTINGS.shared_buffers}, max_wal_size ${POSTGRES_SETTINGS.max_wal_size}, the rest as PostgreSQL comes; 20 connections a channel, sender rates out of the way.`,
    `Medians of ${scale.rounds} rounds, ours and the reference by turns${scale.name === "quick" ? " (a rough look)" : ""}; series of ${perSeries} touchpoints.`,
  ];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const items = chooseItems(values.only);
  const stage = await openStage({ scale: values.quick ? QUICK : FULL, profileDir: values.profile });
  const stop = () => void stage.close().then(() => process.exit(130));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const findings: Finding[] = [];
    for (const item of items) {
      console.error(`${item.name} ...`);
      findings.push(...(await item.run(stage)));
    }
    const machine = describeMachine(stage);
    if (values.json) console.log(JSON.stringify({ machine, results: findings.map(({ result }) => result) }));
    else console.log(printTable(findings, describeConditions(stage, machine)));
  } finally {
    await stage.close();
  }
}

await main();
