/** The front desk's task about a system of theirs that was not told what happened: at most one a clinic and day. */
import { sql } from "kysely";
import { DAY, type Instant } from "../domain/calendar.ts";
import type { ClinicId, PatientId } from "../domain/ids.ts";
import { toTimestamp, type Tx } from "./database.ts";

/** The script of the task. */
export const SYSTEM_NOT_TOLD = "system-not-told";

export type ClinicOfSystem = { readonly id: ClinicId; readonly locale: string };

/** Those of these clinics that have no such task open, nor had one opened within a day; locked until the transaction ends, so that two processes do not both open one. */
export async function lockUntoldClinics(tx: Tx, clinicIds: readonly ClinicId[], now: Instant): Promise<ClinicOfSystem[]> {
  const ids = [...new Set(clinicIds)];
  const { rows } = await sql<ClinicOfSystem>`
    select c.id, c.locale from clinics c where c.id = any(${ids}::uuid[]) order by c.id for no key update`.execute(tx);
  const lately = sql`${toTimestamp(now)}::timestamptz - make_interval(secs => ${DAY / 1_000})`;
  // A statement of its own: the first one sees what was there before it had the lock. A task is due after it was opened, and by that stand both indexes.
  const { rows: told } = await sql<{ clinicId: ClinicId }>`
    select distinct clinic_id from tasks
    where clinic_id = any(${ids}::uuid[]) and template = ${SYSTEM_NOT_TOLD}
      and (state in ('open', 'taken') or (state in ('done', 'dropped', 'cancelled') and due_by > ${lately} and opened_at > ${lately}))`.execute(
    tx,
  );
  return rows.filter(({ id }) => !told.some(({ clinicId }) => clinicId === id));
}

/** Which of these patients are still stored. */
export async function findStored(tx: Tx, patientIds: readonly PatientId[]): Promise<ReadonlySet<PatientId>> {
  const { rows } = await sql<{ id: PatientId }>`select id from patients where id = any(${[...patientIds]}::uuid[])`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}
