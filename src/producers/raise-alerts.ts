/**
 * Raises alerts in the transaction of the answer that caused them.
 *
 * Trigger: an answer, a text, or a silence that matters. Re-checks: whether this source has raised this kind before. Effect: the alert, due to be paged at once
 * unless it is `medium`, its event, and of a critical one silence: what waits for the patient is held in the same transaction and the plan marked stale. A repeat raises nothing more.
 */
import { newId } from "../clock.ts";
import type { Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { raisePlanRevision } from "../db/plans.ts";
import { holdForAlert, insertAlerts } from "../db/alerts.ts";
import type { AlertCause } from "../domain/alert.ts";
import type { AlertId } from "../domain/ids.ts";

/** The ids of the alerts that are new. Page them after the commit: {@link pageAfterCommit}. */
export async function raiseAlerts(tx: Tx, causes: readonly AlertCause[], { actor }: { readonly actor: string }): Promise<AlertId[]> {
  const raised = await insertAlerts(
    tx,
    causes.map((cause) => ({ ...cause, id: newId<"alert">() })),
  );
  await appendEvents(
    tx,
    raised.map(({ id, clinicId, kind, level, source }) => ({
      clinicId,
      actor,
      kind: "alert.raised",
      subjectId: id,
      data: { kind, level, source },
    })),
  );
  const endangered = [
    ...new Set(raised.flatMap(({ patientId, level }) => (level === "critical" && patientId !== null ? [patientId] : []))),
  ];
  await raisePlanRevision(tx, endangered);
  await holdForAlert(tx, endangered);
  return raised.map(({ id }) => id);
}
