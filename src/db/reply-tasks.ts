/** Work for the front desk that comes of what somebody wrote, or of an address that wants no more. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, InboundId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import type { TaskKind } from "../domain/protocol.ts";
import type { Database, Tx } from "./database.ts";
import { insertRows } from "./rows.ts";

export type InboundTask = {
  readonly kind: TaskKind;
  readonly template: string;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId | null;
  readonly sessionId: SessionId | null;
  readonly inboundId: InboundId | null;
  /** The clinic's. */
  readonly locale: string;
  readonly importance: "critical" | "high" | "normal";
  /** Counted in staffed hours. */
  readonly dueBy: Instant;
  /** When the desk is paged if nobody has taken it by then; left out or null: never. */
  readonly pageAt?: Instant | null;
};

/** Opens them as of `now`, clinic time; a task of the same words about the same session is opened again instead of twice. */
export async function openInboundTasks(tx: Tx, tasks: readonly InboundTask[], now: Instant): Promise<void> {
  await insertRows(tx, "tasks", {
    rows: tasks,
    columns: {
      id: ["uuid", () => newId<"task">()],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      series_id: ["uuid", ({ seriesId }) => seriesId],
      session_id: ["uuid", ({ sessionId }) => sessionId],
      inbound_id: ["uuid", ({ inboundId }) => inboundId],
      kind: ["text", ({ kind }) => kind],
      template: ["text", ({ template }) => template],
      locale: ["text", ({ locale }) => locale],
      importance: ["text", ({ importance }) => importance],
      opened_at: ["timestamptz", () => formatInstant(now)],
      due_by: ["timestamptz", ({ dueBy }) => formatInstant(dueBy)],
      page_at: ["timestamptz", ({ pageAt }) => (pageAt ? formatInstant(pageAt) : null)],
    },
    onConflict: `on conflict (session_id, template, touchpoint_id) where session_id is not null or touchpoint_id is not null do update set kind = excluded.kind, state = 'open', opened_at = excluded.opened_at,
      due_by = excluded.due_by, importance = excluded.importance, inbound_id = excluded.inbound_id, page_at = excluded.page_at, closed_at = null, closed_by = null, outcome = null, assignee = null, revision = tasks.revision + 1`,
  });
}

/** The patients for whom a task of these words waits already: one task a conversation, however many texts it has. */
export async function findWaitingFor(db: Database, template: string, patientIds: readonly PatientId[]): Promise<Set<PatientId>> {
  const { rows } = await sql<{ patientId: PatientId }>`
    select distinct patient_id from tasks where patient_id = any(${patientIds}::uuid[]) and template = ${template} and state in ('open', 'taken')`.execute(
    db,
  );
  return new Set(rows.map(({ patientId }) => patientId));
}

/** The language in which a clinic's staff read. */
export async function loadClinicLocales(db: Database, ids: readonly ClinicId[]): Promise<ReadonlyMap<ClinicId, string>> {
  const { rows } = await sql<{
    id: ClinicId;
    locale: string;
  }>`select id, locale from clinics where id = any(${[...new Set(ids)]}::uuid[])`.execute(db);
  return new Map(rows.map(({ id, locale }) => [id, locale]));
}
