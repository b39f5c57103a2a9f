/** `afterglow clinic …` */
import { type Command, Option } from "commander";
import type { ChangeFlags } from "./change-command.ts";
import type { CloseOptions } from "./close-clinic.ts";
import { declare, end } from "./declare.ts";
import type { MoveDayOptions } from "./move-day.ts";
import type { SaveClinicOptions } from "./save-clinic.ts";
import type { ShowClosureOptions } from "./show-closures.ts";
import type { ReadinessFlags } from "./show-readiness.ts";

export function declareClinicCommands(program: Command): void {
  const clinic = declare(program, {
    usage: "clinic",
    does: "Clinics: zone, hours, closures, senders",
    examples: [
      "clinic add examples/clinic.yaml",
      "clinic set clinic.yaml",
      "clinic close aspen-ridge --day 2027-02-02 --reason snow --dry-run",
      "clinic move-day aspen-ridge --from 2027-02-02 --to 2027-02-03 --dry-run",
    ],
  });
  declareSaving(clinic);
  declareDays(clinic);
  declareClosures(clinic);
  declareReadiness(clinic);
}

function declareReadiness(clinic: Command): void {
  declare(clinic, {
    usage: "readiness <slug>",
    does: "Show what is still open about the visits of the next days: confirmed, driver, preparation, and what the protocol asks for",
    examples: ["clinic readiness aspen-ridge", "clinic readiness aspen-ridge --day 2027-01-11 --days 1 --json"],
  })
    .option("--day <date>", "the first day, instead of today")
    .option("--days <number>", "how many days", "3")
    .option("--json", "print one object a visit")
    .action(async (slug: string, options: ReadinessFlags) => end(await (await import("./show-readiness.ts")).showReadiness(slug, options)));
}

function declareSaving(clinic: Command): void {
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

/** As `addChangeOptions`, with the clinic's own revision. */
function addClinicOptions(command: Command): Command {
  return command
    .option("--dry-run", "show what would change, and store nothing")
    .option("--if-revision <number>", "refuse when the clinic has changed since (a dry run prints its revision)")
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object");
}

function declareDays(clinic: Command): void {
  const closing = declare(clinic, {
    usage: "close <slug>",
    does: "Close for a day or some hours: sessions are postponed, what was going to be said of them is silenced, and the patients are told",
    examples: [
      "clinic close aspen-ridge --day 2027-02-02 --reason snow --dry-run",
      'clinic close aspen-ridge --day 2027-02-02 --reason snow --actor "Maria Lopez"',
      'clinic close aspen-ridge --day 2027-02-02 --from 08:00 --to 12:00 --reason "no water"',
    ],
  })
    .requiredOption("--day <date>", "the day, in the clinic's zone")
    .option("--from <time>", "closed from this hour on, instead of the whole day")
    .option("--to <time>", "closed until this hour, instead of the whole day")
    .requiredOption("--reason <text>", "why, for staff; patients are not told it");
  addClinicOptions(closing).action(async (slug: string, options: CloseOptions) =>
    end(await (await import("./close-clinic.ts")).closeClinicDay(slug, options)),
  );
  const moving = declare(clinic, {
    usage: "move-day <slug>",
    does: "Move every session of a day to the same clock time on another day; what cannot be moved is listed and stays",
    examples: [
      "clinic move-day aspen-ridge --from 2027-02-02 --to 2027-02-03 --dry-run",
      "clinic move-day aspen-ridge --from 2027-02-02 --to 2027-02-03 --shift --if-revision 4",
    ],
  })
    .requiredOption("--from <date>", "the day, in the clinic's zone")
    .requiredOption("--to <date>", "the day to move it to")
    .option("--shift", "move what follows in each of these series by as many days");
  addClinicOptions(moving).action(async (slug: string, options: MoveDayOptions) =>
    end(await (await import("./move-day.ts")).moveClinicDay(slug, options)),
  );
}

function declareClosures(clinic: Command): void {
  const id = "clo_0197c3a4-5a1e-7c00-8f00-0123456789ab";
  const reopening = declare(clinic, {
    usage: "reopen <closure>",
    does: "Take a closure back; its sessions stay postponed until they are rebooked, a repeat changes nothing",
    examples: [`clinic reopen ${id}`],
  });
  addClinicOptions(reopening).action(async (text: string, options: ChangeFlags) =>
    end(await (await import("./close-clinic.ts")).reopenClinicDay(text, options)),
  );
  const closure = declare(clinic, {
    usage: "closure",
    does: "Closures: which there are, and who has not been reached",
    examples: ["clinic closure list aspen-ridge", `clinic closure show ${id}`],
  });
  declare(closure, {
    usage: "list <slug>",
    does: "List the closures of the last week and those to come",
    examples: ["clinic closure list aspen-ridge", "clinic closure list aspen-ridge --json"],
  })
    .option("--json", "print one object a closure")
    .action(async (slug: string, options: { json?: true }) =>
      end(await (await import("./show-closures.ts")).listClinicClosures(slug, options)),
    );
  declare(closure, {
    usage: "show <id>",
    does: "List everybody whom no message has reached yet, for calling",
    examples: [`clinic closure show ${id}`, `clinic closure show ${id} --all --json`],
  })
    .option("--all", "everybody whose session has no new time yet, for rebooking")
    .option("--json", "print one object")
    .action(async (text: string, options: ShowClosureOptions) =>
      end(await (await import("./show-closures.ts")).showClosure(text, options)),
    );
}
