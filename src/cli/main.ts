/** Runs one command line, and ends the process with its exit code. Called by bin/afterglow.mjs. */
import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.ts";
import { makeProgram } from "./program.ts";
import { reportFailure } from "./report-failure.ts";
import { flush, outliveReaders } from "./terminal.ts";

/** `argv` as the process got it. Never returns to a caller: what a dependency left open must not keep a finished command alive. */
export async function main(argv: readonly string[]): Promise<never> {
  outliveReaders();
  const code = await runCommandLine(argv);
  await flush();
  process.exit(code);
}

/** Runs one command line in this process, which goes on, and returns the exit code. What is said goes to the streams of this process. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    await makeProgram().parseAsync(argv);
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    // Commander throws for help too, with code 0, and has said everything already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return reportFailure(error);
  }
}
