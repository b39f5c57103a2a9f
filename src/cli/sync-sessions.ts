/** `sessions sync`. */
import { extname } from "node:path";
import { formatInstant, parseDay } from "../domain/calendar.ts";
import { parseSyncCsv } from "../domain/parse-sync-csv.ts";
import { parseSyncIcs } from "../domain/parse-sync-ics.ts";
import type { SyncEntry } from "../domain/sync-row.ts";
import { type Synced, type SyncedRow, syncSessions } from "../producers/sync-sessions.ts";
import { toActor } from "./actor.ts";
import { sayProposal, toFields } from "./end-session-change.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Refusal, UsageError } from "./failures.ts";
import { readText } from "./read-input.ts";
import { sayWhen } from "./say-when.ts";
import { count, toLine } from "./show-faults.ts";
import { print, printJson, say, tint, toTable } from "./terminal.ts";
import { withCore } from "./with-store.ts";

export type SyncFlags = {
  readonly clinic: string;
  readonly apply?: true;
  readonly until?: string;
  readonly format?: "csv" | "ics";
  readonly actor?: string;
  readonly json?: true;
};

/** Each row stands for itself: the sound ones are taken, the others listed, and the exit code says whether there were any. */
export async function syncFile(file: string, { clinic, apply, until: day, format, actor: name, json }: SyncFlags): Promise<ExitCode> {
  const actor = toActor(name);
  const until = day === undefined ? null : parseDay(day);
  if (until === undefined) throw new UsageError(`--until ${day}: expected a day that exists, written as 2027-01-11.`);
  const entries = parse(await readText(file), format ?? formatOf(file));
  const mode = apply ? "apply" : "preview";
  const result = await withCore((core) => syncSessions(core, entries, { clinic, actor, mode, until }));
  if (result.kind === "refused") throw new Refusal(result.faults);
  if (json) printJson(toJson(result));
  else show(result);
  return result.rows.some(({ kind }) => kind === "refused" || kind === "unknown") ? EXIT.refused : EXIT.done;
}

function formatOf(file: string): "csv" | "ics" {
  const extension = extname(file).toLowerCase();
  if (extension === ".csv") return "csv";
  if (extension === ".ics" || extension === ".ical") return "ics";
  throw new UsageError(`What ${file} holds cannot be told from its name; say --format csv, --format ics.`);
}

function parse(text: string, format: "csv" | "ics"): SyncEntry[] {
  return format === "csv" ? parseSyncCsv(text) : parseSyncIcs(text);
}

function show({ rows, missing, asked, unlinked, applied, warnings, proposal, touchpoints }: Synced): void {
  for (const { line, faults } of rows) for (const fault of faults) say(`line ${line}: ${toLine(fault)}`);
  for (const { line, warnings: own } of rows) for (const warning of own) say(`warning: line ${line}: ${warning}`);
  for (const warning of warnings) say(`warning: ${warning}`);
  for (const line of toTable(rows.filter(({ kind }) => kind === "add" || kind === "move" || kind === "cancel").map(toCells))) print(line);
  for (const line of sayProposal(proposal)) print(line);
  for (const line of toTable(
    missing.map(({ session, number, zone, startsAt }) => ["missing", `session ${number}`, sayWhen(zone, startsAt), session]),
  ))
    print(line);
  if (unlinked > 0)
    say(
      `${count(unlinked, "session")} of these days ${unlinked === 1 ? "has" : "have"} no external id and ${unlinked === 1 ? "was" : "were"} not compared.`,
    );
  print(sumUp(rows, missing.length));
  if (missing.length > 0) print(`Missing sessions stay as they are; ${count(asked, "review")} ${applied ? "opened" : "would be opened"}.`);
  print(
    applied
      ? `${count(touchpoints.length, "touchpoint")} changed.`
      : "Nothing was stored: this was a preview. Add --apply to take it over.",
  );
  if (rows.some(({ kind }) => kind === "refused")) say(tint.red("Rows that were refused were left out."));
}

function toCells({ line, kind, externalId, zone, from, to }: SyncedRow): string[] {
  const when = (at: SyncedRow["from"]) => (zone && at !== null ? sayWhen(zone, at) : "");
  return [`line ${line}`, kind, externalId ?? "", kind === "move" ? `${when(from)} -> ${when(to)}` : when(to ?? from)];
}

const KINDS = ["add", "move", "cancel", "unchanged", "unknown", "refused"] as const satisfies readonly SyncedRow["kind"][];

function sumUp(rows: readonly SyncedRow[], missing: number): string {
  const counts = KINDS.map((kind) => `${kind} ${rows.filter((row) => row.kind === kind).length}`);
  return [...counts, `missing ${missing}`].join(", ");
}

function toJson({ rows, missing, proposal, touchpoints, ...rest }: Synced) {
  const iso = (at: SyncedRow["from"]) => (at === null ? null : formatInstant(at));
  return {
    ...rest,
    rows: rows.map((row) => ({ ...row, from: iso(row.from), to: iso(row.to) })),
    missing: missing.map((row) => ({ ...row, startsAt: formatInstant(row.startsAt) })),
    proposal: proposal.map(toFields),
    touchpoints: touchpoints.length,
  };
}
