/** `series preview`: what enqueueing a file now would plan. */
import { machineNow } from "../clock.ts";
import { hasDatabase } from "../config.ts";
import { type Instant, parseInstant } from "../domain/calendar.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import type { Fault } from "../domain/fault.ts";
import { type Preview, previewSeries, type PreviewBasis } from "../producers/preview-series.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { filesBasis } from "./files-basis.ts";
import { type Format, type Input, readInput } from "./read-input.ts";
import { readSeries, type SeriesEntry } from "./read-series.ts";
import { showPreview } from "./show-preview.ts";
import { say } from "./terminal.ts";

export type PreviewOptions = {
  readonly clinic?: string;
  readonly now?: string;
  readonly only?: string;
  readonly protocols?: string;
  readonly format?: Format;
  readonly json?: true;
};

/** The basis of a request, or why there is none. */
export type FindBasis = (request: EnqueueRequest) => Promise<PreviewBasis | { readonly faults: readonly Fault[] }>;

/** Without a database from files alone; with one, from the approval in force and the stored facts. Stores nothing in either case. */
export async function previewFile(file: string, options: PreviewOptions): Promise<ExitCode> {
  const now = readNow(options.now);
  const input = await readInput(file, { format: options.format });
  if (hasDatabase()) return previewFromStore(input, options, now);
  if (options.clinic === undefined)
    throw new UsageError("Without DATABASE_URL a preview needs the clinic's settings: add --clinic FILE, or set DATABASE_URL.");
  const { findContext, findBasis } = await filesBasis({ clinic: options.clinic, protocols: options.protocols, now: now ?? machineNow() });
  return preview(chosen(await readSeries(input, findContext), options), { findBasis, options });
}

async function previewFromStore(input: Input, options: PreviewOptions, now: Instant | undefined): Promise<ExitCode> {
  const { withStore } = await import("./with-store.ts");
  const { storedContext } = await import("./series-context.ts");
  const { loadPreviewBasis } = await import("../producers/preview-series.ts");
  if (options.clinic !== undefined || options.protocols !== undefined)
    say("basis: DATABASE_URL is set, so the stored clinic and its approvals count; --clinic and --protocols are left aside");
  return withStore(async (store) => {
    const entries = await readSeries(input, await storedContext(store.db, now));
    return preview(chosen(entries, options), { findBasis: (request) => loadPreviewBasis(store, request, now), options });
  });
}

function readNow(text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const now = parseInstant(text);
  if (now === undefined)
    throw new UsageError(`--now ${text}: expected an instant with its offset, such as 2027-01-04T15:00:00Z or 2027-01-04T08:00-07:00.`);
  return now;
}

/** The series to preview; programs get one at a time, since a line does not say which series it belongs to. */
function chosen(entries: readonly SeriesEntry[], { only, json }: PreviewOptions): readonly SeriesEntry[] {
  const range = `a number from 1 to ${entries.length}, the series of the file`;
  if (only === undefined) {
    if (json && entries.length > 1)
      throw new UsageError(`The file holds ${entries.length} series; with --json say which one: --only ${range}.`);
    return entries;
  }
  const entry = /^[1-9]\d*$/.test(only) ? entries[Number(only) - 1] : undefined;
  if (!entry) throw new UsageError(`--only ${only}: expected ${range}.`);
  return [entry];
}

async function preview(
  entries: readonly SeriesEntry[],
  { findBasis, options }: { findBasis: FindBasis; options: PreviewOptions },
): Promise<ExitCode> {
  const faults: Fault[] = [];
  for (const { where, result } of entries) {
    const made = result.ok ? await previewOne(result.value, findBasis) : result;
    if (made.ok) showPreview(made, { where, warnings: result.ok ? result.warnings : [], json: options.json });
    else faults.push(...made.faults.map((fault) => ({ ...fault, path: where ? `${where} ${fault.path}` : fault.path })));
  }
  if (faults.length > 0) throw new Refusal(faults, "such a series would be refused");
  return EXIT.done;
}

async function previewOne(request: EnqueueRequest, findBasis: FindBasis): Promise<Preview> {
  const basis = await findBasis(request);
  return "faults" in basis ? { ok: false, faults: basis.faults } : previewSeries(request, basis);
}
