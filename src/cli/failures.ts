/** The ends of a command that are expected: each is said in a sentence, without a stack trace, and has its exit code. */
import type { Fault } from "../domain/fault.ts";

/** The input was refused; all its faults. */
export class Refusal extends Error {
  readonly faults: readonly Fault[];
  /** What became of the rest, such as "nothing was stored". */
  readonly consequence: string;
  constructor(faults: readonly Fault[], consequence = "nothing was stored") {
    super(`${faults.length} faults`);
    this.name = "Refusal";
    this.faults = faults;
    this.consequence = consequence;
  }
}

/** The command line asks for something that cannot be; the message says what would be right. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Something that the command stands on is not there. */
export class DependencyDown extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DependencyDown";
  }
}
