/** Templates that cannot be used: every fault of every file, found before anything is sent. */
import type { Fault } from "../domain/fault.ts";

export class TemplateError extends Error {
  /** Paths are file names such as `email/day-before.es.mjml`. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ path, expected }) => `${path}: expected ${expected}`).join("\n"));
    this.name = "TemplateError";
    this.faults = faults;
  }
}
