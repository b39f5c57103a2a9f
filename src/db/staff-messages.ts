/** What staff wrote to somebody, sealed; its touchpoint carries it as any other message. */
import { sql } from "kysely";
import type { PatientId, TouchpointId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";
import type { Place } from "./vault.ts";

/** Its template: whatever staff write stands in it. */
export const STAFF_MESSAGE = "staff-message";

/** Where the words are sealed. */
export function placeOfMessage(id: TouchpointId): Place {
  return { table: "staff_messages", column: "body_sealed", row: id };
}

/** Keeps what was written, and by whom. */
export async function insertStaffMessage(
  tx: Tx,
  message: { readonly touchpointId: TouchpointId; readonly bodySealed: Buffer; readonly actor: string },
): Promise<void> {
  await tx.insertInto("staffMessages").values(message).execute();
}

/** What staff wrote last to a patient; null when they never did. */
export async function findNewestStaffMessage(db: Database, patientId: PatientId): Promise<TouchpointId | null> {
  const { rows } = await sql<{ id: TouchpointId }>`
    select w.touchpoint_id as id from series s join touchpoints t on t.series_id = s.id join staff_messages w on w.touchpoint_id = t.id
    where s.patient_id = ${patientId} and t.template = ${STAFF_MESSAGE} order by w.touchpoint_id desc limit 1`.execute(db);
  return rows[0]?.id ?? null;
}

/** The words of those of these rows that carry any. Nearly always there is none, and nothing is asked. */
export async function loadStaffMessages(
  db: Database,
  rows: readonly { readonly id: TouchpointId; readonly template: string }[],
): Promise<ReadonlyMap<TouchpointId, Buffer>> {
  const ids = rows.flatMap(({ id, template }) => (template === STAFF_MESSAGE ? [id] : []));
  if (ids.length === 0) return new Map();
  const found = await db.selectFrom("staffMessages").select(["touchpointId", "bodySealed"]).where("touchpointId", "in", ids).execute();
  return new Map(found.map(({ touchpointId, bodySealed }) => [touchpointId, bodySealed]));
}
