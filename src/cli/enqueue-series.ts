/** `series enqueue`. */
import { listWorkers } from "../db/workers.ts";
import type { CoreDeps } from "../deps.ts";
import { type EnqueueResult, enqueueSeries } from "../producers/enqueue-series.ts";
import { DEAD_AFTER_SECONDS } from "../producers/sweep-due.ts";
import { toActor } from "./actor.ts";
import type { ExitCode } from "./exit-codes.ts";
import { type Format, readInput } from "./read-input.ts";
import { readSeries, type SeriesEntry } from "./read-series.ts";
import { storedContext } from "./series-context.ts";
import { showEnqueued, sumUpEnqueued } from "./show-enqueued.ts";
import { say } from "./terminal.ts";
import { withCore } from "./with-store.ts";

export type EnqueueFileOptions = { readonly also?: true; readonly actor?: string; readonly format?: Format; readonly json?: true };

/** Each series of the file stands for itself: the good ones are enqueued, the others listed, and the exit code says whether there were any. */
export async function enqueueFile(file: string, { also, actor: name, format, json }: EnqueueFileOptions): Promise<ExitCode> {
  const actor = toActor(name);
  const input = await readInput(file, { format });
  return withCore(async (core) => {
    const entries = await readSeries(input, await storedContext(core.db));
    const results = await enqueueAll(core, entries, { actor, second: also ? "also" : "refuse", json });
    await warnWithoutWorker(core, results);
    return sumUpEnqueued(results, { json });
  });
}

/** Series are enqueued and shown so many at a time: should something break half-way, what was stored until then has been said. */
const AT_A_TIME = 50;

type Enqueueing = { readonly actor: string; readonly second: "refuse" | "also"; readonly json: true | undefined };

async function enqueueAll(core: CoreDeps, entries: readonly SeriesEntry[], { json, ...asked }: Enqueueing): Promise<EnqueueResult[]> {
  const all: EnqueueResult[] = [];
  try {
    for (let start = 0; start < entries.length; start += AT_A_TIME) {
      const some = entries.slice(start, start + AT_A_TIME);
      for (const [index, result] of (await enqueueSome(core, some, asked)).entries()) {
        all.push(result);
        const entry = some[index];
        if (entry) showEnqueued(result, entry, { json });
      }
    }
  } catch (error) {
    if (entries.length > 1) say(`${all.length} of ${entries.length} series were dealt with before this:`);
    throw error;
  }
  return all;
}

/** One result an entry, in their order; clinics one after the other. */
async function enqueueSome(core: CoreDeps, entries: readonly SeriesEntry[], asked: Omit<Enqueueing, "json">): Promise<EnqueueResult[]> {
  const results = entries.map(({ result }): EnqueueResult => ({ kind: "refused", faults: result.ok ? [] : result.faults }));
  const sound = entries.flatMap(({ result }, index) => (result.ok ? [{ index, request: result.value }] : []));
  for (const [clinic, members] of Map.groupBy(sound, ({ request }) => request.clinic)) {
    const requests = members.map(({ request }) => request);
    const enqueued = await enqueueSeries(core, requests, { clinic, ...asked });
    for (const [position, result] of enqueued.entries()) {
      const index = members[position]?.index;
      if (index !== undefined) results[index] = result;
    }
  }
  return results;
}

/** Enqueueing needs no worker, but without one nothing is planned. */
async function warnWithoutWorker({ db }: CoreDeps, results: readonly EnqueueResult[]): Promise<void> {
  if (!results.some(({ kind }) => kind === "enqueued")) return;
  const alive = await listWorkers(db, { deadAfterSeconds: DEAD_AFTER_SECONDS });
  if (alive.length === 0) say("warning: no worker is running; nothing is planned or sent until one is (afterglow worker)");
}
