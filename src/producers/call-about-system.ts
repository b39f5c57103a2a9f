/**
 * Opens a task about another system that was not told what happened.
 *
 * Trigger: a telling was tried for a day and given up, in the same transaction. Re-checks: that the clinic has no such task open and had none opened within a day,
 * under the clinic's lock. Effect: one task of kind `tell-system`, due within four staffed hours, in the clinic's language, about the first patient concerned; its
 * script holds nothing of anybody's health. A repeat opens nothing. A test that nobody answered is no reason: whoever asked for it sees it in the list.
 */
import { readClinicTime } from "../db/clinic-clock.ts";
import type { Tx } from "../db/database.ts";
import { openStaffTasks, type StaffTask } from "../db/staff-tasks.ts";
import { loadStaffedClinics } from "../db/staffed-clinics.ts";
import { findStored, lockUntoldClinics, SYSTEM_NOT_TOLD } from "../db/system-tasks.ts";
import type { DeadTelling } from "../db/webhook-outbox.ts";
import { HOUR } from "../domain/calendar.ts";
import { type ClinicId, parsePublicId, type PatientId } from "../domain/ids.ts";
import { staffedDeadline } from "../domain/staffed-deadline.ts";

/** Half a working day: it was a day late already. */
const WITHIN_MS = 4 * HOUR;

/** How many were opened. */
export async function callAboutSystems(tx: Tx, dead: readonly DeadTelling[]): Promise<number> {
  const concerned = dead.flatMap(({ clinicId, data }) => {
    const patientId = parsePublicId("patient", data["patient"] ?? "");
    return patientId === undefined ? [] : [{ clinicId, patientId }];
  });
  if (concerned.length === 0) return 0;
  const tasks = await toTasks(tx, concerned);
  if (tasks.length > 0) await openStaffTasks(tx, tasks, (await readClinicTime(tx)).now);
  return tasks.length;
}

async function toTasks(tx: Tx, concerned: readonly { clinicId: ClinicId; patientId: PatientId }[]): Promise<StaffTask[]> {
  const { now } = await readClinicTime(tx);
  const clinicIds = concerned.map(({ clinicId }) => clinicId);
  const untold = await lockUntoldClinics(tx, clinicIds, now);
  const stored = await findStored(
    tx,
    concerned.map(({ patientId }) => patientId),
  );
  const staffed = await loadStaffedClinics(tx, clinicIds);
  return untold.flatMap(({ id, locale }): StaffTask[] => {
    const first = concerned.find(({ clinicId, patientId }) => clinicId === id && stored.has(patientId));
    const clinic = staffed.get(id);
    if (!first || !clinic) return [];
    const dueBy = staffedDeadline(clinic, { openedAt: now, within: WITHIN_MS, usefulUntil: null });
    const about = { clinicId: id, patientId: first.patientId, seriesId: null, sessionId: null };
    return [{ kind: "tell-system", template: SYSTEM_NOT_TOLD, ...about, locale, importance: "high", dueBy }];
  });
}
