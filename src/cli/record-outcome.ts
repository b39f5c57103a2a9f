/** `session arrive|dose|not-dosed|discharge|no-show`. */
import { parseInstant } from "../domain/calendar.ts";
import { parsePublicId } from "../domain/ids.ts";
import { type Outcome, recordOutcome } from "../producers/record-outcome.ts";
import { unreachable } from "../domain/unreachable.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import type { OutcomeVerb, REASONS } from "./session-commands.ts";
import { count } from "./show-faults.ts";
import { print, printJson } from "./terminal.ts";
import { withCore } from "./with-store.ts";

export type OutcomeOptions = {
  readonly reason?: (typeof REASONS)[number];
  readonly at?: string;
  readonly actor?: string;
  readonly json?: true;
};

export async function recordSessionOutcome(
  text: string,
  verb: OutcomeVerb,
  { reason, at, actor, json }: OutcomeOptions,
): Promise<ExitCode> {
  const id = parsePublicId("session", text);
  if (!id)
    throw new UsageError(
      `${text}: expected the id of a session, such as ses_0197c3a4-5a1e-7c00-8f00-0123456789ab (afterglow series show lists them).`,
    );
  const outcome = toOutcome(verb, { reason, at });
  const by = toActor(actor);
  const result = await withCore((core) => recordOutcome(core, id, { outcome, actor: by }));
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson({ session: text, status: outcome.status, ...result });
  else
    print(
      result.kind === "same"
        ? `It is recorded as ${outcome.status} already; nothing was stored.`
        : `Recorded: ${outcome.status}. ${count(result.touchpoints, "new touchpoint")} planned.`,
    );
  return EXIT.done;
}

function toOutcome(
  verb: OutcomeVerb,
  { reason, at: text }: { reason: OutcomeOptions["reason"] | undefined; at: string | undefined },
): Outcome {
  const at = text === undefined ? undefined : parseInstant(text);
  if (text !== undefined && at === undefined)
    throw new UsageError(`--at ${text}: expected an instant with its offset, such as 2027-01-11T09:05-07:00.`);
  const when = at === undefined ? {} : { at };
  switch (verb) {
    case "arrive":
      return { status: "arrived", ...when };
    case "dose":
      return { status: "dosed", ...when };
    case "discharge":
      return { status: "discharged", ...when };
    case "no-show":
      return { status: "no_show", ...when };
    case "not-dosed":
      if (reason === undefined) throw new UsageError("not-dosed needs --reason.");
      return { status: "not_dosed", reason, ...when };
    default:
      return unreachable(verb);
  }
}
