/**
 * From a cadence and a protocol's phases to dates. The dates are one list without end, the same whenever it is asked for; a later horizon only shows more of
 * it, so that an open-ended series is extended by asking again.
 *
 * Time is cut into windows of seven days counted from the first day. A phase begins in the window after the one in which the phase before it ended and takes,
 * every `everyWeeks` windows, the first `perWeek` of the cadence's weekdays that are not closed; what a closure takes away is made up in the windows after. A
 * session that follows another goes to the open day nearest to `after`, the later one of two, at the same time of day and never before the next day. Open for
 * it are days without a closure and without another session of the list, Saturdays and Sundays only where the cadence names them.
 */
import { addDays, type CalendarDay, type WallClock, weekdayOf } from "./calendar.ts";
import type { Cadence } from "./enqueue-request.ts";
import type { Closures } from "./patient-facts.ts";
import type { Phase, SessionKind, Setting } from "./protocol.ts";

/** A session that the cadence asks for: day and time stand on the wall where it happens. */
export type MadeSession = {
  readonly kind: SessionKind;
  readonly day: CalendarDay;
  readonly at: WallClock;
  readonly minutes: number;
  readonly setting: Setting;
  /** The id of its phase. */
  readonly phase: string;
};

export type SessionsToMake = {
  readonly cadence: Cadence;
  readonly phases: readonly Phase[];
  readonly closures: Closures;
  /** How many of the list exist already; the answer begins after them. Default: none. */
  readonly from?: number;
  /** Last day for sessions of an open-ended phase. */
  readonly horizonUntil: CalendarDay;
};

type Plan = Pick<SessionsToMake, "cadence" | "phases" | "closures">;
type Placed = { readonly phase: Phase; readonly day: CalendarDay };

/**
 * The sessions in order of time: all of the counted phases, those of an open-ended phase until the horizon, none of phases on request. The same closures give
 * the same list; a closure entered later moves what it hits and the windows after it. A phase behind an open-ended one is never reached.
 */
export function makeSessions({ from = 0, horizonUntil, ...plan }: SessionsToMake): MadeSession[] {
  if (plan.cadence.weekdays.length === 0) return [];
  const dates = lookAhead(placePhases(plan));
  const taken = new Set<CalendarDay>();
  const made: MadeSession[] = [];
  let until = horizonUntil;
  for (let index = 0; ; index++) {
    const placed = dates.at(index);
    if (!placed || (placed.phase.count === undefined && placed.day > until)) break;
    const follower = follow(placed, { plan, isTaken: (day) => taken.has(day) || dates.include(day) });
    if (follower) taken.add(follower.day);
    // Whatever lies between counted sessions is shown before its horizon, so that a longer list only ever grows at its end.
    if (placed.phase.count !== undefined) until = later(until, (follower ?? placed).day);
    made.push(toSession(placed, plan.cadence.at), ...(follower ? [follower] : []));
  }
  const shown = made.filter(({ day }) => day <= until);
  return shown.sort((one, other) => one.day - other.day).slice(from);
}

function later(one: CalendarDay, other: CalendarDay): CalendarDay {
  return one > other ? one : other;
}

function toSession({ phase: { id, kind, minutes, setting }, day }: Placed, at: WallClock): MadeSession {
  return { kind, day, at, minutes, setting, phase: id };
}

function* placePhases({ cadence, phases, closures }: Plan): Generator<Placed> {
  let window = 0;
  for (const phase of phases.filter(({ onRequest }) => !onRequest)) {
    let left = phase.count ?? Number.POSITIVE_INFINITY;
    while (left > 0) {
      const days = openDays(cadence, { window, closures }).slice(0, Math.min(phase.perWeek, left));
      for (const day of days) yield { phase, day };
      left -= days.length;
      // A window without an open day is made up in the next one, however many weeks lie between sessions.
      window += days.length === 0 || left === 0 ? 1 : phase.everyWeeks;
    }
  }
}

function openDays({ first, weekdays }: Cadence, { window, closures }: { window: number; closures: Closures }): CalendarDay[] {
  const days = Array.from({ length: 7 }, (_, index) => addDays(first, window * 7 + index));
  return days.filter((day) => weekdays.includes(weekdayOf(day)) && !closures.has(day));
}

/** The dates read so far, read further only when somebody asks: a list without end is never read to it. */
function lookAhead(source: Generator<Placed>) {
  const read: Placed[] = [];
  const readOne = () => {
    const next = source.next();
    if (!next.done) read.push(next.value);
    return !next.done;
  };
  return {
    at(index: number): Placed | undefined {
      while (read.length <= index && readOne());
      return read[index];
    },
    include(day: CalendarDay): boolean {
      while ((read.at(-1)?.day ?? day) <= day && readOne());
      return read.some((placed) => placed.day === day);
    },
  };
}

function follow(
  { phase: { id, followedBy }, day }: Placed,
  { plan: { cadence, closures }, isTaken }: { plan: Plan; isTaken: (day: CalendarDay) => boolean },
): MadeSession | undefined {
  if (!followedBy) return undefined;
  const isOpen = (candidate: CalendarDay) => !closures.has(candidate) && isWorkday(candidate, cadence) && !isTaken(candidate);
  const wished = Math.max(1, followedBy.after.days);
  for (let distance = 0; ; distance++)
    for (const wait of [wished + distance, wished - distance]) {
      const candidate = addDays(day, wait);
      if (wait >= 1 && isOpen(candidate))
        return {
          kind: followedBy.kind,
          day: candidate,
          at: cadence.at,
          minutes: followedBy.minutes,
          setting: followedBy.setting,
          phase: id,
        };
    }
}

function isWorkday(day: CalendarDay, { weekdays }: Cadence): boolean {
  const weekday = weekdayOf(day);
  return weekdays.includes(weekday) || (weekday !== "sat" && weekday !== "sun");
}
