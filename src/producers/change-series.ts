/** What every change of a series has in common: it is found, its patient locked, the series read as it stands behind that lock, and work for staff closed that the change settles. */
import { findSeriesPatient, loadSeriesToChange, type SeriesToChange } from "../db/series-changes.ts";
import type { Tx } from "../db/database.ts";
import type { AuditEvent } from "../db/events.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import type { SeriesId } from "../domain/ids.ts";
import type { SeriesStatus } from "../domain/patient-facts.ts";
import {
  type Changed,
  type ChangeDeps,
  changeFacts,
  type ChangeOptions,
  type Moment,
  refuse,
  type Refused,
  type Written,
} from "./change-facts.ts";

/** Changes a series with `write`; refused when there is none with this id. */
export async function changeSeries<Value>(
  deps: ChangeDeps,
  id: SeriesId,
  { write, ...options }: ChangeOptions & { write: (tx: Tx, series: SeriesToChange, moment: Moment) => Promise<Written<Value>> },
): Promise<Changed<Value>> {
  const patientId = await findSeriesPatient(deps.db, id);
  if (!patientId) return refuse("series", id, "the id of a series that is stored");
  const behindLock = async (tx: Tx, moment: Moment) => {
    const written = await write(tx, await loadSeriesToChange(tx, id, moment.now), moment);
    if (written.kind === "written") await closeSettledTasks(tx, [patientId]);
    return written;
  };
  return changeFacts(deps, { patientIds: [patientId], write: behindLock }, options);
}

/** Series that go on, or will. */
export const UNDER_WAY: readonly SeriesStatus[] = ["enqueued", "active", "paused"];

/** The refusal of a series in another status than these; undefined when it is in one of them. */
export function refuseStatus({ status }: SeriesToChange, from: readonly SeriesStatus[]): Refused | undefined {
  return from.includes(status) ? undefined : refuse("series.status", status, `a series that is ${from.join(" or ")}`);
}

/** The audit event of a change of this series. */
export function tellSeries({ id, clinicId }: SeriesToChange, event: Pick<AuditEvent, "kind" | "actor" | "data">): AuditEvent {
  return { ...event, clinicId, subjectId: id };
}
