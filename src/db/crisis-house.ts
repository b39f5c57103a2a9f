/** Who speaks in a crisis text to a number that no chart has: the clinic that was written to, and its newest approved wording. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { StaffedHours } from "../domain/clinic.ts";
import type { ClinicId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { readStaffedHours, readZone } from "./clinics.ts";
import type { Database } from "./database.ts";

export type CrisisHouse = {
  readonly name: string;
  readonly phone: string;
  readonly zone: Zone;
  readonly staffedHours: StaffedHours;
  /** The stem's sources as the newest approval of any protocol has them; null where none has it. */
  readonly approved: unknown;
  /** Clinic time. */
  readonly now: Instant;
};

/** Throws when there is no such clinic. */
export async function getCrisisHouse(
  db: Database,
  { clinicId, stem }: { readonly clinicId: ClinicId; readonly stem: string },
): Promise<CrisisHouse> {
  const { rows } = await sql<Omit<CrisisHouse, "zone" | "staffedHours"> & { zone: string; staffedHours: unknown }>`
    select c.name, c.phone, c.zone, c.staffed_hours, (select afterglow_now()) as now,
      (select a.templates -> ${stem}::text from protocol_approvals a
       where a.clinic_id = c.id and a.templates ? ${stem}::text order by a.approved_at desc, a.id desc limit 1) as approved
    from clinics c where c.id = ${clinicId}`.execute(db);
  const [row] = rows;
  if (!row) throw new Error(`Clinic ${clinicId} is not stored`);
  return { ...row, zone: readZone(row.zone), staffedHours: readStaffedHours(row.staffedHours) };
}
