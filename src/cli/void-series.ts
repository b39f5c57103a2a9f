/** `series void` and `series replace`. */
import type { CoreDeps } from "../deps.ts";
import type { EnqueueRequest } from "../domain/enqueue-request.ts";
import { type SeriesId, toPublicId } from "../domain/ids.ts";
import type { Changed, ChangeOptions } from "../producers/change-facts.ts";
import { type ReplacedSeries, replaceSeries } from "../producers/replace-series.ts";
import { type VoidedSeries, type VoidReach, voidSeries } from "../producers/void-series.ts";
import { endChange, toChangeOptions } from "./change-command.ts";
import { nameSeries, readSeriesId } from "./change-series.ts";
import { askForYes, type ConfirmFlags } from "./confirm-change.ts";
import type { ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { type Format, readInput } from "./read-input.ts";
import { readSeries } from "./read-series.ts";
import { storedContext } from "./series-context.ts";
import { count } from "./show-faults.ts";
import { withCore } from "./with-store.ts";

export async function voidSeriesById(text: string, flags: ConfirmFlags): Promise<ExitCode> {
  const id = readSeriesId(text);
  const result = await withCore((core) => undoOrConfirm(flags, (options) => voidSeries(core, id, options)));
  const code = endChange(nameSeries(result, id), { json: flags.json, say: (value) => sayVoided(id, value) });
  askForYes(flags, result);
  return code;
}

export type ReplaceFlags = ConfirmFlags & { readonly also?: true; readonly format?: Format };

export async function replaceSeriesBy(text: string, file: string, { also, format, ...flags }: ReplaceFlags): Promise<ExitCode> {
  const id = readSeriesId(text);
  const input = await readInput(file, { format });
  const result = await withCore(async (core) => {
    const request = await readOne(core, input);
    const second = also ? "also" : "refuse";
    return undoOrConfirm(flags, (options) => replaceSeries(core, id, { ...options, request, second }));
  });
  const code = endChange(nameSeries(named(result), id), {
    json: flags.json,
    say: ({ replacedBy, ...value }) => `${sayVoided(id, { ...value, status: "void" })} In its place: ${replacedBy}.`,
  });
  askForYes(flags, result);
  return code;
}

function named(result: Changed<ReplacedSeries>): Changed<Omit<ReplacedSeries, "replacedBy"> & { replacedBy: string }> {
  if (result.kind !== "changed") return result;
  return { ...result, value: { ...result.value, replacedBy: toPublicId("series", result.value.replacedBy) } };
}

/** Within the undo time nobody has to be asked: nothing has left. Later what follows is shown, and done with `--yes`. */
async function undoOrConfirm<Value extends Pick<VoidedSeries, "how">>(
  flags: ConfirmFlags,
  run: (options: ChangeOptions & { reach: VoidReach }) => Promise<Changed<Value>>,
): Promise<Changed<Value>> {
  const options = toChangeOptions(flags);
  if (flags.yes || options.dryRun) return run({ ...options, reach: "any" });
  const shown = await run({ ...options, dryRun: true, reach: "any" });
  return shown.kind === "changed" && shown.value.how === "undo" ? run({ ...options, reach: "undo" }) : shown;
}

function sayVoided(id: SeriesId, { how, wasAnnounced, sessionsCalledOff }: VoidedSeries): string {
  const told = wasAnnounced ? "some of it had been told already" : "nothing of it had left";
  return `${toPublicId("series", id)} ${how === "undo" ? "undone" : "void"}, ${count(sessionsCalledOff, "session")} called off; ${told}.`;
}

async function readOne({ db }: CoreDeps, input: Awaited<ReturnType<typeof readInput>>): Promise<EnqueueRequest> {
  const entries = await readSeries(input, await storedContext(db));
  const [entry] = entries;
  if (!entry || entries.length !== 1) throw new UsageError(`${input.name} holds ${entries.length} series; one takes the place of one.`);
  if (!entry.result.ok) throw new Refusal(entry.result.faults);
  return entry.result.value;
}
