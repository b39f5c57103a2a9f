/** From when a patient's measures count as after treatment. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { PatientId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

/** The first dose of the newest series in which one was given; null where none was. Given elsewhere before the series came to us counts at its planned start. */
export async function findFirstDose(db: Database, patientId: PatientId): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant | null }>`
    select min(coalesce(v.dosed_at, v.starts_at)) as at
    from sessions v join series s on s.id = v.series_id
    where v.patient_id = ${patientId} and v.kind in ('dosing', 'booster') and v.status in ('dosed', 'discharged', 'completed')
    group by s.id, s.enqueued_at order by s.enqueued_at desc limit 1`.execute(db);
  return rows[0]?.at ?? null;
}
