/**
 * Tells from when the patient may be taken home.
 *
 * Trigger: staff (`session ready --pickup 12:10`). Re-checks: the patient is at the clinic, the time is to come today, under the patient's lock. Effect: the time, and
 * by the protocol's rules one message to the escort; one more for each time that differs by ten minutes from the one that was named last. Less is stored and not
 * told anew. A call about an earlier time that is still open is off the list. A repeat changes nothing.
 */
import type { Tx } from "../db/database.ts";
import { findEscort, loadSaid, type Pickup, writePickup } from "../db/sessions.ts";
import { closeSettledTasks } from "../db/tasks.ts";
import {
  addDays,
  atTime,
  dayOf,
  formatInstant,
  formatWallClock,
  HOUR,
  type Instant,
  MINUTE,
  timeOf,
  type WallClock,
} from "../domain/calendar.ts";
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
  const named = nameAnew(session, pickupAt);
  const warnings = await findWarnings(tx, atHand, named);
  await writePickup(tx, id, { pickupAt, ...named, now });
  await closeSettledTasks(tx, [session.patientId]);
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

/** Whoever is driving already is not called to the phone for less. */
const WORTH_TELLING = 10 * MINUTE;

function nameAnew({ pickupNamedAt, pickupRound }: SessionAtHand["session"], pickupAt: Instant): Omit<Pickup, "pickupAt"> {
  if (pickupNamedAt === null) return { namedAt: pickupAt, round: pickupRound };
  const isWorthIt = Math.abs(pickupAt - pickupNamedAt) >= WORTH_TELLING;
  return isWorthIt ? { namedAt: pickupAt, round: pickupRound + 1 } : { namedAt: pickupNamedAt, round: pickupRound };
}

async function findWarnings(tx: Tx, { session, protocol }: SessionAtHand, { round }: Pick<Pickup, "round">): Promise<string[]> {
  if (!(await findEscort(tx, session.patientId))) return ["no escort is named: nobody is told"];
  const said = await loadSaid(tx, [session.seriesId]);
  const rules = new Set(protocol.rules.filter(({ anchor }) => anchor === "session.ready").map(({ id }) => id));
  const isTold = said.some(({ sessionId, rule }) => sessionId === session.id && rules.has(rule));
  if (!isTold || session.pickupNamedAt === null) return [];
  const told = formatWallClock(timeOf(toLocal(session.zone, session.pickupNamedAt)));
  const isToldAgain = round > session.pickupRound;
  return [
    `the escort has been told ${told} already and ${isToldAgain ? "is told the new time" : "is not told again for less than ten minutes"}`,
  ];
}
