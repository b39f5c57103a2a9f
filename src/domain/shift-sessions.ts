/** Moves sessions by whole days to the same clock time, as far as that can be done without asking anybody; what cannot be moved stays, with the reason. Pure. */
import { addDays, atTime, type CalendarDay, dayOf, formatLocal, type Instant, instant, timeOf } from "./calendar.ts";
import type { PatientId, SeriesId, SessionId } from "./ids.ts";
import { resolveLocal, toLocal, type Zone } from "./place-in-time.ts";
import type { Span } from "./touchpoint.ts";

export type ShiftableSession = {
  readonly id: SessionId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};

export type ShiftContext = {
  /** Calendar days, backwards when negative. */
  readonly days: number;
  readonly now: Instant;
  /** When the clinic is closed, by its settings and because somebody closed it. */
  readonly closed: { readonly zone: Zone; readonly days: ReadonlySet<CalendarDay>; readonly spans: readonly Span[] };
  /** Every session to come or under way of the patients, those to move included. */
  readonly all: readonly ShiftableSession[];
};

/**
 * `under-way`: it has begun. `no-such-time`, `twice`: the clocks of that day skip or repeat the time. `past`: the new time is over. `closed`: the clinic is.
 * `clash`: the patient has another session then. `with-series`: another session of the same series cannot be moved.
 */
export type Obstacle = "under-way" | "no-such-time" | "twice" | "past" | "closed" | "clash" | "with-series";

export type ShiftedSession<Session> = {
  readonly session: Session;
  readonly localStart: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};
export type Shift<Session> = {
  readonly moves: readonly ShiftedSession<Session>[];
  readonly left: readonly { readonly session: Session; readonly why: Obstacle }[];
};

/** All sessions of one series move, or none of them. */
export function shiftSessions<Session extends ShiftableSession>(wanted: readonly Session[], context: ShiftContext): Shift<Session> {
  const placed = wanted.map((session) => ({ session, ...place(session, context) }));
  const obstacles = new Map<SessionId, Obstacle>();
  for (const { session, obstacle } of placed) if (obstacle) obstacles.set(session.id, obstacle);
  // What stays may stand in the way of what moves, which then stays as well: until nothing changes any more.
  for (let before = -1; before !== obstacles.size; ) {
    before = obstacles.size;
    holdTogether(wanted, obstacles);
    for (const { session, startsAt, endsAt } of placed)
      if (!obstacles.has(session.id) && clashes(session, { from: startsAt, to: endsAt }, { ...context, placed, obstacles }))
        obstacles.set(session.id, "clash");
  }
  return {
    moves: placed.flatMap(({ session, localStart, startsAt, endsAt }) =>
      obstacles.has(session.id) ? [] : [{ session, localStart, startsAt, endsAt }],
    ),
    left: wanted.flatMap((session) => {
      const why = obstacles.get(session.id);
      return why ? [{ session, why }] : [];
    }),
  };
}

type Placed<Session> = ShiftedSession<Session> & { readonly obstacle: Obstacle | null };

function place(session: ShiftableSession, { days, now, closed }: ShiftContext): Omit<Placed<never>, "session"> {
  const local = toLocal(session.zone, session.startsAt);
  const target = atTime(addDays(dayOf(local), days), timeOf(local));
  const placement = resolveLocal(session.zone, target);
  const startsAt = placement.kind === "exact" ? placement.at : placement.kind === "gap" ? placement.forward : placement.first;
  const endsAt = instant(startsAt + session.endsAt - session.startsAt);
  const found = { localStart: formatLocal(target), startsAt, endsAt };
  if (session.startsAt <= now) return { ...found, obstacle: "under-way" };
  if (placement.kind !== "exact") return { ...found, obstacle: placement.kind === "gap" ? "no-such-time" : "twice" };
  if (startsAt <= now) return { ...found, obstacle: "past" };
  const isClosed =
    closed.days.has(dayOf(toLocal(closed.zone, startsAt))) || closed.spans.some(({ from, to }) => startsAt < to && from < endsAt);
  return { ...found, obstacle: isClosed ? "closed" : null };
}

function holdTogether(wanted: readonly ShiftableSession[], obstacles: Map<SessionId, Obstacle>): void {
  const held = new Set(wanted.filter(({ id }) => obstacles.has(id)).map(({ seriesId }) => seriesId));
  for (const { id, seriesId } of wanted) if (held.has(seriesId) && !obstacles.has(id)) obstacles.set(id, "with-series");
}

type Standing = Pick<ShiftContext, "all"> & {
  readonly placed: readonly Placed<ShiftableSession>[];
  readonly obstacles: ReadonlyMap<SessionId, Obstacle>;
};

/** Against every other session of the patient, where it will stand. */
function clashes({ id, patientId }: ShiftableSession, { from, to }: Span, { all, placed, obstacles }: Standing): boolean {
  const moving = new Map(placed.filter(({ session }) => !obstacles.has(session.id)).map((move) => [move.session.id, move]));
  return all.some((other) => {
    if (other.id === id || other.patientId !== patientId) return false;
    const { startsAt, endsAt } = moving.get(other.id) ?? other;
    return startsAt < to && from < endsAt;
  });
}
