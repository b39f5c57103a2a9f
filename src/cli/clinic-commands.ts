/** `afterglow clinic …` */
import { type Command, Option } from "commander";
import { declare, end } from "./declare.ts";
import type { SaveClinicOptions } from "./save-clinic.ts";

export function declareClinicCommands(program: Command): void {
  const clinic = declare(program, {
    usage: "clinic",
    does: "Clinics: zone, hours, closures, senders",
    examples: ["clinic add examples/clinic.yaml", "clinic set clinic.yaml"],
  });
  const save = (command: Command, mode: "add" | "set") =>
    command
      .addOption(new Option("--format <format>", "what FILE holds, when its name does not say").choices(["yaml", "json"]))
      .option("--actor <name>", "who does it, for the audit")
      .option("--json", "print one object")
      .action(async (file: string, options: SaveClinicOptions) =>
        end(await (await import("./save-clinic.ts")).saveClinicFile(file, mode, options)),
      );
  const added = declare(clinic, {
    usage: "add <file>",
    does: "Add a clinic from its settings (YAML or JSON, - for standard input)",
    examples: ["clinic add examples/clinic.yaml", "clinic add - < clinic.yaml"],
  });
  save(added, "add");
  const changed = declare(clinic, {
    usage: "set <file>",
    does: "Set a clinic that was added to new settings; its patients' plans follow within seconds",
    examples: ['clinic set clinic.yaml --actor "Maria Lopez"'],
  });
  save(changed, "set");
}
