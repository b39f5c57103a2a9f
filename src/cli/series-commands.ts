/** `afterglow series …` */
import { type Command, Option } from "commander";
import { addChangeOptions } from "./change-command.ts";
import type { SeriesFlags } from "./change-series.ts";
import type { ConfirmFlags } from "./confirm-change.ts";
import { declare, end } from "./declare.ts";
import type { EnqueueFileOptions } from "./enqueue-series.ts";
import type { MigrateFlags } from "./migrate-series.ts";
import type { PreviewOptions } from "./preview-series.ts";
import type { RequirementFlags } from "./record-requirement.ts";
import type { ReplaceFlags } from "./void-series.ts";

const format = () => new Option("--format <format>", "what FILE holds, when its name does not say").choices(["yaml", "json", "csv"]);

export function declareSeriesCommands(program: Command): void {
  const series = declare(program, {
    usage: "series",
    does: "Treatment series: enqueue, preview, look at them, pause and end them, put them right",
    examples: [
      "series preview examples/ana-iv.yaml --clinic examples/clinic.yaml --now 2027-01-04T15:00:00Z",
      "series enqueue my-series.yaml",
    ],
  });
  declare(series, {
    usage: "enqueue <file>",
    does: "Enqueue the series of a file (YAML, JSON; CSV of many; - for standard input); all faults are listed, good rows are enqueued all the same",
    examples: [
      "series enqueue my-series.yaml",
      'series enqueue my-series.csv --actor "Maria Lopez"',
      "series enqueue - --format csv < my-series.csv",
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
  declareGoing(series);
  declarePuttingRight(series);
  declareMigrate(series);
  declareRequirement(series);
}

function declareRequirement(series: Command): void {
  const command = declare(series, {
    usage: "requirement <id> <requirement>",
    does: "Record what the protocol requires before a dose: enrolment (in a restricted programme) or authorisation (of the payer)",
    examples: [
      `series requirement ${ID} enrolment --on 2027-01-04`,
      `series requirement ${ID} authorisation --on 2027-01-04 --until 2027-06-30`,
    ],
  })
    .requiredOption("--on <date>", "since when it is there")
    .option("--until <date>", "the last day on which it holds");
  addChangeOptions(command).action(async (id: string, requirement: string, options: RequirementFlags) =>
    end(await (await import("./record-requirement.ts")).recordOneRequirement(id, requirement, options)),
  );
}

const ID = "ser_0197c3a4-5a1e-7c00-8f00-0123456789ab";

function declareGoing(series: Command): void {
  for (const [verb, meaning] of [
    ["pause", "Send nothing of a series until it is resumed; its sessions stay booked"],
    ["resume", "Let a paused series go on; what the pause outlasted is not made up for"],
    ["stop", "Stop a series for good: its sessions to come are called off, and a patient who had heard of it is told once"],
  ] as const) {
    const command = declare(series, {
      usage: `${verb} <id>`,
      does: `${meaning}; a repeat changes nothing`,
      examples: [`series ${verb} ${ID} --dry-run`, `series ${verb} ${ID} --if-revision 4 --actor "Maria Lopez"`],
    });
    if (verb === "stop")
      command.addOption(new Option("--because <whose>", "whose wish it is").choices(["patient", "clinic"]).default("clinic"));
    addChangeOptions(command).action(async (id: string, flags: SeriesFlags) =>
      end(await (await import("./change-series.ts")).changeSeriesBy(id, verb, flags)),
    );
  }
}

function declarePuttingRight(series: Command): void {
  const voided = declare(series, {
    usage: "void <id>",
    does: "Take back a series that should never have been. Within the clinic's undo time, while nothing has left, it is undone at once; later it is shown first, and done with --yes",
    examples: [`series void ${ID}`, `series void ${ID} --yes`],
  });
  addChangeOptions(voided.option("--yes", "it was looked at: do it")).action(async (id: string, flags: ConfirmFlags) =>
    end(await (await import("./void-series.ts")).voidSeriesById(id, flags)),
  );
  const replaced = declare(series, {
    usage: "replace <id> <file>",
    does: "Void a series and enqueue the one of a file in its place, both or neither: the wrong protocol, the wrong patient. Asks for --yes as void does",
    examples: [`series replace ${ID} right.yaml`, `series replace ${ID} right.yaml --yes --actor "Maria Lopez"`],
  })
    .option("--yes", "it was looked at: do it")
    .option("--also", "accept that the patient has another active series besides")
    .addOption(format());
  addChangeOptions(replaced).action(async (id: string, file: string, flags: ReplaceFlags) =>
    end(await (await import("./void-series.ts")).replaceSeriesBy(id, file, flags)),
  );
}

function declareMigrate(series: Command): void {
  const migrated = declare(series, {
    usage: "migrate [id]",
    does: "Go on with another approved version of the protocol: without --yes it shows what differs, and stores nothing",
    examples: [
      `series migrate ${ID} --to iv-ketamine@2`,
      `series migrate ${ID} --to iv-ketamine@2 --yes --if-revision 4`,
      "series migrate --all-of iv-ketamine@1 --clinic aspen-ridge --to iv-ketamine@2",
    ],
  })
    .requiredOption("--to <name@version>", "the version; its newest approval at the clinic counts")
    .option("--all-of <name@version>", "every series of a clinic that is under way on this version")
    .option("--clinic <slug>", "with --all-of: the clinic")
    .option("--yes", "it was looked at: do it");
  addChangeOptions(migrated).action(async (id: string | undefined, flags: MigrateFlags) =>
    end(await (await import("./migrate-series.ts")).migrateSeriesTo(id, flags)),
  );
}

function declarePreview(series: Command): void {
  declare(series, {
    usage: "preview <file>",
    does: "Show everything a series would send if it were enqueued now; stores nothing. Without DATABASE_URL it needs --clinic, takes the protocol's draft and assumes no history",
    examples: [
      "series preview examples/ana-iv.yaml --clinic examples/clinic.yaml --now 2027-01-04T15:00:00Z",
      "series preview my-series.yaml --json",
      "series preview examples/many.csv --only 2 --clinic examples/clinic.yaml --now 2027-01-04T15:00:00Z",
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
