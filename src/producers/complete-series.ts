/**
 * Completes series that are over.
 *
 * Trigger: time; once an hour is plenty. Re-checks: under the patients' locks, that every session is a week past and nothing is left to say. Effect: the series
 * does not count as active any more, and is not planned. A repeat finds nothing left to do.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import { findSeriesOver, setCompleted } from "../db/completed-series.ts";
import type { Database } from "../db/database.ts";
import { lockPatients } from "../db/plans.ts";
import { transact } from "../db/transact.ts";

/** Few enough to hold their patients only briefly; the rest follows with the next call. */
const MOST = 200;

/** Returns how many were completed. */
export async function completeSeries({ db }: { readonly db: Database }): Promise<number> {
  return transact(db, async (tx) => {
    const { now } = await readClinicTime(tx);
    const over = await findSeriesOver(tx, { now, limit: MOST });
    if (over.length === 0) return 0;
    await lockPatients(
      tx,
      over.map(({ patientId }) => patientId),
    );
    return setCompleted(
      tx,
      over.map(({ id }) => id),
      now,
    );
  });
}
