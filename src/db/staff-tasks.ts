/** Tasks that the program opens because of something that happened: a message, a text that came in, an address that wants no more. */
import { newId } from "../clock.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, InboundId, PatientId, SeriesId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { TaskKind } from "../domain/protocol.ts";
import type { Tx } from "./database.ts";
import { insertRows } from "./rows.ts";

export type StaffTask = {
  readonly kind: TaskKind;
  readonly template: string;
  readonly touchpointId?: TouchpointId;
  readonly inboundId?: InboundId | null;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId | null;
  readonly sessionId: SessionId | null;
  /** The clinic's. */
  readonly locale: string;
  readonly importance: string;
  /** Counted in staffed hours. */
  readonly dueBy: Instant;
  /** When the desk is paged if nobody has taken it by then; left out or null: never. */
  readonly pageAt?: Instant | null;
};

/** Opens them as of `now`, clinic time; a task of the same words about the same message or session is opened again instead of twice. */
export async function openStaffTasks(tx: Tx, tasks: readonly StaffTask[], now: Instant): Promise<void> {
  await insertRows(tx, "tasks", {
    rows: tasks,
    columns: {
      id: ["uuid", () => newId<"task">()],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      series_id: ["uuid", ({ seriesId }) => seriesId],
      session_id: ["uuid", ({ sessionId }) => sessionId],
      touchpoint_id: ["uuid", ({ touchpointId }) => touchpointId ?? null],
      inbound_id: ["uuid", ({ inboundId }) => inboundId ?? null],
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
