/** One appointment as the clinic's own system exports it: what a daily export in CSV and one in iCalendar have in common. */
import { z } from "zod";
import type { LocalDateTime } from "./calendar.ts";
import type { Parsed } from "./fault.ts";
import { faultList } from "./fault-list.ts";
import { choiceField, lineField, optional, textField } from "./field.ts";
import { readLocalDateTime } from "./parse-session.ts";
import { parsePersonName } from "./person-name.ts";
import type { Zone } from "./place-in-time.ts";
import { SESSION_KINDS, type SessionKind, SETTINGS, type Setting } from "./protocol.ts";
import { readFields } from "./read-fields.ts";
import { accepted, type Reading, refused } from "./reading.ts";
import { readZone } from "./zone-name.ts";

export type SyncRow = {
  readonly externalId: string;
  /** Null only where it is cancelled. */
  readonly start: { readonly local: LocalDateTime /** Null: where the session happens. */; readonly zone: Zone | null } | null;
  /** Length of the treatment, observation not counted; null: as it is. */
  readonly minutes: number | null;
  /** `over`: it took place, or did not; outcomes are recorded by staff and never taken from a file. */
  readonly status: "scheduled" | "cancelled" | "over";
  /** The series' external id, for sessions that are not known yet. */
  readonly series: string | null;
  readonly kind: SessionKind | null;
  readonly setting: Setting | null;
  readonly place: string | null;
  readonly with: string | null;
};

/** A row by the line it stands on, counted from 1; its id as far as that could be read, so that a bad row is not taken for a missing one. */
export type SyncEntry = { readonly line: number; readonly externalId: string | null; readonly result: Parsed<SyncRow> };

/** The names of the fields: columns of the CSV file. */
export const SYNC_FIELDS = ["externalId", "startsAt", "zone", "minutes", "status", "series", "kind", "setting", "place", "with"] as const;

const STATUSES: ReadonlyMap<string, SyncRow["status"]> = new Map([
  ["scheduled", "scheduled"],
  ["cancelled", "cancelled"],
  ["canceled", "cancelled"],
  ...["arrived", "completed", "no_show", "not_dosed"].map((word) => [word, "over"] as const),
]);
const MINUTES = "a whole number of minutes from 10 to 480";

const schema = z.strictObject({
  externalId: lineField("visit-2207"),
  startsAt: optional(textField(readLocalDateTime, "2027-01-11T09:00")),
  zone: optional(textField(readZone, "America/Denver")),
  minutes: optional(textField(readMinutes, "60")),
  status: optional(textField(readStatus, "scheduled")),
  series: optional(lineField("order-1001")),
  kind: optional(choiceField(SESSION_KINDS)),
  setting: optional(choiceField(SETTINGS)),
  place: optional(lineField("Room 2")),
  with: optional(textField(parsePersonName, "Dr. Lee")),
});

/** Reads the fields of one row; all faults come at once. An empty field counts as left out. */
export function parseSyncRow(fields: { readonly [Field in (typeof SYNC_FIELDS)[number]]?: string }, line: number): SyncEntry {
  const list = faultList();
  const { whole, part } = readFields(schema, fields, { path: "", list });
  const status = whole?.status ?? "scheduled";
  if (whole && whole.startsAt === null && status === "scheduled")
    list.add({ path: "startsAt", value: undefined }, "a local date and time, written as 2027-01-11T09:00");
  const externalId = part.externalId ?? null;
  if (!whole) return { line, externalId, result: list.conclude<SyncRow>(undefined) };
  const { startsAt, zone, status: _, ...rest } = whole;
  return { line, externalId, result: list.conclude({ ...rest, status, start: startsAt === null ? null : { local: startsAt, zone } }) };
}

function readMinutes(text: string): Reading<number> {
  const minutes = /^\d{2,3}$/.test(text) ? Number(text) : 0;
  return minutes >= 10 && minutes <= 480 ? accepted(minutes) : refused(MINUTES);
}

function readStatus(text: string): Reading<SyncRow["status"]> {
  const status = STATUSES.get(text.toLowerCase().replaceAll("-", "_"));
  return status ? accepted(status) : refused(`one of ${[...STATUSES.keys()].join(", ")}`);
}

/** Every id stands once in a file: of several rows with the same one none is taken, because nobody can say which is right. */
export function refuseRepeated(entries: readonly SyncEntry[]): SyncEntry[] {
  const byId = Map.groupBy(
    entries.filter(({ externalId }) => externalId !== null),
    ({ externalId }) => externalId,
  );
  return entries.map((entry) => {
    const twins = byId.get(entry.externalId)?.filter((other) => other !== entry) ?? [];
    if (twins.length === 0) return entry;
    const expected = `each id once; it stands on line ${twins.map(({ line }) => line).join(", ")} too`;
    return { ...entry, result: { ok: false, faults: [{ path: "externalId", value: entry.externalId ?? "", expected }] } };
  });
}
