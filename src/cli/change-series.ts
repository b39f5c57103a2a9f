/** `series pause|resume|stop`. */
import { parsePublicId, type SeriesId, toPublicId } from "../domain/ids.ts";
import { unreachable } from "../domain/unreachable.ts";
import type { Changed } from "../producers/change-facts.ts";
import { pauseSeries } from "../producers/pause-series.ts";
import { resumeSeries } from "../producers/resume-series.ts";
import { stopSeries } from "../producers/stop-series.ts";
import { type ChangeFlags, endChange, toChangeOptions } from "./change-command.ts";
import type { ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { count } from "./show-faults.ts";
import { withCore } from "./with-store.ts";

export type SeriesVerb = "pause" | "resume" | "stop";
export type SeriesFlags = ChangeFlags & { readonly because?: "patient" | "clinic" };

export async function changeSeriesBy(text: string, verb: SeriesVerb, { because = "clinic", ...flags }: SeriesFlags): Promise<ExitCode> {
  const id = readSeriesId(text);
  const options = toChangeOptions(flags);
  const finish = <Value extends object>(result: Changed<Value>, sentence: (value: Value) => string) =>
    endChange(nameSeries(result, id), { json: flags.json, say: (value) => `${value.series} ${sentence(value)}.` });
  switch (verb) {
    case "pause":
      return finish(await withCore((core) => pauseSeries(core, id, options)), () => "paused");
    case "resume":
      return finish(
        await withCore((core) => resumeSeries(core, id, options)),
        ({ sessionsToCome }) => `resumed, with ${count(sessionsToCome, "session")} to come`,
      );
    case "stop":
      return finish(
        await withCore((core) => stopSeries(core, id, { ...options, because })),
        ({ sessionsCalledOff }) => `stopped, and ${count(sessionsCalledOff, "session")} called off`,
      );
    default:
      return unreachable(verb);
  }
}

/** Throws {@link UsageError} for a text that is no id of a series. */
export function readSeriesId(text: string): SeriesId {
  const id = parsePublicId("series", text);
  if (!id) throw new UsageError(`${text}: expected the id of a series, such as ser_0197c3a4-5a1e-7c00-8f00-0123456789ab.`);
  return id;
}

/** With the series as programs know it. */
export function nameSeries<Value extends object>(result: Changed<Value>, id: SeriesId): Changed<Value & { readonly series: string }> {
  return result.kind === "changed" ? { ...result, value: { series: toPublicId("series", id), ...result.value } } : result;
}
