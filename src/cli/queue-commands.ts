/** `afterglow queue …` */
import type { Command } from "commander";
import { Option } from "commander";
import { declare, end } from "./declare.ts";
import type { RequeueFlags, SteerFlags } from "./steer-queue.ts";

export function declareQueueCommands(program: Command): void {
  const queue = declare(program, {
    usage: "queue",
    does: "Look after the queues: they only wake workers up, and the rows say what is to be done",
    examples: ["queue list", "queue requeue --dry-run", "queue retry send-email --dry-run", "queue pause plan-series"],
  });
  declare(queue, {
    usage: "list",
    does: "List every queue with its jobs by state, and which one is paused",
    examples: ["queue list", "queue list --json"],
  })
    .option("--json", "print one object a queue")
    .action(async (options: { json?: true }) => end(await (await import("./steer-queue.ts")).listQueues(options)));
  declareSteering(queue, "pause", "Let no worker take its jobs until it is resumed; to stop sending use a switch");
  declareSteering(queue, "resume", "Let workers take its jobs again");
  declareSteering(queue, "retry", "Give its failed jobs another try");
  declare(queue, {
    usage: "requeue",
    does: "Hint again what is due and unclaimed; nothing goes out twice, because a row is claimed once",
    examples: ["queue requeue --dry-run", "queue requeue --channel sms", "queue requeue --backed-off"],
  })
    .addOption(new Option("--channel <channel>", "only this channel").choices(["email", "sms"]))
    .option("--backed-off", "also try now what rests after a failed attempt")
    .option("--dry-run", "show how many, and store nothing")
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object")
    .action(async (options: RequeueFlags) => end(await (await import("./steer-queue.ts")).requeue(options)));
}

function declareSteering(queue: Command, verb: "pause" | "resume" | "retry", does: string): void {
  declare(queue, { usage: `${verb} <queue>`, does, examples: [`queue ${verb} send-email --dry-run`, `queue ${verb} send-email`] })
    .option("--dry-run", "show what it concerns, and change nothing")
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object")
    .action(async (name: string, options: SteerFlags) => end(await (await import("./steer-queue.ts")).steer(name, verb, options)));
}
