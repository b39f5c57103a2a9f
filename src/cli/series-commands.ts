/** `afterglow series …` */
import { type Command, Option } from "commander";
import { declare, end } from "./declare.ts";
import type { EnqueueFileOptions } from "./enqueue-series.ts";
import type { PreviewOptions } from "./preview-series.ts";

const format = () => new Option("--format <format>", "what FILE holds, when its name does not say").choices(["yaml", "json", "csv"]);

export function declareSeriesCommands(program: Command): void {
  const series = declare(program, {
    usage: "series",
    does: "Treatment series: enqueue, preview, look at them",
    examples: [
      "series preview examples/ana-iv.yaml --clinic examples/clinic.yaml --now 2027-01-04T15:00:00Z",
      "series enqueue examples/ana-iv.yaml",
    ],
  });
  declare(series, {
    usage: "enqueue <file>",
    does: "Enqueue the series of a file (YAML, JSON; CSV of many; - for standard input); all faults are listed, good rows are enqueued all the same",
    examples: [
      "series enqueue examples/ana-iv.yaml",
      'series enqueue many.csv --actor "Maria Lopez"',
      "series enqueue - --format csv < many.csv",
    ],
  })
    .option("--also", "accept a second active series of the same patient")
    .option("--actor <name>", "who asks, for the audit")
    .addOption(format())
    .option("--json", "print one object a series")
    .action(async (file: string, options: EnqueueFileOptions) =>
      end(await (await import("./enqueue-series.ts")).enqueueFile(file, options)),
    );
  declarePreview(series);
  declare(series, {
    usage: "show <id>",
    does: "Show a series: its sessions, and its touchpoints with their states",
    examples: ["series show ser_0197c3a4-5a1e-7c00-8f00-0123456789ab", "series show ser_0197c3a4-5a1e-7c00-8f00-0123456789ab --json"],
  })
    .option("--json", "print one object")
    .action(async (id: string, options: { json?: true }) => end(await (await import("./show-series.ts")).showSeries(id, options)));
}

function declarePreview(series: Command): void {
  declare(series, {
    usage: "preview <file>",
    does: "Show everything a series would send if it were enqueued now; stores nothing. Without DATABASE_URL it needs --clinic, takes the protocol's draft and assumes no history",
    examples: [
      "series preview examples/ana-iv.yaml --clinic examples/clinic.yaml",
      "series preview examples/ana-iv.yaml --clinic examples/clinic.yaml --now 2027-01-04T15:00:00Z --json",
      "series preview many.csv --only 2",
    ],
  })
    .option("--clinic <file>", "the clinic's settings from a file, without a database")
    .option("--now <instant>", "the moment of enqueueing, as 2027-01-04T15:00:00Z")
    .option("--only <number>", "only this series of a file with several, counted from 1")
    .option("--protocols <folder>", "with --clinic: read protocols from this folder instead of those that ship with Afterglow")
    .addOption(format())
    .option("--json", "print one object a touchpoint, in order of time")
    .action(async (file: string, options: PreviewOptions) => end(await (await import("./preview-series.ts")).previewFile(file, options)));
}
