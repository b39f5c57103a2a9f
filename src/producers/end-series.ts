/** How a series ends, whether it is stopped or should never have been: shared by those who say so. Called under the patient's lock. */
import { getApprovals } from "../db/approvals.ts";
import type { Tx } from "../db/database.ts";
import { type SeriesToChange, setEnded } from "../db/series-changes.ts";
import { type AlteredSession, alterSessions, loadSessionsOf, type StoredSession } from "../db/sessions.ts";
import { isAnnounced, type Said } from "../domain/announced.ts";
import { type Instant, instant } from "../domain/calendar.ts";
import type { Protocol } from "../domain/protocol.ts";

export type Ending = {
  readonly status: "stopped" | "void";
  readonly now: Instant;
  /** Whose wish it is, as the sessions that are called off keep it. */
  readonly because: "patient" | "clinic";
  readonly said: readonly Said[];
};

/**
 * Ends the series and calls off its sessions: of a stopped one what is to come, of one that should never have been all of which no outcome is known. Returns how
 * many those were. What follows for messages and for the work of staff is planning's.
 */
export async function endSeries(tx: Tx, series: SeriesToChange, ending: Ending): Promise<number> {
  const { status, now } = ending;
  const protocol = (await getApprovals(tx, [series.approvalId])).get(series.approvalId)?.protocol;
  if (!protocol) throw new Error(`Series ${series.id} has lost its approval`);
  const sessions = (await loadSessionsOf(tx, [series.patientId])).filter((session) => session.seriesId === series.id);
  const off = sessions.filter(
    (session) => isOpen(session) && (status === "void" || session.startsAt > now || session.status === "postponed"),
  );
  await alterSessions(
    tx,
    off.map((session) => toCancelled(session, ending, protocol)),
    now,
  );
  await setEnded(tx, series.id, { status, now });
  return off.length;
}

function isOpen({ status }: StoredSession): boolean {
  return status === "scheduled" || status === "postponed";
}

function toCancelled(session: StoredSession, { because, said }: Ending, protocol: Protocol): AlteredSession {
  const { id, seriesId, arming, startsAt, toldStartsAt, toldOff, alteredAt } = session;
  const standing = { id, seriesId, arming, startsAt, standsSince: alteredAt ?? instant(0) };
  const isTold = session.status === "scheduled" && isAnnounced(standing, said, protocol);
  return { id, seriesId, status: "cancelled", time: null, arming, because, toldStartsAt: isTold ? startsAt : toldStartsAt, toldOff };
}
