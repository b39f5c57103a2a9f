/** The commands that watch or run the whole: `outlook`, `touchpoint explain`, `status`, `health`, `worker`, `demo`. */
import type { Command } from "commander";
import type { DemoOptions } from "./demo.ts";
import type { HealthOptions } from "./check-health.ts";
import { declare, end } from "./declare.ts";
import { declareResendCommand } from "./reply-commands.ts";
import { declareSettleCommand } from "./settle-commands.ts";
import type { StatusOptions } from "./show-status.ts";
import type { OutlookOptions } from "./show-outlook.ts";

export function declareRunCommands(program: Command): void {
  declareWatching(program);
  declare(program, {
    usage: "worker",
    does: "Plan, sweep and send until told to stop (SIGTERM or SIGINT); needs the whole configuration, see .env.example",
    examples: ["worker"],
  }).action(async () => end(await (await import("./worker.ts")).runWorker()));
  declare(program, {
    usage: "demo",
    does: "Run a whole clinic on this machine: its weeks in a minute, with a database, a mail server and a telephone network of its own",
    examples: ["demo", "demo --exit", "demo --exit --json"],
  })
    .option("--exit", "run to the end and exit, instead of staying to be looked at")
    .option("--json", "print one object at the end")
    .option("--folder <dir>", "where the messages go, instead of a new folder in .afterglow/demo")
    .action(async (options: DemoOptions) => {
      process.exitCode = await (await import("./demo.ts")).runDemo(options);
    });
}

function declareWatching(program: Command): void {
  declare(program, {
    usage: "outlook",
    does: "What is to come for one patient or for a clinic",
    examples: ["outlook --patient 10482", "outlook --patient 10482 --clinic aspen-ridge --days 30", "outlook --clinic aspen-ridge --json"],
  })
    .option("--patient <ref|id>", "chart number or id")
    .option("--clinic <slug>", "the clinic")
    .option("--days <number>", "how far ahead", "7")
    .option("--json", "print one object a touchpoint")
    .action(async (options: OutlookOptions) => end(await (await import("./show-outlook.ts")).showOutlook(options)));
  const touchpoint = declare(program, {
    usage: "touchpoint",
    does: "One message or task: why it stands where it does, whether it was sent after all, send it again",
    examples: ["touchpoint explain tp_0197c3a4-5a1e-7c00-8f00-0123456789ab"],
  });
  declare(touchpoint, {
    usage: "explain <id>",
    does: "Say where a touchpoint stands, why, and what it waits for; no name and no address",
    examples: [
      "touchpoint explain tp_0197c3a4-5a1e-7c00-8f00-0123456789ab",
      "touchpoint explain tp_0197c3a4-5a1e-7c00-8f00-0123456789ab --json",
    ],
  })
    .option("--json", "print one object")
    .action(async (id: string, options: { json?: true }) =>
      end(await (await import("./explain-touchpoint.ts")).explainTouchpoint(id, options)),
    );
  declareSettleCommand(touchpoint);
  declareResendCommand(touchpoint);
  declare(program, {
    usage: "status",
    does: "How everything stands: touchpoints, workers, queues, tasks, lateness",
    examples: ["status", "status --watch", "status --json"],
  })
    .option("--watch", "renew it every two seconds, until Ctrl-C")
    .option("--json", "print one object")
    .action(async (options: StatusOptions) => end(await (await import("./show-status.ts")).showStatus(options)));
  declare(program, {
    usage: "health",
    does: "Say whether work is done: exit code 0 when something due is taken in time by workers that are well, 3 when not; for probes and alarms",
    examples: ["health", "health --within 30", "health --json"],
  })
    .option("--within <seconds>", "how long something may be due before somebody takes it", "60")
    .option("--json", "print one object")
    .action(async (options: HealthOptions) => end(await (await import("./check-health.ts")).checkHealth(options)));
}
