/** How sessions change because of the clinic, many at once: shared by closing and by moving a day. Called under the locks of their patients. */
import { getApprovals } from "../db/approvals.ts";
import { type DaySession, type Silenced, silenceSessions } from "../db/day-sessions.ts";
import type { Tx } from "../db/database.ts";
import { takeBackHints } from "../db/plans.ts";
import { cancelTasksOf } from "../db/session-tasks.ts";
import { type AlteredSession, type AlteredTime, alterSessions, loadSaid } from "../db/sessions.ts";
import { isAnnounced, type Said } from "../domain/announced.ts";
import { type Instant, instant } from "../domain/calendar.ts";
import type { Protocol } from "../domain/protocol.ts";
import type { SessionId } from "../domain/ids.ts";

export type ClinicAlteration = {
  /** `scheduled`: at its new time. */
  readonly to: "postponed" | "scheduled";
  readonly times: ReadonlyMap<SessionId, AlteredTime>;
  readonly now: Instant;
  readonly actor: string;
};

/** Writes the change with what the patients had been told, and ends everything that was going to be said or done about the sessions as they stood. */
export async function alterForClinic(tx: Tx, sessions: readonly DaySession[], alteration: ClinicAlteration): Promise<Silenced> {
  if (sessions.length === 0) return { ended: 0, inFlight: 0 };
  const { to, now, actor } = alteration;
  await takeBackHints(
    tx,
    sessions.map(({ patientId }) => patientId),
  );
  // Before the silence: it waits for a claim that is about to commit, which then counts as told.
  const said = Map.groupBy(await loadSaid(tx, [...new Set(sessions.map(({ seriesId }) => seriesId))]), ({ seriesId }) => seriesId);
  const approvals = await getApprovals(
    tx,
    sessions.map(({ approvalId }) => approvalId),
  );
  const altered = sessions.map((session) => {
    const protocol = approvals.get(session.approvalId)?.protocol;
    if (!protocol) throw new Error(`Session ${session.id} has lost its approval`);
    return toAltered(session, alteration, { said: said.get(session.seriesId) ?? [], protocol });
  });
  const silenced = await silenceSessions(tx, sessions, to === "postponed" ? "cancelled" : "superseded");
  await alterSessions(tx, altered, now);
  await cancelTasksOf(
    tx,
    sessions.map(({ id }) => id),
    { now, actor },
  );
  return silenced;
}

function toAltered(
  session: DaySession,
  { to, times }: ClinicAlteration,
  { said, protocol }: { said: readonly Said[]; protocol: Protocol },
): AlteredSession {
  const { id, seriesId, arming, startsAt, toldStartsAt, toldOff, alteredAt } = session;
  const isTold = isAnnounced({ id, seriesId, arming, startsAt, standsSince: alteredAt ?? instant(0) }, said, protocol);
  return {
    id,
    seriesId,
    status: to,
    time: times.get(id) ?? null,
    arming: to === "scheduled" ? arming + 1 : arming,
    because: "clinic",
    toldStartsAt: isTold ? startsAt : toldStartsAt,
    toldOff: !isTold && toldOff,
  };
}
