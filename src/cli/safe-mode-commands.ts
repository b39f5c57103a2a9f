/** `afterglow safe-mode …` */
import type { Command } from "commander";
import { declare, end } from "./declare.ts";
import type { LeaveOptions } from "./safe-mode.ts";

export function declareSafeModeCommands(program: Command): void {
  const safeMode = declare(program, {
    usage: "safe-mode",
    does: "After a restore nothing is sent until somebody has looked",
    examples: ["safe-mode show", 'safe-mode leave --by "Sam Reed" --reason "restored from 04:00, checked" --dry-run'],
  });
  declare(safeMode, {
    usage: "show",
    does: "Say whether safe mode is on and why, what would be sent and what is overdue",
    examples: ["safe-mode show", "safe-mode show --json"],
  })
    .option("--json", "print one object")
    .action(async (options: { json?: true }) => end(await (await import("./safe-mode.ts")).showSafeMode(options)));
  declare(safeMode, {
    usage: "leave",
    does: "Send again what falls due from now on; what was due before ends unsent, with a call where it mattered",
    examples: [
      'safe-mode leave --by "Sam Reed" --reason "restored from 04:00, checked" --dry-run',
      'safe-mode leave --by "Sam Reed" --reason "restored, checked" --not-before 2027-02-02T09:00-07:00',
    ],
  })
    .requiredOption("--by <name>", "who has looked")
    .requiredOption("--reason <text>", "what was found; no patient's name")
    .option("--not-before <instant>", "nothing due before this moment is sent, instead of before now")
    .option("--dry-run", "show what would end and what would go, and store nothing")
    .option("--actor <name>", "who asks, for the audit, if not the one who has looked")
    .option("--json", "print one object")
    .action(async (options: LeaveOptions) => end(await (await import("./safe-mode.ts")).leave(options)));
}
