/** What the demo says at its end: counts, where the messages are, what to look at. */
import type { PatientId, SeriesId } from "../domain/ids.ts";
import { firstNameOf, type Person } from "./demo-happening.ts";
import { fit, type Palette, widthOf } from "./demo-lines.ts";
import type { Books } from "./demo-ledger.ts";
import type { ChangeCounts, DemoSummary, SeriesCounts } from "./demo-summary.ts";
import { count } from "./show-faults.ts";

export type Closing = {
  readonly summary: DemoSummary;
  readonly counts: readonly SeriesCounts[];
  readonly changes: ChangeCounts;
  readonly books: Books;
  readonly cast: ReadonlyMap<PatientId, Person>;
  readonly patients: ReadonlyMap<SeriesId, PatientId>;
  readonly weeks: number;
  readonly steps: number;
  readonly seconds: number;
  readonly firstMessageSeconds: number | null;
  readonly folder: string;
  /** Where the messages went that did not go to a stand-in. */
  readonly elsewhere: readonly string[];
  readonly logged: number;
};

/** Lines for a terminal of 80 columns. */
export function toClosingWords(closing: Closing, paint: Palette): string[] {
  const { summary, changes, books, weeks, steps, seconds, firstMessageSeconds, folder, elsewhere, logged } = closing;
  const { lateness } = summary;
  const first = firstMessageSeconds === null ? "" : `, the first message after ${firstMessageSeconds.toFixed(1)} s`;
  const section = (title: string, lines: readonly string[]) => ["", paint.bold(title), ...lines.map((line) => `  ${line}`)];
  const openEnded = closing.counts.find((each) => each.openEnded && each.toCome > 0);
  return [
    "",
    paint.bold(`${weeks} weeks of ${summary.series} series in ${seconds.toFixed(1)} s${first}; ${steps} steps of the clock.`),
    ...section("Series", toSeriesTable(closing, paint)),
    ...section("Not as planned", toChangeLines(changes)),
    ...section("Touchpoints", [
      Object.entries(summary.touchpoints)
        .map(([state, count]) => `${count} ${state}`)
        .join(", "),
      ...(openEnded ? [`Still planned: ${nameOf(closing, openEnded)}'s series has no last session; the demo stops, it would go on.`] : []),
    ]),
    ...section("Lateness, machine time from due to the provider's call", [`p50 ${toMs(lateness.p50Ms)}, p99 ${toMs(lateness.p99Ms)}`]),
    ...(books.holds ? section("Ledger", books.lines) : []),
    ...section("Messages", [
      ...(elsewhere.length < 2 ? [folder, "index.txt lists everything in order; mails/ and texts/ open by double click."] : []),
      ...elsewhere,
      ...(logged > 0 ? [paint.red(`${logged} warnings and errors stand in ${folder}/log.jsonl`)] : []),
    ]),
    ...section("What to look at", changes.optOuts > 0 ? [...LOOK_AT, OPTED_OUT] : LOOK_AT),
  ];
}

const LOOK_AT = [
  "Dee agreed to no message at all: everything she must hear became a call task.",
  "Finn had eaten and was not dosed: what was to follow it was taken back.",
  "Gia asked for another day: one mail, the same calendar entry, new reminders.",
  "Hugo did not come, and he is watched: somebody calls him the same day.",
  "Ana's fifth visit fell through an hour before: every channel, her sister too.",
  "Snow at 05:40, 26 January: Gia's two visits in one text, Chen's at 05:30.",
  "Nobody recorded Ben's fourth visit: a task, then a call, never a guess.",
  "Chen lives an hour west: the same moments, at the hour of his own wall.",
];

/** No carrier but the local one refuses on demand. */
const OPTED_OUT = "Finn answered STOP: the carrier refused the next text, and mail went on alone.";

/** What there was none of is left out. */
function toChangeLines({
  moved,
  closures,
  postponed,
  rebooked,
  cancelled,
  added,
  noShows,
  notDosed,
  optOuts,
  takenBack,
}: ChangeCounts): string[] {
  const lines: [number, string][] = [
    [moved + added + cancelled, `${count(moved, "session")} moved, ${added} added, ${cancelled} cancelled`],
    [closures, `${count(closures, "closure")}: ${postponed} postponed, ${rebooked} of them with a new time`],
    [noShows + notDosed, `${count(noShows, "no-show")}, ${notDosed} not dosed`],
    [optOuts, count(optOuts, "opt-out")],
    [takenBack, `${count(takenBack, "touchpoint")} silenced by what happened`],
  ];
  return lines.flatMap(([number, line]) => (number > 0 ? line : []));
}

function toSeriesTable(closing: Closing, paint: Palette): string[] {
  const head = ["patient", "protocol", "sessions", "emails", "texts", "tasks", "not said", "to come"];
  const rows = closing.counts.map((each) => [
    fit(nameOf(closing, each), 12),
    each.protocol,
    ...[each.sessions, each.emails, each.sms, each.tasks, each.unsaid, each.toCome].map(String),
  ]);
  const widths = head.map((title, index) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ""))));
  const toLine = (row: readonly string[]) =>
    row.map((cell, index) => pad(cell, { width: widths[index] ?? 0, to: index < 2 ? "left" : "right" })).join("  ");
  return [paint.dim(toLine(head)), ...rows.map(toLine)];
}

function pad(cell: string, { width, to }: { width: number; to: "left" | "right" }): string {
  const space = " ".repeat(Math.max(0, width - widthOf(cell)));
  return to === "left" ? cell + space : space + cell;
}

function nameOf({ cast, patients }: Closing, { seriesId }: SeriesCounts): string {
  const patient = patients.get(seriesId);
  return firstNameOf((patient && cast.get(patient)?.patient) ?? "?");
}

function toMs(ms: number | null): string {
  return ms === null ? "unknown, nothing was sent" : `${ms} ms`;
}
