/** `outcome import`. */
import type { CoreDeps } from "../deps.ts";
import { type BaselineEntry, parseBaselines } from "../domain/parse-baselines.ts";
import type { Fault } from "../domain/fault.ts";
import { importBaseline } from "../producers/import-baseline.ts";
import { toActor } from "./actor.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { getPatient } from "./get-patient.ts";
import { readText } from "./read-input.ts";
import { toLine } from "./show-faults.ts";
import { print, printJson, say } from "./terminal.ts";
import { withCore } from "./with-store.ts";

export type ImportFlags = { readonly clinic: string; readonly dryRun?: true; readonly actor?: string; readonly json?: true };

type Row = {
  readonly line: number;
  readonly kind: "stored" | "same" | "refused";
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
};

/** Each row stands for itself: the sound ones are taken, the others listed, and the exit code says whether there were any. */
export async function importBaselines(file: string, flags: ImportFlags): Promise<ExitCode> {
  const entries = parseBaselines(await readText(file));
  const rows = await withCore(async (core) => {
    const clinic = await getClinic(core.db, flags.clinic);
    const taken: Row[] = [];
    for (const entry of entries) taken.push(await takeRow(core, entry, { clinic, flags }));
    return taken;
  });
  if (flags.json) for (const row of rows) printJson(row);
  else show(rows, flags);
  return rows.some(({ kind }) => kind === "refused") ? EXIT.refused : EXIT.done;
}

type Taking = { readonly clinic: Awaited<ReturnType<typeof getClinic>>; readonly flags: ImportFlags };

async function takeRow(core: CoreDeps, { line, result }: BaselineEntry, { clinic, flags }: Taking): Promise<Row> {
  const refused = (faults: readonly Fault[]): Row => ({ line, kind: "refused", faults, warnings: [] });
  if (!result.ok) return refused(result.faults);
  const baseline = result.value;
  try {
    const id = await getPatient(core, baseline.ref, { clinic: flags.clinic });
    const options = { actor: toActor(flags.actor), dryRun: flags.dryRun === true, ifRevision: null };
    const changed = await importBaseline(core, id, { ...options, baseline, clinic });
    if (changed.kind === "refused") return refused(changed.faults);
    return {
      line,
      kind: changed.kind === "same" ? "same" : "stored",
      faults: [],
      warnings: changed.kind === "same" ? [] : changed.warnings,
    };
  } catch (error) {
    // A chart number that nobody has is a fault of its row, and of no other.
    if (error instanceof Refusal) return refused(error.faults);
    throw error;
  }
}

function show(rows: readonly Row[], { dryRun }: ImportFlags): void {
  for (const { line, faults } of rows) for (const fault of faults) say(`line ${line}: ${toLine(fault)}`);
  for (const { line, warnings } of rows) for (const warning of warnings) say(`warning: line ${line}: ${warning}`);
  const of = (kind: Row["kind"]) => rows.filter((row) => row.kind === kind).length;
  print(`stored ${of("stored")}, stored before ${of("same")}, refused ${of("refused")}`);
  if (dryRun) print("Nothing was stored: this was a dry run.");
}
