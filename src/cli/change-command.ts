/** What every verb that changes facts has in common: its options, and how it shows what follows. */
import type { Command } from "commander";
import { formatInstant } from "../domain/calendar.ts";
import { toPublicId } from "../domain/ids.ts";
import type { Changed, ChangeOptions } from "../producers/change-facts.ts";
import type { Standing, TouchpointChange } from "../producers/touchpoint-change.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { sayWhen } from "./say-when.ts";
import { count } from "./show-faults.ts";
import { print, printJson, say as sayAside, toTable } from "./terminal.ts";

export type ChangeFlags = {
  readonly dryRun?: true;
  readonly ifRevision?: string;
  readonly actor?: string;
  readonly json?: true;
};

/** Adds `--dry-run`, `--if-revision`, `--actor` and `--json`. */
export function addChangeOptions(command: Command): Command {
  return command
    .option("--dry-run", "show what would change, and store nothing")
    .option("--if-revision <number>", "refuse when the patient's plan is not at this revision any more (series show prints it)")
    .option("--actor <name>", "who asks, for the audit")
    .option("--json", "print one object");
}

export function toChangeOptions({ dryRun, ifRevision, actor }: ChangeFlags): ChangeOptions {
  if (ifRevision !== undefined && !/^\d{1,9}$/.test(ifRevision))
    throw new UsageError(`--if-revision ${ifRevision}: expected the revision that series show prints, such as 4.`);
  return { actor: toActor(actor), dryRun: dryRun === true, ifRevision: ifRevision === undefined ? null : Number(ifRevision) };
}

/** Prints the result of a change and says how the command ended. `say` is the sentence about the fact itself, without what follows from it. */
export function endChange<Value extends object>(
  result: Changed<Value>,
  { json, say }: { json: true | undefined; say: (value: Value) => string },
): ExitCode {
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) {
    printJson(
      result.kind === "same" ? result : { ...result, ...result.value, value: undefined, touchpoints: result.touchpoints.map(toFields) },
    );
    return EXIT.done;
  }
  if (result.kind === "same") {
    print("That is how it is already; nothing was stored.");
    return EXIT.done;
  }
  for (const warning of result.warnings) sayAside(`warning: ${warning}`);
  print(`${result.dryRun ? "Would be: " : ""}${say(result.value)}`);
  showChanges(result.touchpoints);
  print(
    result.dryRun
      ? "Nothing was stored: this was a dry run."
      : `${count(result.touchpoints.length, "touchpoint")} changed; the plan is at revision ${result.revision}.`,
  );
  return EXIT.done;
}

/** One line a touchpoint in order of time: when, how, what, and what becomes of it. */
export function showChanges(changes: readonly TouchpointChange[]): void {
  const inOrder = changes.toSorted((one, other) => one.after.dueAt - other.after.dueAt || (one.id < other.id ? -1 : 1));
  for (const line of toTable(inOrder.map(toCells))) print(line);
}

function toCells({ zone, recipient, channel, rule, before, after }: TouchpointChange): string[] {
  const moved = before !== null && before.dueAt !== after.dueAt ? `, was ${sayWhen(zone, before.dueAt)}` : "";
  return [
    sayWhen(zone, after.dueAt),
    recipient === "patient" ? channel : `${channel} to ${recipient}`,
    rule,
    `${before === null ? "new" : standing(before)} -> ${standing(after)}${moved}`,
  ];
}

function standing({ state, reason }: Standing): string {
  return reason === null ? state : `${state} (${reason})`;
}

function toFields({ id, seriesId, sessionId, before, after, patientId, ...rest }: TouchpointChange) {
  return {
    touchpoint: toPublicId("touchpoint", id),
    series: toPublicId("series", seriesId),
    session: sessionId === null ? null : toPublicId("session", sessionId),
    patient: toPublicId("patient", patientId),
    ...rest,
    before: before && { ...before, dueAt: formatInstant(before.dueAt) },
    after: { ...after, dueAt: formatInstant(after.dueAt) },
  };
}
