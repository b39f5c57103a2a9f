/** The rows of an export that are about one patient, judged against how their sessions will stand together, and written in a transaction that goes on. */
import type { Tx } from "../db/database.ts";
import type { AuditEvent } from "../db/events.ts";
import type { SeriesPlace } from "../db/session-places.ts";
import type { Vault } from "../db/vault.ts";
import type { Fault } from "../domain/fault.ts";
import type { Instant } from "../domain/calendar.ts";
import { type PatientId, type SeriesId, type SessionId, toPublicId } from "../domain/ids.ts";
import type { SyncRow } from "../domain/sync-row.ts";
import { unreachable } from "../domain/unreachable.ts";
import { writeAlterations } from "./alter-sessions.ts";
import type { Written } from "./change-facts.ts";
import { insertSession } from "./insert-session.ts";
import { judgeSpacing, type ProposedChange } from "./judge-spacing.ts";
import { judgeRow, type RowVerdict } from "./judge-sync-row.ts";
import { loadPatientSessions, type PatientSessions } from "./patient-sessions.ts";
import { refuseClashes } from "./refuse-clashes.ts";
import { NOTHING_REOPENED, reopenSeries } from "./reopen-series.ts";
import { writeLength } from "./resize-session.ts";
import type { SyncedRow } from "./sync-sessions.ts";

/** A row with the session that has its id, or the series that it names. */
export type PatientRow = {
  readonly line: number;
  readonly row: SyncRow;
  readonly session: SessionId | null;
  readonly place: SeriesPlace | null;
};

export type JudgedRow = PatientRow & { readonly verdict: RowVerdict };

type Context = { readonly patientId: PatientId; readonly now: Instant; readonly actor: string; readonly vault: Vault };

/** What becomes of each row, and what was written: nothing when all of them are unchanged or refused. */
export async function syncPatient(
  tx: Tx,
  wishes: readonly PatientRow[],
  context: Context,
): Promise<{ rows: readonly SyncedRow[]; written: Written<{ proposal: readonly ProposedChange[] }> }> {
  const { patientId, now } = context;
  const patient = await loadPatientSessions(tx, patientId);
  const judged = refuseClashes(
    wishes.map((wish): JudgedRow => ({ ...wish, verdict: judgeRow(wish, { patient, now }) })),
    patient,
  );
  const writing = { ...context, patient };
  const altered = [...(await alter(tx, judged, writing)), ...(await resize(tx, judged, writing))];
  const added = await add(tx, judged, writing);
  const events = [...altered, ...added.events];
  const rows = judged.map((row) => toSyncedRow(row, added.refused.get(row.line)));
  if (events.length === 0) return { rows, written: { kind: "same" } };
  const after = (await loadPatientSessions(tx, patientId)).sessions;
  const { warnings, proposal } = judgeSpacing(patient, { after, changed: new Set(events.map(({ subjectId }) => subjectId)), now });
  return { rows, written: { kind: "written", value: { proposal }, events, warnings: [...added.warnings, ...warnings] } };
}

type Writing = Context & { readonly patient: PatientSessions };

async function alter(tx: Tx, judged: readonly JudgedRow[], { patient, now, actor }: Writing): Promise<readonly AuditEvent[]> {
  const alterations = judged.flatMap(({ verdict }) => (verdict.kind === "move" || verdict.kind === "cancel" ? [verdict.alteration] : []));
  if (alterations.length === 0) return [];
  return (await writeAlterations(tx, alterations, { patient, now, actor })).events;
}

async function resize(tx: Tx, judged: readonly JudgedRow[], { actor }: Writing): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (const { verdict } of judged) if (verdict.kind === "resize") events.push(await writeLength(tx, verdict, actor));
  return events;
}

async function add(
  tx: Tx,
  judged: readonly JudgedRow[],
  context: Writing,
): Promise<{ events: AuditEvent[]; warnings: string[]; refused: ReadonlyMap<number, readonly Fault[]> }> {
  const events: AuditEvent[] = [];
  const warnings: string[] = [];
  const reopened = new Set<SeriesId>();
  const refused = new Map<number, readonly Fault[]>();
  for (const { line, verdict } of judged) {
    if (verdict.kind !== "add") continue;
    const { request, time, place } = verdict;
    const inserted = await insertSession(tx, { request, time }, { ...context, place });
    if (inserted.kind === "refused") {
      refused.set(line, inserted.faults);
      continue;
    }
    const again = reopened.has(place.id) ? NOTHING_REOPENED : await reopenSeries(tx, place, context);
    reopened.add(place.id);
    events.push(...again.events, inserted.event);
    warnings.push(...again.warnings);
  }
  return { events, warnings, refused };
}

function toSyncedRow({ line, row, session, verdict }: JudgedRow, faults: readonly Fault[] | undefined): SyncedRow {
  const id = session && toPublicId("session", session);
  const base = { line, externalId: row.externalId, session: id, zone: null, from: null, to: null, warnings: [], faults: [] };
  if (faults) return { ...base, kind: "refused", faults };
  switch (verdict.kind) {
    case "unchanged":
      return { ...base, kind: "unchanged" };
    case "refused":
      return { ...base, kind: "refused", faults: verdict.faults };
    case "add":
      return { ...base, kind: "add", zone: verdict.request.zone, to: verdict.time.startsAt, warnings: verdict.warnings };
    case "resize":
      return { ...base, kind: "move", zone: verdict.session.zone, from: verdict.session.startsAt, to: verdict.session.startsAt };
    case "move":
    case "cancel": {
      const { session: stored, time } = verdict.alteration;
      return {
        ...base,
        kind: verdict.kind,
        zone: stored.zone,
        from: stored.startsAt,
        to: time?.startsAt ?? null,
        warnings: verdict.warnings,
      };
    }
    default:
      return unreachable(verdict);
  }
}
