/** What must hold between the sessions of one patient, and between them and now. Runs on times alone, so that written and computed sessions share it. */
import { DAY, dayOf, formatLocal, type Instant } from "./calendar.ts";
import type { PastStatus } from "./enqueue-request.ts";
import type { Fault } from "./fault.ts";
import { type FaultList, faultList, type Place } from "./fault-list.ts";
import { toLocal, type Zone } from "./place-in-time.ts";

/** A session's times; `endsAt` with observation where it is known. `path` leads to the session in its input. */
export type SessionTimes = {
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly zone: Zone;
  readonly status: PastStatus | null;
  readonly path: string;
};

/** Three years, a leap day included. */
export const MOST_DAYS_AHEAD = 3 * 365 + 1;
const MOST_DAYS_BACK = 10 * 365 + 3;
export const MOST_FUTURE_SESSIONS = 60;

/**
 * Lists what is wrong with a patient's sessions at `now`, in any order of input: past without a status (unless it started today on its own wall: a warning), a
 * status in the future, more than three years ahead or ten back, more than 60 to come, two at the same time. Cancelled sessions take up no time.
 */
export function checkSessions(
  sessions: readonly SessionTimes[],
  { now }: { now: Instant },
): { readonly faults: readonly Fault[]; readonly warnings: readonly string[] } {
  const list = faultList();
  if (sessions.length === 0) list.add({ path: "sessions", value: [] }, "at least one session");
  for (const session of sessions) checkTime(session, { now, list });
  const future = sessions.filter(({ startsAt }) => startsAt > now).length;
  if (future > MOST_FUTURE_SESSIONS)
    list.add({ path: "sessions", value: sessions }, `at most ${MOST_FUTURE_SESSIONS} future sessions (there are ${future})`);
  checkOverlaps(sessions, list);
  return { faults: list.faults, warnings: list.warnings };
}

function checkTime(session: SessionTimes, { now, list }: { now: Instant; list: FaultList }): void {
  const { startsAt, status, zone, path } = session;
  const place = startOf(session);
  if (startsAt > now + MOST_DAYS_AHEAD * DAY) list.add(place, "a time within three years");
  if (startsAt < now - MOST_DAYS_BACK * DAY) list.add(place, "a time within the last ten years");
  if (startsAt > now && status) list.add({ path: `${path}.status`, value: status }, "no status, because the session is still to come");
  if (startsAt > now || status) return;
  if (dayOf(toLocal(zone, startsAt)) === dayOf(toLocal(zone, now)))
    list.warn(place.path, "this session started today; nothing is sent about its past");
  else list.add(place, "a time to come, or a status (completed, not_dosed, no_show, cancelled) for a session of the past");
}

function checkOverlaps(sessions: readonly SessionTimes[], list: FaultList): void {
  const held = sessions.filter(({ status }) => status !== "cancelled").sort((a, b) => a.startsAt - b.startsAt || a.endsAt - b.endsAt);
  let longest: SessionTimes | undefined;
  for (const session of held) {
    if (longest && longest.startsAt === session.startsAt)
      list.add(startOf(session), `another time than ${longest.path}, which starts at the same moment`);
    else if (longest && session.startsAt < longest.endsAt)
      list.add(startOf(session), `a time after the end of ${longest.path} (${endOf(longest)})`);
    if (!longest || session.endsAt > longest.endsAt) longest = session;
  }
  checkCancelledTwice(sessions, list);
}

function checkCancelledTwice(sessions: readonly SessionTimes[], list: FaultList): void {
  const seen = new Map<Instant, SessionTimes>();
  for (const session of sessions.filter(({ status }) => status === "cancelled")) {
    const twin = seen.get(session.startsAt);
    if (twin) list.add(startOf(session), `each session once; ${twin.path} is the same`);
    seen.set(session.startsAt, session);
  }
}

function startOf({ startsAt, zone, path }: SessionTimes): Place {
  return { path: `${path}.startsAt`, value: formatLocal(toLocal(zone, startsAt)) };
}

function endOf({ endsAt, zone }: SessionTimes): string {
  return formatLocal(toLocal(zone, endsAt));
}
