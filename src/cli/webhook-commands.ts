/** `afterglow webhook …` */
import type { Command } from "commander";
import type { AddWebhookFlags, WebhookFlags } from "./change-webhook.ts";
import { declare, end } from "./declare.ts";

const ID = "whk_0197c3a4-5a1e-7c00-8f00-0123456789ab";
const asked = (command: Command) => command.option("--actor <name>", "who asks, for the audit").option("--json", "print one object");

export function declareWebhookCommands(program: Command): void {
  const webhook = declare(program, {
    usage: "webhook",
    does: "Systems that are told of what happens: confirmations, answers, alerts, delivery",
    examples: ["webhook add https://ehr.example.org/afterglow --clinic aspen-ridge", "webhook list --clinic aspen-ridge"],
  });
  const add = declare(webhook, {
    usage: "add <url>",
    does: "Tell a system; its host stands in AFTERGLOW_WEBHOOK_HOSTS. The secret that its signatures are checked with is printed once",
    examples: [
      "webhook add https://ehr.example.org/afterglow --clinic aspen-ridge",
      'webhook add https://ehr.example.org/afterglow --clinic aspen-ridge --kinds "session.confirmed alert.raised"',
    ],
  });
  asked(
    add
      .requiredOption("--clinic <slug>", "the clinic")
      .option("--kinds <words>", "of what, with spaces between; everything if left out (an unknown word lists them)"),
  ).action(async (url: string, flags: AddWebhookFlags) => end(await (await import("./change-webhook.ts")).addOne(url, flags)));
  declare(webhook, {
    usage: "list",
    does: "List them: how many tellings wait, how many were given up, and how the last one failed",
    examples: ["webhook list --clinic aspen-ridge", "webhook list --clinic aspen-ridge --json"],
  })
    .requiredOption("--clinic <slug>", "the clinic")
    .option("--json", "print one object a system")
    .action(async (flags: { clinic: string; json?: true }) => end(await (await import("./change-webhook.ts")).listAll(flags)));
  asked(
    declare(webhook, {
      usage: "rotate <id>",
      does: "Print a new secret, once; the one before signs beside it for a day",
      examples: [`webhook rotate ${ID}`],
    }),
  ).action(async (id: string, flags: WebhookFlags) => end(await (await import("./change-webhook.ts")).rotateOne(id, flags)));
  asked(
    declare(webhook, {
      usage: "remove <id>",
      does: "Tell a system nothing any more, not even what waits",
      examples: [`webhook remove ${ID}`],
    }),
  ).action(async (id: string, flags: WebhookFlags) => end(await (await import("./change-webhook.ts")).removeOne(id, flags)));
  asked(
    declare(webhook, {
      usage: "test <id>",
      does: "Tell a system a test; a worker does it within seconds, and webhook list says how it went",
      examples: [`webhook test ${ID}`],
    }),
  ).action(async (id: string, flags: WebhookFlags) => end(await (await import("./change-webhook.ts")).testOne(id, flags)));
  asked(
    declare(webhook, {
      usage: "redeliver <id>",
      does: "Tell a system again what was given up in the last thirty days; each telling keeps its id",
      examples: [`webhook redeliver ${ID}`],
    }),
  ).action(async (id: string, flags: WebhookFlags) => end(await (await import("./change-webhook.ts")).redeliverOne(id, flags)));
}
