/** All sessions of one patient as a change of one of them needs them: with the protocols they follow and the days on which their clinics are closed. */
import { getApprovals } from "../db/approvals.ts";
import { loadClinicDays } from "../db/session-places.ts";
import { loadSessionsOf, type StoredSession } from "../db/sessions.ts";
import type { Tx } from "../db/database.ts";
import { type Instant, instant } from "../domain/calendar.ts";
import { type PatientId, type SeriesId, toPublicId } from "../domain/ids.ts";
import type { TakenBy } from "../domain/judge-time.ts";
import type { Closures } from "../domain/patient-facts.ts";
import type { Protocol } from "../domain/protocol.ts";
import { endOf } from "../domain/resolve-sessions.ts";

export type PatientSessions = {
  /** In order of time, over all series. */
  readonly sessions: readonly StoredSession[];
  readonly protocolOf: (session: Pick<StoredSession, "approvalId">) => Protocol;
  readonly closuresOf: (session: Pick<StoredSession, "clinicId">) => Closures;
};

/** Reads them under the patient's lock. */
export async function loadPatientSessions(tx: Tx, patientId: PatientId): Promise<PatientSessions> {
  const sessions = await loadSessionsOf(tx, [patientId]);
  const approvals = await getApprovals(tx, [...new Set(sessions.map(({ approvalId }) => approvalId))]);
  const closures = await loadClinicDays(tx, [...new Set(sessions.map(({ clinicId }) => clinicId))]);
  return {
    sessions,
    protocolOf: ({ approvalId }) => {
      const approval = approvals.get(approvalId);
      if (!approval) throw new Error(`Approval ${approvalId} has gone`);
      return approval.protocol;
    },
    closuresOf: ({ clinicId }) => closures.get(clinicId) ?? new Set(),
  };
}

const UNDER_WAY: ReadonlySet<string> = new Set(["enqueued", "active", "paused"]);
const BUSY: ReadonlySet<string> = new Set(["scheduled", "arrived", "dosed"]);

/** When the patient is busy besides these sessions, named as somebody who changes `seriesId` would name it; null: as somebody who looks at all of them. */
export function findTaken(
  { sessions }: PatientSessions,
  { besides, seriesId }: { besides: ReadonlySet<string>; seriesId: SeriesId | null },
): TakenBy[] {
  return sessions
    .filter(({ id, status, seriesStatus }) => BUSY.has(status) && UNDER_WAY.has(seriesStatus) && !besides.has(id))
    .map((other) => ({
      startsAt: other.startsAt,
      endsAt: other.endsAt,
      zone: other.zone,
      name: `session ${other.number} of ${other.seriesId === seriesId ? "this series" : toPublicId("series", other.seriesId)}`,
    }));
}

/** When a session would be over: with its own length, or with another one in minutes of treatment. */
export function endWith(session: StoredSession, minutes: number | null, protocol: Protocol): (startsAt: Instant) => Instant {
  if (minutes === null) return (startsAt) => instant(startsAt + session.endsAt - session.startsAt);
  return (startsAt) => endOf({ startsAt, minutes, kind: session.kind }, protocol);
}
