/** `afterglow session …` */
import { type Command, Option } from "commander";
import { declare, end } from "./declare.ts";
import type { OutcomeOptions } from "./record-outcome.ts";

const ID = "ses_0197c3a4-5a1e-7c00-8f00-0123456789ab";
/** As `NOT_DOSED_REASONS` of the producer, which is loaded only when a command runs; a test compares the two. */
export const REASONS = ["bp", "food", "no-driver", "illness", "declined", "clinician"] as const;

const VERBS = [
  ["arrive", "The patient has arrived"],
  ["dose", "The patient was treated"],
  ["not-dosed", "The patient came and was not treated"],
  ["discharge", "The patient went home"],
  ["no-show", "The patient did not come"],
] as const;
export type OutcomeVerb = (typeof VERBS)[number][0];

export function declareSessionCommands(program: Command): void {
  const session = declare(program, {
    usage: "session",
    does: "Record what happened at a session; messages that waited for it follow",
    examples: [`session dose ${ID}`, `session not-dosed ${ID} --reason bp`],
  });
  for (const [verb, meaning] of VERBS) {
    const reason = verb === "not-dosed" ? " --reason no-driver" : "";
    const command = declare(session, {
      usage: `${verb} <id>`,
      does: `${meaning}; a repeat changes nothing`,
      examples: [`session ${verb} ${ID}${reason}`, `session ${verb} ${ID}${reason} --at 2027-01-11T09:05-07:00`],
    });
    if (verb === "not-dosed") command.addOption(new Option("--reason <reason>", "why").choices(REASONS).makeOptionMandatory());
    command
      .option("--at <instant>", "when it happened, if not now")
      .option("--actor <name>", "who records it, for the audit")
      .option("--json", "print one object")
      .action(async (id: string, options: OutcomeOptions) =>
        end(await (await import("./record-outcome.ts")).recordSessionOutcome(id, verb, options)),
      );
  }
}
