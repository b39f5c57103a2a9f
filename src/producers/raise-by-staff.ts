/**
 * Raises an alert because somebody of the clinic says so: what was heard on the phone, say.
 *
 * Trigger: staff (`alert raise`, the console). Re-checks: that the patient is the clinic's, under the patient's lock. Effect: as of an alert that an answer raises,
 * and staff paged. A repeat is a second alert: two people may have heard two things.
 */
import { newId } from "../clock.ts";
import { findClinicOfPatient } from "../db/alerts.ts";
import type { AlertKind, AlertLevel } from "../domain/alert.ts";
import { type AlertId, type ClinicId, type PatientId, toPublicId } from "../domain/ids.ts";
import { type Changed, type ChangeDeps, changeFacts, type ChangeOptions, refuse } from "./change-facts.ts";
import { pageAfterCommit, type PageDeps } from "./page-after-commit.ts";
import { raiseAlerts } from "./raise-alerts.ts";

export type RaisedByStaff = { readonly alert: AlertId };

export type RaiseOptions = ChangeOptions & { readonly kind: AlertKind; readonly level: AlertLevel; readonly clinicId: ClinicId | null };

export async function raiseByStaff(
  deps: ChangeDeps & PageDeps,
  patientId: PatientId,
  { kind, level, clinicId: asked, ...options }: RaiseOptions,
): Promise<Changed<RaisedByStaff>> {
  const { actor } = options;
  const result = await changeFacts<RaisedByStaff>(
    deps,
    {
      patientIds: [patientId],
      write: async (tx) => {
        const clinicId = await findClinicOfPatient(tx, patientId, asked);
        if (clinicId === undefined)
          return refuse(
            "patient",
            toPublicId("patient", patientId),
            "a patient of the clinic (afterglow patient find); --clinic names which",
          );
        const [alert] = await raiseAlerts(
          tx,
          [{ clinicId, patientId, seriesId: null, sessionId: null, kind, level, source: "staff", sourceId: newId() }],
          { actor },
        );
        if (!alert) throw new Error("An alert of a new source was not stored");
        return { kind: "written", value: { alert }, events: [], warnings: [] };
      },
    },
    options,
  );
  if (result.kind === "changed" && !result.dryRun) await pageAfterCommit(deps, [result.value.alert]);
  return result;
}
