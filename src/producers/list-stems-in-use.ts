/** The templates that these clinics' approved protocols send from, by name. */
import type { Database } from "../db/database.ts";
import { listApprovalsInUse, listStemsOf } from "../db/view-templates.ts";
import type { ClinicId } from "../domain/ids.ts";

export async function listStemsInUse(db: Database, clinicIds: readonly ClinicId[]): Promise<string[]> {
  const inUse = (await Promise.all(clinicIds.map((id) => listApprovalsInUse(db, id)))).flat();
  return listStemsOf(
    db,
    inUse.map(({ id }) => id),
  );
}
