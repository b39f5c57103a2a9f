/** `afterglow template …` */
import { type Command, Option } from "commander";
import { declare, end } from "./declare.ts";
import type { ReleaseOptions } from "./publish-template.ts";
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
    does: "List every template with its channels and languages; of a clinic, what is in force and who approved it",
    examples: ["template list", "template list --json", "template list --clinic aspen-ridge"],
  })
    .option("--clinic <slug>", "what this clinic's messages are written from, instead of the files")
    .option(...TEMPLATES)
    .option("--json", "print one object a template")
    .action(async ({ clinic, ...options }: TemplateOptions & { clinic?: string }) =>
      end(
        clinic === undefined
          ? await (await import("./show-templates.ts")).listTemplates(options)
          : await (await import("./list-wordings.ts")).listClinicWordings(clinic, options),
      ),
    );
  declareReleases(template);
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

function declareReleases(template: Command): void {
  const release = (command: Command) =>
    command
      .requiredOption("--clinic <slug>", "the clinic")
      .requiredOption("--by <name, role>", "who approved it")
      .option("--dry-run", "check it and show what it changes, and store nothing")
      .option("--actor <name>", "who asks, for the audit, if not the one who approved it")
      .option("--json", "print one object");
  const publishing = declare(template, {
    usage: "publish <stem>",
    does: "Put a template's wording in force at a clinic, both languages together; the next message says it",
    examples: [
      'template publish day-before --clinic aspen-ridge --by "Dr. Ortiz, medical director" --dry-run',
      'template publish day-before --clinic aspen-ridge --by "Dr. Ortiz, medical director" --from wordings',
    ],
  }).option("--from <folder>", "read it from this folder instead of the templates that ship with Afterglow");
  release(publishing).action(async (stem: string, options: ReleaseOptions) =>
    end(await (await import("./publish-template.ts")).publishClinicTemplate(stem, options)),
  );
  const rollingBack = declare(template, {
    usage: "rollback <stem>",
    does: "Take the newest release of a template back; the one before, or the approved wording, is in force again",
    examples: ['template rollback day-before --clinic aspen-ridge --by "Dr. Ortiz, medical director"'],
  });
  release(rollingBack).action(async (stem: string, options: ReleaseOptions) =>
    end(await (await import("./publish-template.ts")).rollBackClinicTemplate(stem, options)),
  );
}
