/** How commands are declared: words, promise and examples here, the work in a file of its own that is loaded only when the command runs. */
import type { Command } from "commander";
import type { ExitCode } from "./exit-codes.ts";

export type Declaration = {
  /** Name and arguments, as `enqueue <file>`. */
  readonly usage: string;
  /** One sentence. */
  readonly does: string;
  /** Command lines without the program's name. */
  readonly examples: readonly string[];
};

/** Adds a noun to the program or a verb to a noun, with help that ends in examples; the caller adds options and, to a verb, its action. */
export function declare(parent: Command, { usage, does, examples }: Declaration): Command {
  const title = examples.length === 1 ? "Example" : "Examples";
  const lines = examples.map((example) => `  $ afterglow ${example}`);
  return parent
    .command(usage)
    .description(does)
    .addHelpText("after", `\n${title}:\n${lines.join("\n")}`);
}

/** Takes over a command's end as the program's. */
export function end(code: ExitCode): void {
  process.exitCode = code;
}
