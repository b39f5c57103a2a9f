/** The audit: append-only, opaque ids and neutral words, in the transaction of what it tells. */
import { sql } from "kysely";
import type { ClinicId } from "../domain/ids.ts";
import type { Tx } from "./database.ts";
import { unnest } from "./rows.ts";

export type AuditEvent = {
  /** Past tense: `series.enqueued`. */
  readonly kind: string;
  readonly clinicId: ClinicId | null;
  readonly subjectId: string;
  readonly actor: string;
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
};

export async function appendEvents(tx: Tx, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  const values = unnest(events, {
    clinic_id: ["uuid", ({ clinicId }) => clinicId],
    actor: ["text", ({ actor }) => actor],
    kind: ["text", ({ kind }) => kind],
    subject_id: ["uuid", ({ subjectId }) => subjectId],
    data: ["jsonb", ({ data }) => JSON.stringify(data ?? {})],
  });
  await sql`
    insert into events (clinic_at, clinic_id, actor, kind, subject_id, data)
    select (select afterglow_now()), v.* from ${values} as v (clinic_id, actor, kind, subject_id, data)`.execute(tx);
}
