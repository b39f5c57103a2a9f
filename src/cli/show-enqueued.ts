/** What became of each series of a file: a line each, and a summary. */
import type { Fault } from "../domain/fault.ts";
import { toPublicId } from "../domain/ids.ts";
import type { EnqueueResult } from "../producers/enqueue-series.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { SeriesEntry } from "./read-series.ts";
import { count, toLine } from "./show-faults.ts";
import { paint, print, printJson, say, tint } from "./terminal.ts";

type Json = { readonly json: true | undefined };

/** Faults and warnings go to stderr, each with the place of its series in the file. */
export function showEnqueued(result: EnqueueResult, { where, result: read }: SeriesEntry, { json }: Json): void {
  const at = where === "" ? "" : `${where}: `;
  if (result.kind === "refused") {
    for (const fault of result.faults) say(toLine(within(where, fault)));
    if (json) printJson({ ...(where && { at: where }), kind: result.kind, faults: result.faults });
    return;
  }
  const warnings = [...(read.ok ? read.warnings : []), ...result.warnings];
  for (const warning of warnings) say(`${at}warning: ${warning}`);
  const series = toPublicId("series", result.seriesId);
  if (json) printJson({ ...(where && { at: where }), kind: result.kind, series, warnings });
  else if (result.kind === "enqueued") print(`${at}${paint.green("enqueued")} ${series}`);
  else print(`${at}${series} holds exactly this already; nothing was stored`);
}

function within(where: string, { path, ...fault }: Fault): Fault {
  if (where === "") return { path, ...fault };
  return { ...fault, path: where.startsWith("series") ? `${where}.${path}` : `${where} ${path}` };
}

/** The faults counted and, for a file with several series, how many went which way. Exit code 1 when any was refused. */
export function sumUpEnqueued(results: readonly EnqueueResult[], { json }: Json): ExitCode {
  const of = (kind: EnqueueResult["kind"]) => results.filter((result) => result.kind === kind).length;
  const faults = results.reduce((sum, result) => sum + (result.kind === "refused" ? result.faults.length : 0), 0);
  const refused = of("refused");
  const lost = results.length === 1 ? "nothing was stored" : `nothing was stored of ${refused} of ${results.length} series`;
  if (refused > 0) say(tint.red(`${count(faults, "fault")}; ${lost}`));
  if (results.length > 1) (json ? say : print)(`${of("enqueued")} enqueued, ${of("same")} there already, ${refused} refused`);
  return refused > 0 ? EXIT.refused : EXIT.done;
}
