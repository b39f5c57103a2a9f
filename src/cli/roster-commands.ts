/** `afterglow roster …` */
import type { Command } from "commander";
import { declare, end } from "./declare.ts";
import type { CheckRosterFlags, ShowRosterFlags } from "./show-roster.ts";
import type { TestRosterFlags } from "./test-roster.ts";

export function declareRosterCommands(program: Command): void {
  const roster = declare(program, {
    usage: "roster",
    does: "Who is paged when a patient may be in danger; it is set in the clinic's file (clinic set)",
    examples: ["roster show aspen-ridge", "roster check aspen-ridge --days 60", 'roster test aspen-ridge --actor "Maria Lopez"'],
  });
  declare(roster, {
    usage: "show <slug>",
    does: "Show who is on duty now and who stands behind them; numbers only with --reveal",
    examples: ["roster show aspen-ridge", "roster show aspen-ridge --at 2027-01-09T23:00 --json"],
  })
    .option("--at <time>", "on the clinic's wall, instead of now")
    .option("--reveal", "with phones and emails")
    .option("--json", "print one object")
    .action(async (slug: string, flags: ShowRosterFlags) => end(await (await import("./show-roster.ts")).showRoster(slug, flags)));
  declare(roster, {
    usage: "check <slug>",
    does: "Say the first hour of the coming weeks for which nobody is on the roster, closed days and days on call counted; exit code 1 when there is one",
    examples: ["roster check aspen-ridge", "roster check aspen-ridge --days 90"],
  })
    .option("--days <number>", "how far to look", "28")
    .option("--json", "print one object")
    .action(async (slug: string, flags: CheckRosterFlags) => end(await (await import("./show-roster.ts")).checkRoster(slug, flags)));
  declare(roster, {
    usage: "test <slug>",
    does: "Page everybody on the roster, on every channel, with a page that says that it is a test",
    examples: ['roster test aspen-ridge --actor "Maria Lopez"', 'roster test aspen-ridge --person "Sam Ortiz" --json'],
  })
    .option("--person <name>", "only this person")
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object a page")
    .action(async (slug: string, flags: TestRosterFlags) => end(await (await import("./test-roster.ts")).testRoster(slug, flags)));
}
