/**
 * Tells from when the patient may be taken home.
 *
 * Trigger: staff (`session ready --pickup 12:10`). Re-checks: the patient is at the clinic, the time is to come today, under the patient's lock. Effect: the time, and
 * by the protocol's rules one message to the escort. Another time after that message has gone is stored and never sent a second time: staff are told to call. A
 * repeat changes nothing.
 */
import type { Tx } from "../db/database.ts";
import { findEscort, loadSaid, writePickup } from "../db/sessions.ts";
import { addDays, atTime, dayOf, formatInstant, formatWallClock, HOUR, type Instant, timeOf, type WallClock } from "../domain/calendar.ts";
import { type SessionId, toPublicId } from "../domain/ids.ts";
import { placeLocal, toLocal, type Zone } from "../domain/place-in-time.ts";
import { type Changed, type ChangeDeps, type ChangeOptions, refuse, type Written } from "./change-facts.ts";
import { changeSession, type SessionAtHand } from "./change-session.ts";

export type ReadySession = { readonly session: string; readonly zone: Zone; readonly pickupAt: Instant };

export async function readySession(
  deps: ChangeDeps,
  id: SessionId,
  { pickup, ...options }: ChangeOptions & { pickup: WallClock },
): Promise<Changed<ReadySession>> {
  return changeSession<ReadySession>(deps, id, { ...options, write: (tx, atHand) => write(tx, atHand, pickup) });
}

/** Nobody waits longer than that for a lift; a time of day that was meant for yesterday is not taken for tonight. */
const LONGEST_WAIT = 12 * HOUR;

async function write(tx: Tx, atHand: SessionAtHand, pickup: WallClock): Promise<Written<ReadySession>> {
  const { session, now, actor } = atHand;
  const { id, zone, status, clinicId } = session;
  if (status !== "arrived" && status !== "dosed")
    return refuse("session.status", status, "a session that is arrived or dosed, to say when the patient may be taken home");
  const pickupAt = nextTime(zone, { now, pickup });
  if (pickupAt - now > LONGEST_WAIT) return refuse("pickup", formatWallClock(pickup), "a time of day within the next twelve hours");
  if (session.pickupAt === pickupAt) return { kind: "same" };
  const warnings = await findWarnings(tx, atHand);
  await writePickup(tx, id, { pickupAt, now });
  return {
    kind: "written",
    value: { session: toPublicId("session", id), zone, pickupAt },
    events: [{ kind: "session.ready", clinicId, subjectId: id, actor, data: { pickupAt: formatInstant(pickupAt) } }],
    warnings,
  };
}

function nextTime(zone: Zone, { now, pickup }: { now: Instant; pickup: WallClock }): Instant {
  const today = dayOf(toLocal(zone, now));
  const at = placeLocal(zone, atTime(today, pickup));
  return at > now ? at : placeLocal(zone, atTime(addDays(today, 1), pickup));
}

async function findWarnings(tx: Tx, { session, protocol }: SessionAtHand): Promise<string[]> {
  if (!(await findEscort(tx, session.patientId))) return ["no escort is named: nobody is told"];
  const said = await loadSaid(tx, [session.seriesId]);
  const rules = new Set(protocol.rules.filter(({ anchor }) => anchor === "session.ready").map(({ id }) => id));
  const isTold = said.some(({ sessionId, rule }) => sessionId === session.id && rules.has(rule));
  if (!isTold || session.pickupAt === null) return [];
  const told = formatWallClock(timeOf(toLocal(session.zone, session.pickupAt)));
  return [`the escort has been told ${told} already and gets no second message: call them`];
}
