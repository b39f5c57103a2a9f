/** Who was looked at lately, as the audit has it. */
import { sql } from "kysely";
import type { PatientId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

const LATELY_MINUTES = 15;

/** Those of these patients at whom this person has looked there within the last quarter of an hour of machine time. */
export async function findLookedAt(
  db: Database,
  ids: readonly PatientId[],
  { actor, where }: { readonly actor: string; readonly where: string },
): Promise<PatientId[]> {
  const { rows } = await sql<{ subjectId: PatientId }>`
    select distinct subject_id from events
    where subject_id = any(${ids}::uuid[]) and kind = 'patient.revealed' and actor = ${actor} and data ->> 'where' = ${where}
      and recorded_at > clock_timestamp() - make_interval(mins => ${LATELY_MINUTES})`.execute(db);
  return rows.map(({ subjectId }) => subjectId);
}
