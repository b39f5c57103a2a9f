/** `series migrate`: one series, or all of a clinic that are on a version. */
import { listSeriesOn } from "../db/series-changes.ts";
import type { CoreDeps } from "../deps.ts";
import { type PatientId, type SeriesId, toPublicId } from "../domain/ids.ts";
import { parseProtocolName, protocolName } from "../domain/protocol.ts";
import type { ChangeOptions } from "../producers/change-facts.ts";
import { migrateSeries, type ProtocolVersion } from "../producers/migrate-series.ts";
import { endChange, toChangeOptions } from "./change-command.ts";
import { nameSeries, readSeriesId } from "./change-series.ts";
import { askForYes, confirmChange, type ConfirmFlags, SAY_YES } from "./confirm-change.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failures.ts";
import { getClinic } from "./get-clinic.ts";
import { count, toLine } from "./show-faults.ts";
import { print, printJson, say } from "./terminal.ts";
import { withCore } from "./with-store.ts";

export type MigrateFlags = ConfirmFlags & { readonly to: string; readonly allOf?: string; readonly clinic?: string };

export async function migrateSeriesTo(text: string | undefined, { to: name, allOf, clinic, ...flags }: MigrateFlags): Promise<ExitCode> {
  const to = readVersion(name);
  if (text !== undefined && allOf === undefined) return migrateOne(readSeriesId(text), to, flags);
  if (text !== undefined || allOf === undefined || clinic === undefined)
    throw new UsageError("Say which series: an id, or --all-of NAME@VERSION --clinic SLUG.");
  if (flags.ifRevision !== undefined) throw new UsageError("--if-revision is of one patient's plan; it does not go with --all-of.");
  return withCore((core) => migrateAll(core, { clinic, from: readVersion(allOf), to }, flags));
}

function readVersion(name: string): ProtocolVersion {
  const version = parseProtocolName(name);
  if (!version) throw new UsageError(`${name}: expected a protocol and its version, such as iv-ketamine@2.`);
  return version;
}

async function migrateOne(id: SeriesId, to: ProtocolVersion, flags: ConfirmFlags): Promise<ExitCode> {
  const result = await withCore((core) => confirmChange(flags, (options) => migrateSeries(core, id, { ...options, to })));
  const code = endChange(nameSeries(result, id), {
    json: flags.json,
    say: (value) => `${toPublicId("series", id)} goes on with ${value.to} instead of ${value.from}.`,
  });
  askForYes(flags, result);
  return code;
}

type Asked = { readonly clinic: string; readonly from: ProtocolVersion; readonly to: ProtocolVersion };

/** One patient a transaction: what is refused for one never keeps the others from it. */
async function migrateAll(core: CoreDeps, { clinic, from, to }: Asked, flags: ConfirmFlags): Promise<ExitCode> {
  const options = toChangeOptions(flags);
  const dryRun = options.dryRun || flags.yes !== true;
  const all = await listSeriesOn(core.db, (await getClinic(core.db, clinic)).id, from);
  const ended: Ended[] = [];
  for (const { id, patientId } of all) {
    const one = await migrateOneOf(core, id, { ...options, dryRun, to });
    if (flags.json) printJson({ series: toPublicId("series", id), patient: toPublicId("patient", patientId), ...one, dryRun });
    else showOne(id, one);
    ended.push({ ...one, patientId });
  }
  sumUp(ended, { from, to, dryRun });
  if (dryRun && !flags.dryRun && all.length > 0) say(SAY_YES);
  return ended.some(({ kind }) => kind === "refused") ? EXIT.refused : EXIT.done;
}

type One = { readonly kind: "changed" | "same" | "refused"; readonly differences: number };
type Ended = One & { readonly patientId: PatientId };

async function migrateOneOf(core: CoreDeps, id: SeriesId, options: ChangeOptions & { to: ProtocolVersion }): Promise<One> {
  const result = await migrateSeries(core, id, options);
  if (result.kind === "refused") for (const fault of result.faults) say(`${toPublicId("series", id)} ${toLine(fault)}`);
  if (result.kind === "changed") for (const warning of result.warnings) say(`${toPublicId("series", id)} warning: ${warning}`);
  return { kind: result.kind, differences: result.kind === "changed" ? result.touchpoints.length : 0 };
}

function showOne(id: SeriesId, { kind, differences }: One): void {
  print(`${toPublicId("series", id)}  ${kind === "changed" ? count(differences, "difference") : kind}`);
}

function sumUp(ended: readonly Ended[], { from, to, dryRun }: { from: ProtocolVersion; to: ProtocolVersion; dryRun: boolean }): void {
  const moved = ended.filter(({ kind }) => kind === "changed");
  const patients = new Set(moved.map(({ patientId }) => patientId)).size;
  const differences = moved.reduce((sum, each) => sum + each.differences, 0);
  say(
    `${protocolName(from)} to ${protocolName(to)}: ${count(patients, "patient")}, ${moved.length} series, ${count(differences, "difference")}${dryRun ? "; nothing was stored" : ""}`,
  );
}
