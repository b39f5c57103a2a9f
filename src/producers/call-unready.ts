/**
 * Puts visits that are not ready on the call list while somebody can still act: on Friday noon those of Monday.
 *
 * Trigger: time; every few minutes is plenty. Re-checks: readiness of every visit whose deadline has come, from its facts. Effect: one call task a visit that is
 * red, due within the staffed hours that are left. A repeat opens nothing more; what has become ready in the meantime closes the task that is still open.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Database, Tx } from "../db/database.ts";
import { type BoardVisit, loadBoard } from "../db/readiness.ts";
import { loadStaffedClinics } from "../db/staffed-clinics.ts";
import { transact } from "../db/transact.ts";
import { closeReadyTasks, listClinicIds, openUnreadyTasks } from "../db/unready-tasks.ts";
import { DAY, HOUR, type Instant, instant } from "../domain/calendar.ts";
import type { ClinicId } from "../domain/ids.ts";
import { readinessDeadline } from "../domain/readiness.ts";
import { staffedDeadline, type Deadline } from "../domain/staffed-deadline.ts";
import type { StaffedClinic } from "../domain/staffed-time.ts";

/** Far enough to see over a long closure. */
const AHEAD = 12 * DAY;
const CALL_WITHIN = 2 * HOUR;

/** Returns how many tasks were opened, over all clinics; a clinic that fails keeps the rest from nothing. */
export async function callUnready({ db }: { readonly db: Database }): Promise<number> {
  const ids = await listClinicIds(db);
  const clinics = await loadStaffedClinics(db, ids);
  let opened = 0;
  const failures: unknown[] = [];
  for (const [id, clinic] of clinics)
    try {
      opened += await transact(db, (tx) => callFor(tx, id, clinic));
    } catch (error) {
      failures.push(error);
    }
  if (failures.length > 0) throw new AggregateError(failures, "Visits of some clinics were not looked at");
  return opened;
}

async function callFor(tx: Tx, clinicId: ClinicId, clinic: StaffedClinic): Promise<number> {
  const { now } = await readClinicTime(tx);
  const board = await loadBoard(tx, clinicId, { from: now, to: instant(now + AHEAD) });
  const isDue = ({ startsAt }: BoardVisit) => readinessDeadline(clinic, startsAt) <= now;
  const red = board.filter((visit) => visit.readiness?.colour === "red" && isDue(visit));
  await closeReadyTasks(
    tx,
    board.filter(({ readiness }) => readiness?.colour !== "red").map(({ sessionId }) => sessionId),
    now,
  );
  const dueBy = (startsAt: Instant): Instant => {
    const deadline: Deadline = { openedAt: now, within: CALL_WITHIN, usefulUntil: startsAt };
    return staffedDeadline(clinic, deadline);
  };
  return openUnreadyTasks(
    tx,
    red.map((visit) => ({ ...visit, clinicId, dueBy: dueBy(visit.startsAt) })),
    now,
  );
}
