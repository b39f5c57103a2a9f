/** `afterglow template …` */
import { type Command, Option } from "commander";
import { declare, end } from "./declare.ts";
import type { RenderOptions, TemplateOptions } from "./show-templates.ts";

const TEMPLATES = ["--templates <folder>", "read templates from this folder instead of those that ship with Afterglow"] as const;

export function declareTemplateCommands(program: Command): void {
  const template = declare(program, {
    usage: "template",
    does: "Templates: the wording of messages and tasks",
    examples: ["template check", "template render day-before --locale es --channel sms"],
  });
  declare(template, {
    usage: "list",
    does: "List every template with its channels and languages",
    examples: ["template list", "template list --json"],
  })
    .option(...TEMPLATES)
    .option("--json", "print one object a template")
    .action(async (options: TemplateOptions) => end(await (await import("./show-templates.ts")).listTemplates(options)));
  declare(template, {
    usage: "check",
    does: "Render every template in every language with every extreme, and list what must not go out",
    examples: ["template check", "template check --json"],
  })
    .option(...TEMPLATES)
    .option("--json", "print one object a finding")
    .action(async (options: TemplateOptions) => end(await (await import("./show-templates.ts")).checkAllTemplates(options)));
  declare(template, {
    usage: "render <stem>",
    does: "Show what a template says to a patient who does not exist",
    examples: ["template render day-before --locale es", "template render welcome --channel email --html > welcome.html"],
  })
    .addOption(new Option("--locale <locale>", "language").choices(["en", "es"]).default("en"))
    .addOption(new Option("--channel <channel>", "only this channel").choices(["email", "sms", "task"]))
    .option("--html", "the HTML of the email instead of its text")
    .option(...TEMPLATES)
    .option("--json", "print one object")
    .action(async (stem: string, options: RenderOptions) => end(await (await import("./show-templates.ts")).renderTemplate(stem, options)));
}
