/** Series and their sessions, each statement for many at once. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { formatInstant, formatLocal, type Instant } from "../domain/calendar.ts";
import type { Cadence } from "../domain/enqueue-request.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import type { ResolvedSession } from "../domain/resolve-sessions.ts";
import type { Database, Tx } from "./database.ts";
import { insertRows } from "./rows.ts";
import type { Vault } from "./vault.ts";

export type StoredSeries = { readonly id: SeriesId; readonly externalIdIndex: Buffer; readonly contentHash: Buffer };

/** The series a clinic has under these external ids. */
export async function findSeriesByExternalId(db: Database, clinicId: ClinicId, indexes: readonly Buffer[]): Promise<StoredSeries[]> {
  const { rows } = await sql<StoredSeries>`
    select id, external_id_index, content_hash from series where clinic_id = ${clinicId} and external_id_index = any(${indexes}::bytea[])`.execute(
    db,
  );
  return rows;
}

export type NewSeries = {
  readonly id: SeriesId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly approvalId: ApprovalId;
  readonly condition: string;
  readonly enqueuedAt: Instant;
  readonly quietUntil: Instant;
  readonly externalId: string | null;
  readonly contentHash: Buffer;
  readonly cadence: Cadence | null;
  readonly horizonUntil: string | null;
  readonly sessions: readonly ResolvedSession[];
};

export async function insertSeries(tx: Tx, rows: readonly NewSeries[], vault: Vault): Promise<void> {
  await insertRows(tx, "series", {
    rows,
    columns: {
      id: ["uuid", ({ id }) => id],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      approval_id: ["uuid", ({ approvalId }) => approvalId],
      condition: ["text", ({ condition }) => condition],
      status: ["text", () => "enqueued"],
      enqueued_at: ["timestamptz", ({ enqueuedAt }) => formatInstant(enqueuedAt)],
      quiet_until: ["timestamptz", ({ quietUntil }) => formatInstant(quietUntil)],
      external_id_sealed: [
        "bytea",
        ({ id, externalId }) => externalId && vault.seal(externalId, { table: "series", column: "external_id_sealed", row: id }),
      ],
      external_id_index: ["bytea", ({ externalId }) => externalId && vault.blindIndex("external-id", externalId)],
      content_hash: ["bytea", ({ contentHash }) => contentHash],
      cadence: ["jsonb", ({ cadence }) => cadence && JSON.stringify(cadence)],
      horizon_until: ["date", ({ horizonUntil }) => horizonUntil],
    },
  });
  await insertSessions(tx, rows, vault);
}

/** Stores the sessions of these series; an outcome of the past is taken as told. Returns their ids, in order. */
export async function insertSessions(
  tx: Tx,
  series: readonly Pick<NewSeries, "id" | "clinicId" | "patientId" | "sessions">[],
  vault: Vault,
): Promise<SessionId[]> {
  const rows = series.flatMap(({ id: seriesId, clinicId, patientId, sessions }) =>
    sessions.map((session) => ({ id: newId<"session">(), seriesId, clinicId, patientId, session })),
  );
  await insertRows(tx, "sessions", {
    rows,
    columns: {
      id: ["uuid", ({ id }) => id],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      series_id: ["uuid", ({ seriesId }) => seriesId],
      number: ["smallint", ({ session }) => session.number],
      kind: ["text", ({ session }) => session.kind],
      setting: ["text", ({ session }) => session.setting],
      owner: ["text", ({ session }) => session.owner],
      status: ["text", ({ session }) => session.status ?? "scheduled"],
      local_start: ["text", ({ session }) => formatLocal(session.local)],
      zone: ["text", ({ session }) => session.zone],
      resolution: ["text", ({ session }) => session.resolution],
      tz_version: ["text", () => process.versions.tz ?? "unknown"],
      starts_at: ["timestamptz", ({ session }) => formatInstant(session.startsAt)],
      ends_at: ["timestamptz", ({ session }) => formatInstant(session.endsAt)],
      place: ["text", ({ session }) => session.place],
      with_whom: ["text", ({ session }) => session.with],
      join_url: ["text", ({ session }) => session.joinUrl],
      external_id_sealed: [
        "bytea",
        ({ id, session }) =>
          session.externalId && vault.seal(session.externalId, { table: "sessions", column: "external_id_sealed", row: id }),
      ],
      external_id_index: ["bytea", ({ session }) => session.externalId && vault.blindIndex("external-id", session.externalId)],
    },
  });
  return rows.map(({ id }) => id);
}

export type TakenRow = { readonly patientId: PatientId; readonly startsAt: Instant; readonly endsAt: Instant };

/** When these patients are busy already: the sessions to come of series that have not ended. */
export async function loadTakenTimes(db: Database, patientIds: readonly PatientId[]): Promise<TakenRow[]> {
  const { rows } = await sql<TakenRow>`
    select v.patient_id, v.starts_at, v.ends_at from sessions v join series s on s.id = v.series_id
    where v.patient_id = any(${patientIds}::uuid[]) and s.status in ('enqueued', 'active', 'paused') and v.status in ('scheduled', 'arrived', 'dosed')`.execute(
    db,
  );
  return rows;
}
