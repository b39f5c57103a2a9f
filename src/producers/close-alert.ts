/**
 * Closes an alert with what came of it. Only staff do; the program never closes or downgrades one.
 *
 * Trigger: staff (`alert close`, the console). Re-checks: that it is not closed, under the lock of the patient, if it has one. Effect: the outcome, the note sealed, its event, and the
 * patient's plan: what was kept back and is still of use is planned again, what the alert outlasted is not made up for. A repeat with the same outcome stores
 * nothing.
 */
import { findAlert, lockAlert, placeOfAlertNote, writeClosed } from "../db/alerts.ts";
import type { AlertOutcome } from "../domain/alert.ts";
import { type AlertId, toPublicId } from "../domain/ids.ts";
import { refuseUnknownAlert } from "./acknowledge-alert.ts";
import { type Changed, type ChangeDeps, changeFacts, type ChangeOptions, refuse } from "./change-facts.ts";

export type ClosedAlert = { readonly alert: string; readonly outcome: AlertOutcome };

export type CloseOptions = ChangeOptions & { readonly outcome: AlertOutcome; readonly note: string | null };

export async function closeAlert(
  deps: ChangeDeps,
  id: AlertId,
  { outcome, note, ...options }: CloseOptions,
): Promise<Changed<ClosedAlert>> {
  const found = await findAlert(deps.db, id);
  if (!found) return refuseUnknownAlert(id);
  const { actor } = options;
  return changeFacts<ClosedAlert>(
    deps,
    {
      patientIds: found.patientId === null ? [] : [found.patientId],
      write: async (tx, { now }) => {
        const alert = await lockAlert(tx, id);
        if (!alert) return refuseUnknownAlert(id);
        if (alert.state === "closed" && alert.outcome === outcome) return { kind: "same" };
        if (alert.state === "closed")
          return refuse("alert", alert.outcome ?? "closed", `an alert that is not closed; ${alert.closedBy ?? "somebody"} closed this one`);
        const noteSealed = note === null ? null : deps.vault.seal(note, placeOfAlertNote(id));
        await writeClosed(tx, id, { outcome, noteSealed, closedBy: actor, closedAt: now });
        const event = { kind: "alert.closed", clinicId: alert.clinicId, subjectId: id, actor, data: { outcome } };
        return { kind: "written", value: { alert: toPublicId("alert", id), outcome }, events: [event], warnings: [] };
      },
    },
    options,
  );
}
