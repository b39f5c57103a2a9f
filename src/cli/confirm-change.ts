/** A change that somebody has to look at before it is made: without --yes it is shown, and nothing is stored. */
import type { Changed, ChangeOptions } from "../producers/change-facts.ts";
import { type ChangeFlags, toChangeOptions } from "./change-command.ts";
import { say } from "./terminal.ts";

export type ConfirmFlags = ChangeFlags & { readonly yes?: true };

/** Runs it with `--yes` and as a dry run without; the result says which (`dryRun`). */
export async function confirmChange<Value>(
  { yes, ...flags }: ConfirmFlags,
  run: (options: ChangeOptions) => Promise<Changed<Value>>,
): Promise<Changed<Value>> {
  const options = toChangeOptions(flags);
  return run({ ...options, dryRun: options.dryRun || yes !== true });
}

export const SAY_YES = "Look at it, then say the same with --yes to do it.";

/** Beside a change that was only shown because nobody said yes: how it is made. */
export function askForYes({ yes, dryRun }: ConfirmFlags, result: Changed<unknown>): void {
  if (result.kind === "changed" && result.dryRun && !yes && !dryRun) say(SAY_YES);
}
