/** The moment that a rule names, before any quiet hour: its offset from an anchor, on the wall clock of whoever hears it. */
import { atTime, dayOf, type Instant, instant, MINUTE, timeOf } from "./calendar.ts";
import type { SeriesFacts } from "./patient-facts.ts";
import { addOffset, atWallClock, placeLocal, toLocal, type Zone } from "./place-in-time.ts";
import type { Anchor, Rule } from "./protocol.ts";
import { addStaffedDays } from "./staffed-time.ts";

/** `zone`: the anchor's own, in which days are counted. */
export type Anchored = {
  readonly rule: Rule;
  readonly series: SeriesFacts;
  readonly anchor: Instant;
  readonly zone: Zone;
  readonly recipientZone: Zone;
};

/** What speaks of something that has happened never stands before it, whatever hour its rule names. */
export function findNominal({ rule, series, anchor, zone, recipientZone }: Anchored): Instant {
  const { offset, days, at, notAfter } = rule;
  const stepped = days === "staffed" ? stepStaffedDays(series, { anchor, zone, offset }) : addOffset(zone, anchor, offset);
  const onTime = at === undefined ? stepped : atWallClock(recipientZone, stepped, at);
  const latest = notAfter === undefined ? onTime : atWallClock(recipientZone, onTime, notAfter);
  const wished = latest < onTime && (offset.sign < 0 || latest >= anchor) ? latest : onTime;
  return offset.sign > 0 && wished < anchor && !STARTS.has(rule.anchor) ? anchor : wished;
}

/** Anchors before which something may be said on the day itself: "at 07:00 on the day of the session". */
const STARTS: ReadonlySet<Anchor> = new Set<Anchor>(["series.start", "session.start", "week.start"]);

function stepStaffedDays(
  { clinic }: SeriesFacts,
  { anchor, zone, offset }: Pick<Anchored, "anchor" | "zone"> & Pick<Rule, "offset">,
): Instant {
  const local = toLocal(zone, anchor);
  const day = addStaffedDays(clinic, dayOf(local), offset.sign * offset.days);
  return instant(placeLocal(zone, atTime(day, timeOf(local))) + offset.sign * offset.minutes * MINUTE);
}
