/** Against what a series of a stored clinic is read, so that all its faults come at once. Enqueueing asks for the approval again. */
import { listApprovals } from "../db/approvals.ts";
import { readClinicTime } from "../db/clinic-clock.ts";
import type { StoredClinic } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import type { Instant } from "../domain/calendar.ts";
import type { SeriesContext } from "../domain/intake.ts";
import { protocolName } from "../domain/protocol.ts";

/** At clinic time, or at `now`. */
export async function loadSeriesContext<Clinic extends StoredClinic>(
  db: Database,
  clinic: Clinic,
  now?: Instant,
): Promise<SeriesContext & { readonly clinic: Clinic }> {
  const approved = (await listApprovals(db, clinic.id)).map(({ protocol, version }) => protocolName({ id: protocol, version }));
  const protocols = { names: new Set(approved), expected: sayApproved(clinic.slug) };
  return { clinic, now: now ?? (await readClinicTime(db)).now, protocols };
}

/** What a protocol has to be before a series of it can be enqueued. */
export function sayApproved(clinic: string): string {
  return `a protocol version that is approved for ${clinic} (afterglow protocol approve)`;
}
