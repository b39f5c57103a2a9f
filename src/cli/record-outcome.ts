/** `session arrive|dose|not-dosed|discharge|no-show`. */
import { type Outcome, recordOutcome } from "../producers/record-outcome.ts";
import { unreachable } from "../domain/unreachable.ts";
import { type ChangeFlags, toChangeOptions } from "./change-command.ts";
import { endSessionChange } from "./end-session-change.ts";
import type { ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { readInstantOption, readLineOption } from "./read-option.ts";
import type { OutcomeVerb, REASONS } from "./session-commands.ts";
import { toSessionId } from "./session-id.ts";
import { withCore } from "./with-store.ts";

export type OutcomeOptions = ChangeFlags & { readonly reason?: (typeof REASONS)[number]; readonly at?: string; readonly why?: string };

export async function recordSessionOutcome(
  text: string,
  verb: OutcomeVerb,
  { reason, at, why, ...flags }: OutcomeOptions,
): Promise<ExitCode> {
  const id = toSessionId(text);
  const outcome = toOutcome(verb, { reason, at, why });
  const options = toChangeOptions(flags);
  const result = await withCore((core) => recordOutcome(core, id, { outcome, ...options }));
  return endSessionChange(result, {
    json: flags.json,
    say: ({ status }) => `recorded as ${status}.`,
    moments: ({ at: happenedAt }) => ({ at: happenedAt }),
  });
}

type Said = { readonly [Option in "reason" | "at" | "why"]: OutcomeOptions[Option] | undefined };

function toOutcome(verb: OutcomeVerb, { reason, at, why }: Said): Outcome {
  const when = at === undefined ? {} : { at: readInstantOption("--at", at) };
  switch (verb) {
    case "arrive":
      return { status: "arrived", ...when };
    case "dose":
      return { status: "dosed", ...when };
    case "discharge":
      return { status: "discharged", ...when, ...(why !== undefined && { why: readLineOption("--why", why) }) };
    case "no-show":
      return { status: "no_show", ...when };
    case "not-dosed":
      if (reason === undefined) throw new UsageError("not-dosed needs --reason.");
      return { status: "not_dosed", reason, ...when };
    default:
      return unreachable(verb);
  }
}
