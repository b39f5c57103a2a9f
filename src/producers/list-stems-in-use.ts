/** The templates that these clinics' approved protocols send from, by name. */
import { getApprovals } from "../db/approvals.ts";
import type { Database } from "../db/database.ts";
import { listApprovalsInUse } from "../db/view-templates.ts";
import type { ClinicId } from "../domain/ids.ts";
import { templateSourcesSchema } from "../messages/template-sources.ts";

export async function listStemsInUse(db: Database, clinicIds: readonly ClinicId[]): Promise<string[]> {
  const inUse = (await Promise.all(clinicIds.map((id) => listApprovalsInUse(db, id)))).flat();
  const approvals = await getApprovals(
    db,
    inUse.map(({ id }) => id),
  );
  const stems = [...approvals.values()].flatMap(({ templates }) => Object.keys(templateSourcesSchema.parse(templates)));
  return [...new Set(stems)].sort();
}
