/** From an error to what is said about it and the exit code: one sentence for what can be expected, the stack only for defects. */
import type { TemplateError } from "../messages/template-error.ts";
import { describeDown } from "./describe-down.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { DependencyDown, Refusal, UsageError } from "./failures.ts";
import { sayFaults } from "./show-faults.ts";
import { say, tint } from "./terminal.ts";

/** Says what went wrong on stderr and returns the exit code. */
export function reportFailure(error: unknown): ExitCode {
  if (error instanceof Refusal) {
    sayFaults(error.faults, error.consequence);
    return EXIT.refused;
  }
  if (error instanceof UsageError) return fail(error.message, EXIT.usage);
  if (error instanceof DependencyDown) return fail(error.message, EXIT.down);
  if (isNamed(error, "ConfigFaults") || isNamed(error, "OtherEnvironment") || isNamed(error, "OtherKeys"))
    return fail(error.message, EXIT.down);
  if (isTemplateError(error)) {
    sayFaults(error.faults, "such messages must not go out");
    return EXIT.refused;
  }
  if (isNamed(error, "SealBroken"))
    return fail(`${error.message}: AFTERGLOW_KEYS lacks the key that it was sealed with, or the row was changed.`, EXIT.down);
  const down = describeDown(error);
  if (down) return fail(`A dependency is down: ${down}.`, EXIT.down);
  say(tint.red("Afterglow has a defect; please report what follows."));
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.defect;
}

function fail(message: string, code: ExitCode): ExitCode {
  say(tint.red(message));
  return code;
}

/** By name, so that a command which needs neither the configuration nor the templates does not load them. */
function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}

function isTemplateError(error: unknown): error is TemplateError {
  return isNamed(error, "TemplateError") && "faults" in error;
}
