/** `afterglow switch …` */
import { type Command, Option } from "commander";
import { declare, end } from "./declare.ts";
import type { SwitchOptions } from "./switch-sending.ts";

const SCOPES = ["everything", "clinic", "channel", "template", "patient"] as const;

export function declareSwitchCommands(program: Command): void {
  const switches = declare(program, {
    usage: "switch",
    does: "Stop sending at once, everything or a part of it, and let it go on; work for staff goes on",
    examples: ['switch off channel --channel sms --reason "texts arrive twice"', "switch on channel --channel sms", "switch list"],
  });
  const off = declare(switches, {
    usage: "off",
    does: "Stop sending: from now on nothing that it covers leaves",
    examples: [
      'switch off everything --reason "wrong times in texts"',
      "switch off clinic --clinic aspen-ridge --reason moving",
      'switch off channel --channel sms --clinic aspen-ridge --reason "number is being changed"',
      'switch off template --template day-before --reason "wrong address in it" --dry-run',
      "switch off patient --patient 10482 --reason complaint",
    ],
  });
  const on = declare(switches, {
    usage: "on",
    does: "Let it go on: what is still of use is sent, what was over meanwhile has expired",
    examples: ["switch on everything", "switch on channel --channel sms --clinic aspen-ridge"],
  });
  for (const scope of SCOPES) {
    declareScope(off, scope, "off").requiredOption("--reason <text>", "why, for those who find it off; no patient's name");
    declareScope(on, scope, "on");
  }
  declare(switches, {
    usage: "list",
    does: "List what is off, since when, by whom and why",
    examples: ["switch list", "switch list --json"],
  })
    .option("--json", "print one object a switch")
    .action(async (options: { json?: true }) => end(await (await import("./switch-sending.ts")).listOff(options)));
}

const EXAMPLES = { everything: "", clinic: "", channel: " --channel sms", template: " --template day-before", patient: " --patient 10482" };
const DOES = {
  everything: "Everything that would leave for patients and escorts",
  clinic: "Everything of one clinic",
  channel: "One channel, of every clinic or of one",
  template: "What is written from one template, of every clinic or of one",
  patient: "Everything to one patient and the escort, of every clinic or of one",
};

function declareScope(parent: Command, scope: (typeof SCOPES)[number], to: "off" | "on"): Command {
  const reason = to === "off" ? ' --reason "wrong times"' : "";
  const clinic = scope === "clinic" ? " --clinic aspen-ridge" : "";
  const command = declare(parent, {
    usage: scope,
    does: DOES[scope],
    examples: [`switch ${to} ${scope}${clinic}${EXAMPLES[scope]}${reason}`],
  });
  if (scope === "channel")
    command.addOption(new Option("--channel <channel>", "the channel").choices(["email", "sms"]).makeOptionMandatory());
  if (scope === "template") command.requiredOption("--template <stem>", "the template");
  if (scope === "patient") command.requiredOption("--patient <ref|id>", "chart number or id");
  if (scope === "clinic") command.requiredOption("--clinic <slug>", "the clinic");
  else if (scope !== "everything") command.option("--clinic <slug>", "only of this clinic");
  return command
    .option("--dry-run", "show what it covers, and store nothing")
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object")
    .action(async (options: SwitchOptions) => end(await (await import("./switch-sending.ts")).switchSending(scope, to, options)));
}
