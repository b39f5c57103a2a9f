/**
 * Brings sessions to where the clinic's own system has them: its daily export, read row by row.
 *
 * Trigger: staff (`sessions sync FILE`). Re-checks: everything that moving, cancelling and adding by hand re-check, patient by patient under the patient's lock.
 * Effect: a preview; with `apply` the moves, cancellations and additions, all of one patient in one transaction. Sessions that the file lacks are asked about,
 * never cancelled; what has an outcome stays as it is; a row that is refused never stops the others. A repeat changes nothing.
 */
import { findClinic, type StoredClinic } from "../db/clinics.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import { findSeriesPlaces, findSessionsByExternalId, type KnownSession, type SeriesPlace } from "../db/session-places.ts";
import { askAboutMissing } from "../db/session-tasks.ts";
import { transact } from "../db/transact.ts";
import type { CalendarDay } from "../domain/calendar.ts";
import { HOUR, type Instant } from "../domain/calendar.ts";
import type { Fault } from "../domain/fault.ts";
import { type PatientId, toPublicId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { addStaffedTime } from "../domain/staffed-time.ts";
import type { SyncEntry, SyncRow } from "../domain/sync-row.ts";
import { type ChangeDeps, changeFacts, refuse, type Refused } from "./change-facts.ts";
import { findMissing, type Missing } from "./find-missing.ts";
import type { ProposedChange } from "./judge-spacing.ts";
import type { TouchpointChange } from "./touchpoint-change.ts";
import { syncPatient, type PatientRow } from "./sync-patient.ts";

/** What becomes of one row. `unknown`: neither the session nor a series of it is known here. */
export type SyncedRow = {
  readonly line: number;
  readonly externalId: string | null;
  readonly kind: "add" | "move" | "cancel" | "unchanged" | "unknown" | "refused";
  readonly session: string | null;
  readonly zone: Zone | null;
  readonly from: Instant | null;
  readonly to: Instant | null;
  readonly warnings: readonly string[];
  readonly faults: readonly Fault[];
};

export type MissingRow = {
  readonly session: string;
  readonly series: string;
  readonly number: number;
  readonly zone: Zone;
  readonly startsAt: Instant;
};

export type Synced = {
  readonly kind: "synced";
  /** False: a preview, nothing was stored. */
  readonly applied: boolean;
  /** In the order of the file. */
  readonly rows: readonly SyncedRow[];
  /** Scheduled in the file's days, and not in it. */
  readonly missing: readonly MissingRow[];
  /** How many of the missing somebody is asked about now, or would be: each is asked about once. */
  readonly asked: number;
  /** Sessions of the file's days without an external id, which no file can speak of. */
  readonly unlinked: number;
  readonly touchpoints: readonly TouchpointChange[];
  /** Gaps between doses that the moves break, and where the doses after them could go. */
  readonly warnings: readonly string[];
  readonly proposal: readonly ProposedChange[];
};

export type SyncOptions = {
  /** Slug. */
  readonly clinic: string;
  readonly actor: string;
  readonly mode: "preview" | "apply";
  /** Last day that the export covers; null: the day of its last row. */
  readonly until: CalendarDay | null;
};

export async function syncSessions(deps: ChangeDeps, entries: readonly SyncEntry[], options: SyncOptions): Promise<Synced | Refused> {
  const clinic = await findClinic(deps.db, options.clinic);
  if (!clinic) return refuse("clinic", options.clinic, "a clinic that was added (afterglow clinic add FILE)");
  const sorted = await sortRows(deps, entries, clinic);
  const rows = new Map<number, SyncedRow>(sorted.settled.map((row) => [row.line, row]));
  const done: One[] = [];
  for (const [patientId, wishes] of sorted.byPatient) {
    const one = await syncOne(deps, { patientId, wishes }, options);
    for (const row of one.rows) rows.set(row.line, row);
    done.push(one);
  }
  const missing = await findMissing(deps, { clinic, entries, until: options.until });
  const asked = await ask(deps, missing, { clinic, mode: options.mode });
  return {
    kind: "synced",
    applied: options.mode === "apply",
    rows: entries.flatMap(({ line }) => rows.get(line) ?? []),
    missing: missing.sessions.map(({ id, seriesId, number, zone, startsAt }) => ({
      session: toPublicId("session", id),
      series: toPublicId("series", seriesId),
      number,
      zone,
      startsAt,
    })),
    asked,
    unlinked: missing.unlinked,
    touchpoints: done.flatMap(({ touchpoints }) => touchpoints),
    warnings: done.flatMap(({ warnings }) => warnings),
    proposal: done.flatMap(({ proposal }) => proposal),
  };
}

type Sorted = { readonly settled: readonly SyncedRow[]; readonly byPatient: ReadonlyMap<PatientId, readonly PatientRow[]> };

/** Whose each row is: the patient's whose session has its id, else the patient's whose series the row names. */
async function sortRows({ db, vault }: ChangeDeps, entries: readonly SyncEntry[], clinic: StoredClinic): Promise<Sorted> {
  const sound = entries.flatMap(({ line, result }) => (result.ok ? [{ line, row: result.value }] : []));
  const indexOf = (text: string) => vault.blindIndex("external-id", text);
  const known = await findSessionsByExternalId(
    db,
    clinic.id,
    sound.map(({ row }) => indexOf(row.externalId)),
  );
  const sessions = new Map(known.map((session) => [session.externalIdIndex.toString("hex"), session]));
  const places = await findSeriesPlaces(db, clinic.id, [...new Set(sound.flatMap(({ row }) => row.series ?? []))].map(indexOf));
  const wishes = sound.map(({ line, row }): PatientRow => {
    const session = sessions.get(indexOf(row.externalId).toString("hex"));
    return {
      line,
      row,
      session: session?.id ?? null,
      place: row.series === null ? null : (places.get(indexOf(row.series).toString("hex")) ?? null),
    };
  });
  const owners = wishes.map((wish) => ({ wish, patientId: ownerOf(wish, sessions, indexOf(wish.row.externalId).toString("hex")) }));
  const byPatient = Map.groupBy(
    owners.flatMap(({ wish, patientId }) => (patientId ? [{ wish, patientId }] : [])),
    ({ patientId }) => patientId,
  );
  return {
    settled: [
      ...entries.flatMap(({ line, externalId, result }) =>
        result.ok ? [] : [settle(line, { externalId, kind: "refused", faults: result.faults })],
      ),
      ...owners.flatMap(({ wish, patientId }) =>
        patientId ? [] : [settle(wish.line, { externalId: wish.row.externalId, kind: "unknown", faults: [explain(wish.row)] })],
      ),
    ],
    byPatient: new Map([...byPatient].map(([patientId, members]) => [patientId, members.map(({ wish }) => wish)])),
  };
}

function ownerOf(
  { place }: { place: SeriesPlace | null },
  sessions: ReadonlyMap<string, KnownSession>,
  index: string,
): PatientId | undefined {
  return sessions.get(index)?.patientId ?? place?.patientId;
}

function explain({ series }: SyncRow): Fault {
  if (series === null) return { path: "series", expected: "the external id of its series, because no session here has this id" };
  return { path: "series", value: series, expected: "the external id of a series of this clinic" };
}

function settle(line: number, row: Pick<SyncedRow, "externalId" | "kind" | "faults">): SyncedRow {
  return { line, session: null, zone: null, from: null, to: null, warnings: [], ...row };
}

type One = Pick<Synced, "rows" | "touchpoints" | "warnings" | "proposal">;

/** All rows of one patient together, so that sessions can change places. What was found out of them is kept although nothing of it was stored. */
async function syncOne(
  deps: ChangeDeps,
  { patientId, wishes }: { patientId: PatientId; wishes: readonly PatientRow[] },
  { actor, mode }: SyncOptions,
): Promise<One> {
  let found: readonly SyncedRow[] = [];
  const result = await changeFacts(
    deps,
    {
      patientIds: [patientId],
      write: async (tx, { now }) => {
        const { rows, written } = await syncPatient(tx, wishes, { patientId, now, actor, vault: deps.vault });
        found = rows;
        return written;
      },
    },
    { actor, dryRun: mode === "preview", ifRevision: null },
  );
  if (result.kind !== "changed") return { rows: found, touchpoints: [], warnings: [], proposal: [] };
  const { touchpoints, warnings, value } = result;
  return { rows: found, touchpoints, warnings, proposal: value.proposal };
}

/** Somebody looks into it within half a working day. */
const ANSWER_WITHIN = 4 * HOUR;

async function ask(
  { db }: ChangeDeps,
  { sessions, fresh }: Missing,
  { clinic, mode }: { clinic: StoredClinic; mode: SyncOptions["mode"] },
): Promise<number> {
  if (mode === "preview" || fresh === 0) return fresh;
  return transact(db, async (tx) => {
    const { now } = await readClinicTime(tx);
    const asked = await askAboutMissing(tx, sessions, { now, dueBy: addStaffedTime(clinic, now, ANSWER_WITHIN), locale: clinic.locale });
    return asked.length;
  });
}
