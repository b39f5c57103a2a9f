/** Takes a session out of its time: for good (`cancelled`) or until a new date is found (`postponed`). What cancelling and postponing share. */
import type { Tx } from "../db/database.ts";
import type { Instant } from "../domain/calendar.ts";
import { toPublicId } from "../domain/ids.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { writeAlterations } from "./alter-sessions.ts";
import type { Written } from "./change-facts.ts";
import { refuseBegun, type SessionAtHand } from "./change-session.ts";
import type { ProposedChange } from "./judge-spacing.ts";

export type CalledOffSession = {
  readonly session: string;
  readonly number: number;
  readonly status: "postponed" | "cancelled";
  readonly zone: Zone;
  /** When it would have been. */
  readonly from: Instant;
  readonly proposal: readonly ProposedChange[];
};

/** Refused when the session has begun or is over, with what would be right; a repeat changes nothing. */
export async function callOff(
  tx: Tx,
  atHand: SessionAtHand,
  { to, because }: { to: "postponed" | "cancelled"; because: "patient" | "clinic" },
): Promise<Written<CalledOffSession>> {
  const { session, now } = atHand;
  if (session.status === to) return { kind: "same" };
  const refused = refuseBegun(session, now);
  if (refused) return refused;
  const { events, warnings, proposal } = await writeAlterations(tx, [{ session, to, time: null, because }], atHand);
  const { id, number, zone, startsAt: from } = session;
  return { kind: "written", value: { session: toPublicId("session", id), number, status: to, zone, from, proposal }, events, warnings };
}
