import { z } from "zod";
import type { WallClockSpan } from "./clinic.ts";
import type { FaultList } from "./fault-list.ts";
import { wallClockField } from "./field.ts";
import { readFields } from "./read-fields.ts";

const schema = z.strictObject({ from: wallClockField, to: wallClockField }, 'two times of day: { from: "21:00", to: "08:00" }');

/** Reads quiet hours, which may cross midnight; null when left out, undefined when refused. */
export function readQuietHours(list: FaultList, input: unknown, path: string): WallClockSpan | null | undefined {
  if (input === undefined || input === null) return null;
  const { whole } = readFields(schema, input, { path, list });
  if (whole && whole.from === whole.to) list.add({ path: `${path}.to`, value: undefined }, "an end that differs from the start");
  return whole && whole.from !== whole.to ? whole : undefined;
}
