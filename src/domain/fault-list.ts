/** Collects everything wrong with one input while it is read, so that all faults are listed at once. */
import type { Fault, Parsed } from "./fault.ts";
import type { Reading } from "./reading.ts";
import { showValue } from "./show-value.ts";

/** Where something stood, and what stood there. */
export type Place = { readonly path: string; readonly value: unknown };

export type FaultList = {
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
  /** Notes a fault; a path that was found unsafe to begin with gets no second one. */
  readonly add: (place: Place, expected: string) => void;
  readonly warn: (path: string, sentence: string) => void;
  /** Takes over what another check found. */
  readonly adopt: (found: readonly Fault[]) => void;
  /** The value of a reading; notes the fault and gives undefined when it was refused. */
  readonly take: <Value>(reading: Reading<Value>, place: Place) => Value | undefined;
  /** All faults so far, or the value with its warnings when there are none. `undefined` with no fault is a mistake of ours and thrown. */
  readonly conclude: <Value>(value: Value | undefined) => Parsed<Value>;
};

/** What stands for the path of the input as a whole. */
export const WHOLE_INPUT = "(whole input)";

/** An empty list, or one that begins with faults whose paths are then left alone. */
export function faultList(unsafe: readonly Fault[] = []): FaultList {
  const faults: Fault[] = [...unsafe];
  const warnings: string[] = [];
  const settled = new Set(unsafe.map(({ path }) => path));
  const add = ({ path, value }: Place, expected: string) => {
    const shown = showValue(value);
    const where = path === "" ? WHOLE_INPUT : path;
    if (!settled.has(where)) faults.push({ path: where, ...(shown === undefined ? {} : { value: shown }), expected });
  };
  return {
    faults,
    warnings,
    add,
    adopt: (found) => void faults.push(...found),
    warn: (path, sentence) => void warnings.push(`${path}: ${sentence}`),
    take: (reading, place) => {
      if (reading.ok) return reading.value;
      add(place, reading.expected);
      return undefined;
    },
    conclude: (value) => {
      if (faults.length > 0) return { ok: false, faults };
      if (value === undefined) throw new Error("Input was refused without a fault");
      return { ok: true, value, warnings };
    },
  };
}
