/** When clinics have somebody at the phone, for deadlines counted in staffed hours. */
import { sql } from "kysely";
import type { ClinicId } from "../domain/ids.ts";
import type { StaffedClinic } from "../domain/staffed-time.ts";
import { readClosures, readStaffedHours, readZone } from "./clinics.ts";
import type { Database } from "./database.ts";

type Row = { id: ClinicId; zone: string; staffedHours: unknown; closures: string[] };

/** Zone, staffed hours and closures of these clinics. */
export async function loadStaffedClinics(db: Database, ids: readonly ClinicId[]): Promise<Map<ClinicId, StaffedClinic>> {
  const { rows } = await sql<Row>`
    select id, zone, staffed_hours, closures::text[] as closures from clinics where id = any(${[...new Set(ids)]}::uuid[])`.execute(db);
  return new Map(
    rows.map(({ id, zone, staffedHours, closures }) => [
      id,
      { zone: readZone(zone), staffedHours: readStaffedHours(staffedHours), closures: readClosures(closures) },
    ]),
  );
}
