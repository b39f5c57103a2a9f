/** `series requirement`. */
import { type CalendarDay, parseDay } from "../domain/calendar.ts";
import { REQUIREMENTS } from "../domain/protocol.ts";
import { type RecordedRequirement, recordRequirement } from "../producers/record-requirement.ts";
import { type ChangeFlags, endChange, toChangeOptions } from "./change-command.ts";
import { nameSeries, readSeriesId } from "./change-series.ts";
import type { ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { withCore } from "./with-store.ts";

export type RequirementFlags = ChangeFlags & { readonly on: string; readonly until?: string };

export async function recordOneRequirement(text: string, name: string, { on, until, ...flags }: RequirementFlags): Promise<ExitCode> {
  const id = readSeriesId(text);
  const requirement = REQUIREMENTS.find((each) => each === name);
  if (!requirement) throw new UsageError(`${name}: expected ${REQUIREMENTS.join(" or ")}.`);
  const met = { requirement, metOn: readDay("--on", on), expiresOn: until === undefined ? null : readDay("--until", until) };
  const result = await withCore((core) => recordRequirement(core, id, { ...toChangeOptions(flags), met }));
  return endChange(nameSeries(result, id), { json: flags.json, say: (value) => `${value.series}: ${sayMet(value)}.` });
}

function sayMet({ requirement, metOn, expiresOn }: RecordedRequirement): string {
  return `${requirement} since ${metOn}${expiresOn === null ? "" : ` until ${expiresOn}`}`;
}

function readDay(option: string, text: string): CalendarDay {
  const day = parseDay(text);
  if (day !== undefined) return day;
  throw new UsageError(`${option} ${text}: expected a day, such as 2027-01-11.`);
}
