/** What every verb about one session has in common: it is found, its patient locked, the session read as it stands behind that lock, its series under way. */
import { findSessionPatient, type StoredSession } from "../db/sessions.ts";
import type { Tx } from "../db/database.ts";
import type { Instant } from "../domain/calendar.ts";
import type { SessionId } from "../domain/ids.ts";
import type { Protocol } from "../domain/protocol.ts";
import { type Changed, type ChangeDeps, changeFacts, type ChangeOptions, refuse, type Refused, type Written } from "./change-facts.ts";
import { UNDER_WAY } from "./change-series.ts";
import { loadPatientSessions, type PatientSessions } from "./patient-sessions.ts";

/** A session as somebody is about to change it. */
export type SessionAtHand = {
  readonly session: StoredSession;
  readonly protocol: Protocol;
  readonly patient: PatientSessions;
  readonly now: Instant;
  readonly actor: string;
};

/** Changes a session with `write`; refused when there is none with this id, and when its series is over. */
export async function changeSession<Value>(
  deps: ChangeDeps,
  id: SessionId,
  { write, ...options }: ChangeOptions & { write: (tx: Tx, atHand: SessionAtHand) => Promise<Written<Value>> },
): Promise<Changed<Value>> {
  const patientId = await findSessionPatient(deps.db, id);
  if (!patientId) return refuse("session", id, "the id of a session that is stored");
  return changeFacts(
    deps,
    {
      patientIds: [patientId],
      write: async (tx, { now }) => {
        const patient = await loadPatientSessions(tx, patientId);
        const session = patient.sessions.find((each) => each.id === id);
        if (!session) return refuse("session", id, "the id of a session that is stored");
        const refused = refuseEnded(session);
        return refused ?? write(tx, { session, protocol: patient.protocolOf(session), patient, now, actor: options.actor });
      },
    },
    options,
  );
}

function refuseEnded({ seriesStatus }: StoredSession): Refused | undefined {
  return UNDER_WAY.includes(seriesStatus)
    ? undefined
    : refuse("series.status", seriesStatus, "a session of a series that goes on; this one's is over, and nothing of it changes any more");
}

/** What can be done about a session that is not to come any more, by its status. */
const INSTEAD: { readonly [Status in StoredSession["status"]]?: string } = {
  arrived: "the patient is here: record not-dosed, and add a new session",
  dosed: "the patient was dosed: record the discharge",
  discharged: "it took place",
  completed: "it took place",
  not_dosed: "it has ended without a dose: add a new session",
  no_show: "the patient did not come: add a new session",
  cancelled: "it is cancelled: add a new session",
};

/** The refusal of a session that has begun, on the clock or by what was recorded; undefined while it is to come. A postponed one has no time that could be over. */
export function refuseBegun({ status, startsAt }: StoredSession, now: Instant): Refused | undefined {
  const instead = INSTEAD[status];
  if (instead !== undefined) return refuse("session.status", status, `a session that is scheduled or postponed; ${instead}`);
  if (status === "scheduled" && startsAt <= now)
    return refuse("session.status", "begun", "a session that has not begun; record what happened: no-show, or not-dosed with its reason");
  return undefined;
}
