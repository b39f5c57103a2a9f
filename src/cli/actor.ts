/** Who stands behind a command, as the audit keeps it. */
import { parseLine } from "../domain/line-of-text.ts";
import { UsageError } from "./failures.ts";

/** `staff:<name>`, or the command line itself when nobody is named. */
export function toActor(name: string | undefined): string {
  if (name === undefined) return "cli";
  const reading = parseLine(name, { most: 100 });
  if (!reading.ok) throw new UsageError(`--actor: expected ${reading.expected}.`);
  return `staff:${reading.value}`;
}
