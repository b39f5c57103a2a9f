/** `series enqueue`. */
import { listWorkers } from "../db/workers.ts";
import type { CoreDeps } from "../deps.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import type { Fault } from "../domain/fault.ts";
import { toPublicId } from "../domain/ids.ts";
import { type EnqueueResult, enqueueSeries } from "../producers/enqueue-series.ts";
import { DEAD_AFTER_SECONDS } from "../producers/sweep-due.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { type Format, readInput } from "./read-input.ts";
import { readSeries, type SeriesEntry } from "./read-series.ts";
import { storedContext } from "./series-context.ts";
import { count, toLine } from "./show-faults.ts";
import { paint, print, printJson, say, tint } from "./terminal.ts";
import { withCore } from "./with-store.ts";

export type EnqueueFileOptions = { readonly also?: true; readonly actor?: string; readonly format?: Format; readonly json?: true };

/** Each series of the file stands for itself: the good ones are enqueued, the others listed, and the exit code says whether there were any. */
export async function enqueueFile(file: string, options: EnqueueFileOptions): Promise<ExitCode> {
  const actor = toActor(options.actor);
  const input = await readInput(file, { format: options.format });
  return withCore(async (core) => {
    const entries = await readSeries(input, await storedContext(core.db));
    const results = await enqueueEntries(core, entries, { actor, second: options.also ? "also" : "refuse" });
    for (const [
      index,
      {
        where,
        result: { ok, ...parsed },
      },
    ] of entries.entries()) {
      const warnings = ok && "warnings" in parsed ? parsed.warnings : [];
      show(results[index], { where, warnings, json: options.json });
    }
    await warnWithoutWorker(core, results);
    return summarise(results, options.json);
  });
}

type Enqueueing = { readonly actor: string; readonly second: "refuse" | "also" };

/** One result an entry, in their order; clinics one after the other. */
async function enqueueEntries(core: CoreDeps, entries: readonly SeriesEntry[], { actor, second }: Enqueueing): Promise<EnqueueResult[]> {
  const results: EnqueueResult[] = entries.map(({ result }) => ({ kind: "refused", faults: result.ok ? [] : result.faults }));
  const sound = entries.flatMap(({ result }, index) => (result.ok ? [{ index, request: result.value }] : []));
  for (const [clinic, members] of Map.groupBy(sound, ({ request }) => request.clinic)) {
    const requests: EnqueueRequest[] = members.map(({ request }) => request);
    const enqueued = await enqueueSeries(core, requests, { clinic, actor, second });
    for (const [position, { index }] of members.entries()) results[index] = enqueued[position] ?? { kind: "refused", faults: [] };
  }
  return results;
}

type Shown = { readonly where: string; readonly warnings: readonly string[]; readonly json: true | undefined };

function show(result: EnqueueResult | undefined, { where, warnings, json }: Shown): void {
  if (!result) return;
  const at = where === "" ? "" : `${where}: `;
  if (result.kind === "refused") {
    for (const fault of result.faults) say(toLine(within(where, fault)));
    if (json) printJson({ ...(where && { at: where }), kind: result.kind, faults: result.faults });
    return;
  }
  const all = [...warnings, ...result.warnings];
  for (const warning of all) say(`${at}warning: ${warning}`);
  const series = toPublicId("series", result.seriesId);
  if (json) printJson({ ...(where && { at: where }), kind: result.kind, series, warnings: all });
  else
    print(
      result.kind === "enqueued"
        ? `${at}${paint.green("enqueued")} ${series}`
        : `${at}${series} holds exactly this already; nothing was stored`,
    );
}

function within(where: string, { path, ...fault }: Fault): Fault {
  return { ...fault, path: where.startsWith("series") ? `${where}.${path}` : `${where ? `${where} ` : ""}${path}` };
}

function summarise(results: readonly EnqueueResult[], json: true | undefined): ExitCode {
  const of = (kind: EnqueueResult["kind"]) => results.filter((result) => result.kind === kind).length;
  const faults = results.reduce((sum, result) => sum + (result.kind === "refused" ? result.faults.length : 0), 0);
  const refused = of("refused");
  if (refused > 0)
    say(
      tint.red(
        `${count(faults, "fault")}; ${results.length === 1 ? "nothing was stored" : `nothing was stored of ${refused} of ${results.length} series`}`,
      ),
    );
  if (results.length > 1) (json ? say : print)(`${of("enqueued")} enqueued, ${of("same")} there already, ${refused} refused`);
  return refused > 0 ? EXIT.refused : EXIT.done;
}

/** Enqueueing needs no worker, but without one nothing is planned. */
async function warnWithoutWorker({ db }: CoreDeps, results: readonly EnqueueResult[]): Promise<void> {
  if (!results.some(({ kind }) => kind === "enqueued")) return;
  const alive = await listWorkers(db, { deadAfterSeconds: DEAD_AFTER_SECONDS });
  if (alive.length === 0) say("warning: no worker is running; nothing is planned or sent until one is (afterglow worker)");
}
