/** `afterglow touchpoint settle` */
import { type Command, Option } from "commander";
import { addChangeOptions } from "./change-command.ts";
import { declare, end } from "./declare.ts";
import type { SettleFlags } from "./settle-touchpoint.ts";

const ID = "tp_0197c3a4-5a1e-7c00-8f00-0123456789ab";

/** Adds the verb to the noun `touchpoint`. */
export function declareSettleCommand(touchpoint: Command): void {
  const command = declare(touchpoint, {
    usage: "settle <id>",
    does: "Say what became of a message of which nobody knows whether it was sent; its task is closed",
    examples: [`touchpoint settle ${ID} --as arrived`, `touchpoint settle ${ID} --as told`, `touchpoint settle ${ID} --as again --dry-run`],
  }).addOption(
    new Option("--as <verdict>", "the person has it; somebody said it by voice; send it once more")
      .choices(["arrived", "told", "again"])
      .makeOptionMandatory(),
  );
  addChangeOptions(command).action(async (id: string, flags: SettleFlags) =>
    end(await (await import("./settle-touchpoint.ts")).settleByStaff(id, flags)),
  );
}
