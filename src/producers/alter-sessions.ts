/**
 * Moves, postpones and cancels sessions of one patient, inside a transaction that goes on: what the verbs of staff and the calendar's own export share.
 *
 * Re-checks nothing: whoever calls has judged. Effect: the sessions as they now stand, with what their patient had been told of them, the work that was open
 * about their old time cancelled, and what the change does to the protocol's spacing.
 */
import type { AuditEvent } from "../db/events.ts";
import type { Tx } from "../db/database.ts";
import { cancelTasksOf } from "../db/session-tasks.ts";
import { type AlteredSession, type AlteredTime, alterSessions, loadSaid, loadSessionsOf, type StoredSession } from "../db/sessions.ts";
import { isAnnounced, isToldOff, type Said } from "../domain/announced.ts";
import { formatInstant, type Instant, instant } from "../domain/calendar.ts";
import type { SessionId } from "../domain/ids.ts";
import type { Protocol } from "../domain/protocol.ts";
import type { PatientSessions } from "./patient-sessions.ts";
import { judgeSpacing, type SpacingVerdict } from "./judge-spacing.ts";

/** What becomes of one session; `time` for those that are moved. */
export type Alteration = {
  readonly session: StoredSession;
  readonly to: "scheduled" | "postponed" | "cancelled";
  readonly time: AlteredTime | null;
  readonly because: "patient" | "clinic" | null;
};

export type Altered = SpacingVerdict & {
  readonly events: readonly AuditEvent[];
  /** The patient's sessions as they stand now. */
  readonly sessions: readonly StoredSession[];
};

type Context = { readonly patient: PatientSessions; readonly now: Instant; readonly actor: string };

/** Writes the alterations of sessions of one patient; at least one. */
export async function writeAlterations(tx: Tx, alterations: readonly Alteration[], { patient, now, actor }: Context): Promise<Altered> {
  const said = await loadSaid(tx, [...new Set(alterations.map(({ session }) => session.seriesId))]);
  const altered = alterations.map((alteration) => toAltered(alteration, { said, protocol: patient.protocolOf(alteration.session) }));
  await alterSessions(tx, altered, now);
  const ids = alterations.map(({ session }) => session.id);
  await cancelTasksOf(tx, ids, { now, actor });
  const sessions = await loadSessionsOf(tx, [...new Set(alterations.map(({ session }) => session.patientId))]);
  return {
    ...judgeSpacing(patient, { after: sessions, changed: new Set(ids), now }),
    events: alterations.map((alteration) => toEvent(alteration, actor)),
    sessions,
  };
}

const EVENTS = { scheduled: "session.moved", postponed: "session.postponed", cancelled: "session.cancelled" } as const;

function toEvent({ session, to, time, because }: Alteration, actor: string): AuditEvent {
  const { id, clinicId, startsAt } = session;
  const data = { from: formatInstant(startsAt), to: time && formatInstant(time.startsAt), because };
  return { kind: EVENTS[to], clinicId, subjectId: id, actor, data };
}

function toAltered(
  { session, to, time, because }: Alteration,
  { said, protocol }: { said: readonly Said[]; protocol: Protocol },
): AlteredSession {
  const { id, seriesId, arming } = session;
  return { id, seriesId, status: to, time, arming: time ? arming + 1 : arming, because, ...tellingOf(session, { said, protocol }) };
}

/**
 * What the patient believes: the present start, when it has been named since the session stands as it does, or what they were told before that; and whether they
 * have been told last that it is off.
 */
function tellingOf(
  session: StoredSession,
  { said, protocol }: { said: readonly Said[]; protocol: Protocol },
): { toldStartsAt: Instant | null; toldOff: boolean } {
  const standing = { ...session, standsSince: session.alteredAt ?? madeAt(session.id) };
  const announced = isAnnounced(standing, said, protocol);
  const isOff = session.status === "postponed" && (session.toldOff || isToldOff(standing, said, protocol));
  return {
    toldStartsAt: announced ? session.startsAt : session.toldStartsAt,
    toldOff: session.status === "postponed" ? isOff : session.toldOff && !announced,
  };
}

/** Machine time at which the session was made: the first 48 bits of a UUIDv7. */
function madeAt(id: SessionId): Instant {
  return instant(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16));
}
