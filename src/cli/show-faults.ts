/** Faults as people read them: one a line, where, what would be right and what stood there. */
import type { Fault } from "../domain/fault.ts";
import { showValue } from "../domain/show-value.ts";
import { say, tint } from "./terminal.ts";

/** `patient.phone: expected a number of the US …; got "12"`. */
export function toLine({ path, value, expected }: Fault): string {
  return `${path}: expected ${expected}${value === undefined ? "" : `; got "${showValue(value)}"`}`;
}

/** All faults on stderr, then how many there were and what became of the input. */
export function sayFaults(faults: readonly Fault[], consequence: string): void {
  for (const fault of faults) say(toLine(fault));
  say(tint.red(`${count(faults.length, "fault")}; ${consequence}`));
}

/** `1 fault`, `3 faults`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
