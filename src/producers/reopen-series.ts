/** When a session may be added to a series, and the series that goes on again for it, inside a transaction that goes on: for staff, and for the clinic's own calendar. */
import { setReopened } from "../db/completed-series.ts";
import type { AuditEvent } from "../db/events.ts";
import type { SeriesPlace } from "../db/session-places.ts";
import type { Tx } from "../db/database.ts";
import type { Protocol, SessionKind } from "../domain/protocol.ts";
import { UNDER_WAY } from "./change-series.ts";
import type { PatientSessions } from "./patient-sessions.ts";

/**
 * What a series has to be for a session of that kind; undefined when it is. A course that has run may be followed by what its protocol has on request, such as a
 * booster; what was stopped or undone stays so.
 */
export function expectGoingOn({ status }: SeriesPlace, kind: SessionKind, { phases }: Protocol): string | undefined {
  if (UNDER_WAY.includes(status)) return undefined;
  const onRequest = phases.filter((phase) => phase.onRequest).map((phase) => phase.kind);
  if (status === "completed" && onRequest.includes(kind)) return undefined;
  const besides =
    status === "completed" && onRequest.length > 0 ? ` or, of one that is completed, a session of kind ${onRequest.join(" or ")}` : "";
  return `a series that goes on${besides}; enqueue a new series for this session (afterglow series enqueue)`;
}

export type Reopened = { readonly events: readonly AuditEvent[]; readonly warnings: readonly string[] };
/** Of one that was under way. */
export const NOTHING_REOPENED: Reopened = { events: [], warnings: [] };

/** Lets the series go on if it was completed; one that is under way stays as it is. */
export async function reopenSeries(
  tx: Tx,
  { id, clinicId, status }: SeriesPlace,
  { patient, actor }: { patient: PatientSessions; actor: string },
): Promise<Reopened> {
  if (status !== "completed") return NOTHING_REOPENED;
  await setReopened(tx, id);
  const isBesides = patient.sessions.some(({ seriesId, seriesStatus }) => seriesId !== id && UNDER_WAY.includes(seriesStatus));
  return {
    events: [{ kind: "series.reopened", clinicId, subjectId: id, actor, data: {} }],
    warnings: ["the series was completed and goes on again", ...(isBesides ? ["the patient has another series under way"] : [])],
  };
}
