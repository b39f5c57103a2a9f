/** Where the doses that follow a change would have to go for the protocol's spacing to hold. A proposal for staff; nothing is moved by it. */
import { addDays, atTime, type CalendarDay, dayOf, type Instant, instant, timeOf, weekdayOf } from "./calendar.ts";
import type { SessionId } from "./ids.ts";
import type { Closures } from "./patient-facts.ts";
import { resolveLocal, toLocal } from "./place-in-time.ts";
import type { Protocol } from "./protocol.ts";
import { compareGap, isDose, type SessionInTime } from "./spacing.ts";

export type SpacedSession = SessionInTime & { readonly id: SessionId; readonly seriesId: string; readonly endsAt: Instant };

export type ProposedMove<Session> = { readonly session: Session; readonly to: Instant };

export type ProposalContext = {
  readonly protocol: Pick<Protocol, "spacing">;
  readonly closures: Closures;
  readonly now: Instant;
  /** Doses before stay where they are. */
  readonly from: Instant;
  /** So do these: somebody has just said where they go. */
  readonly fixed: ReadonlySet<string>;
  /** What else the patient has. */
  readonly busy: readonly { readonly startsAt: Instant; readonly endsAt: Instant }[];
};

/**
 * The nearest days on which each following dose would keep the spacing to the one before it, at its own time of day: days without a closure, Saturdays and
 * Sundays only where the series has doses on them. One dose after the other, so that the second proposal stands on the first. Doses that need not move are left
 * out, and so are those for which there is no day within two months.
 */
export function proposeSpacing<Session extends SpacedSession>(
  sessions: readonly Session[],
  context: ProposalContext,
): ProposedMove<Session>[] {
  const doses = sessions.filter(isDose).toSorted((one, other) => one.startsAt - other.startsAt);
  const weekdays = new Set(doses.map(({ zone, startsAt }) => weekdayOf(dayOf(toLocal(zone, startsAt)))));
  const isOpen = (day: CalendarDay) => !context.closures.has(day) && (isWorkday(day) || weekdays.has(weekdayOf(day)));
  const fixed = doses.filter(({ id }) => context.fixed.has(id));
  const proposed: ProposedMove<Session>[] = [];
  const placed: Session[] = [];
  for (const dose of doses) {
    const before = placed.at(-1);
    const isMovable =
      dose.status === "scheduled" && dose.startsAt > context.now && dose.startsAt >= context.from && !context.fixed.has(dose.id);
    const to =
      before && isMovable && !keeps(context.protocol, before, dose)
        ? findDay(dose, { before, isOpen, ...context, busy: [...context.busy, ...placed, ...fixed] })
        : undefined;
    if (to !== undefined) proposed.push({ session: dose, to });
    placed.push(to === undefined ? dose : { ...dose, startsAt: to, endsAt: instant(to + dose.endsAt - dose.startsAt) });
  }
  return proposed;
}

const FURTHEST_DAYS = 60;

type Search = ProposalContext & { readonly before: SessionInTime; readonly isOpen: (day: CalendarDay) => boolean };

/** The nearest day, the later one of two. */
function findDay(dose: SpacedSession, { before, isOpen, protocol, now, busy }: Search): Instant | undefined {
  const local = toLocal(dose.zone, dose.startsAt);
  for (let distance = 1; distance <= FURTHEST_DAYS; distance++)
    for (const days of [distance, -distance]) {
      const day = addDays(dayOf(local), days);
      const placement = resolveLocal(dose.zone, atTime(day, timeOf(local)));
      if (placement.kind !== "exact" || !isOpen(day) || placement.at <= now) continue;
      const endsAt = placement.at + dose.endsAt - dose.startsAt;
      const isFree = busy.every((other) => other.endsAt <= placement.at || other.startsAt >= endsAt);
      if (isFree && placement.at > before.startsAt && keeps(protocol, before, { ...dose, startsAt: placement.at })) return placement.at;
    }
  return undefined;
}

function keeps({ spacing: { least, most } }: Pick<Protocol, "spacing">, before: SessionInTime, dose: SessionInTime): boolean {
  const isCourse = before.kind === "dosing" && dose.kind === "dosing";
  return compareGap(before, dose, least) >= 0 && (!isCourse || compareGap(before, dose, most) <= 0);
}

function isWorkday(day: CalendarDay): boolean {
  const weekday = weekdayOf(day);
  return weekday !== "sat" && weekday !== "sun";
}
