/**
 * Takes a closure back for what is booked from now on.
 *
 * Trigger: staff (`clinic reopen`). Re-checks: that the closure still stands, under the clinic's lock. Effect: the closure is marked as ended, the day that it
 * closed is open again, and plans that count in staffed hours are made again. Sessions that it postponed stay postponed: their patients were told, and are
 * listed for rebooking. A repeat changes nothing.
 */
import { type Closure, reopenClosure } from "../db/closures.ts";
import { lockPatients } from "../db/plans.ts";
import { listPlannedPatients } from "../db/view-clinics.ts";
import { changeClinic, type ClinicChanged, type ClinicDeps } from "./change-clinic.ts";
import type { ChangeOptions } from "./change-facts.ts";

export async function reopenClinic(
  deps: ClinicDeps,
  { id, clinicId, wholeDay }: Closure,
  options: ChangeOptions,
): Promise<ClinicChanged<object>> {
  return changeClinic(
    deps,
    {
      clinicId,
      write: async (tx, { now }) => {
        const replan = wholeDay === null ? [] : await listPlannedPatients(tx, clinicId);
        await lockPatients(tx, replan);
        if (!(await reopenClosure(tx, id, now))) return { kind: "same" };
        const event = { kind: "clinic.reopened", clinicId, subjectId: id, actor: options.actor };
        return { kind: "written", value: {}, events: [event], replan };
      },
    },
    options,
  );
}
