/** `afterglow ledger …` */
import type { Command } from "commander";
import type { LedgerFlags } from "./check-ledger.ts";
import { declare, end } from "./declare.ts";

export function declareLedgerCommands(program: Command): void {
  const ledger = declare(program, {
    usage: "ledger",
    does: "The books: whether what is stored keeps every promise",
    examples: ["ledger check", "ledger check --clinic aspen-ridge --json"],
  });
  declare(ledger, {
    usage: "check",
    does: "Check every promise that the rows can show; changes nothing, and exits with 1 when one is broken",
    examples: ["ledger check", "ledger check --clinic aspen-ridge --json"],
  })
    .option("--clinic <slug>", "of this clinic only")
    .option("--json", "print one object a check")
    .action(async (options: LedgerFlags) => end(await (await import("./check-ledger.ts")).checkBooks(options)));
}
