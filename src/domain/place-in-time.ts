/**
 * The one resolver between walls and instants. Offsets come from Node's time-zone data through luxon and are cached a zone and year at a time, so that placing
 * a moment is a look-up. It never reads the clock: the answer is the same in July and in December, and in whatever zone the process runs.
 */
import { IANAZone } from "luxon";
import {
  atTime,
  type CalendarOffset,
  DAY,
  dayOf,
  type Instant,
  instant,
  type LocalDateTime,
  localDateTime,
  MINUTE,
  type WallClock,
} from "./calendar.ts";
import type { Branded } from "./ids.ts";

/** An IANA zone name that this machine's time-zone data knows; see {@link parseZone}. */
export type Zone = Branded<string, "zone">;

/** What a date and time on a wall means: one instant, none (the clocks jump over it), or two (the clocks are set back). */
export type Placement =
  | { kind: "exact"; at: Instant }
  | { kind: "gap"; before: LocalDateTime; after: LocalDateTime; forward: Instant }
  | { kind: "overlap"; first: Instant; second: Instant };

type OffsetSpan = { readonly from: number; readonly until: number; readonly offset: number };

const CANONICAL = new Set(Intl.supportedValuesOf("timeZone"));
/** Names in daily use that the list of canonical names leaves out, because Intl knows the same zone under an older or newer name. */
const ALIASES = new Set([
  "UTC",
  "US/Eastern",
  "US/Central",
  "US/Mountain",
  "US/Pacific",
  "US/Arizona",
  "US/Alaska",
  "US/Hawaii",
  "Europe/Kyiv",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Asia/Ho_Chi_Minh",
  "Asia/Yangon",
  "America/Argentina/Buenos_Aires",
  "America/Indiana/Indianapolis",
  "America/Kentucky/Louisville",
  "Atlantic/Faroe",
  "America/Nuuk",
  "Pacific/Kanton",
]);

/** Reads an IANA zone, exactly spelled. `local`, `UTC+3`, `PST`, fixed offsets and other spellings that luxon would take are undefined. */
export function parseZone(text: string): Zone | undefined {
  if (!CANONICAL.has(text) && !ALIASES.has(text)) return undefined;
  // Luxon builds a formatter to check a name: 100 microseconds and 100 kB outside the heap, once a zone instead of once a row.
  let zone = checked.get(text);
  if (zone === undefined) checked.set(text, (zone = IANAZone.isValidZone(text)));
  return zone ? (text as Zone) : undefined;
}

const checked = new Map<string, boolean>();

const spansByZone = new Map<string, Map<number, readonly OffsetSpan[]>>();

function spansOf(zone: Zone, year: number): readonly OffsetSpan[] {
  let years = spansByZone.get(zone);
  if (!years) spansByZone.set(zone, (years = new Map()));
  let spans = years.get(year);
  if (!spans) years.set(year, (spans = findSpans(IANAZone.create(zone), year)));
  return spans;
}

/** Seven-day samples, then bisection to the millisecond: no zone has two changes within a week. */
function findSpans(zone: IANAZone, year: number): OffsetSpan[] {
  const start = Date.UTC(year, 0, 1);
  const end = Date.UTC(year + 1, 0, 1);
  const offsetAt = (at: number) => zone.offset(at) * MINUTE;
  const changes = [{ from: start, offset: offsetAt(start) }];
  for (let low = start; low < end; low += 7 * DAY) {
    const high = Math.min(low + 7 * DAY, end);
    const offset = offsetAt(high);
    if (offset === offsetAt(low)) continue;
    let before = low;
    let after = high;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offsetAt(middle) === offset) after = middle;
      else before = middle;
    }
    if (after < end) changes.push({ from: after, offset });
  }
  return changes.map((change, index) => ({ ...change, until: changes[index + 1]?.from ?? end }));
}

/** Average length of a Gregorian year; only picks the cached year, whose first span then decides. */
const YEAR = 365.2425 * DAY;

/** The span that answered last: what is asked about one moment is nearly always asked about moments beside it. */
let last: { readonly zone: string; readonly span: OffsetSpan } | undefined;

function offsetAt(zone: Zone, at: number): number {
  if (last?.zone === zone && at >= last.span.from && at < last.span.until) return last.span.offset;
  const span = spanAt(zone, at);
  if (!span) return 0;
  last = { zone, span };
  return span.offset;
}

function spanAt(zone: Zone, at: number): OffsetSpan | undefined {
  let year = 1970 + Math.floor(at / YEAR);
  if (at < Date.UTC(year, 0, 1)) year -= 1;
  else if (at >= Date.UTC(year + 1, 0, 1)) year += 1;
  const spans = spansOf(zone, year);
  return spans.findLast(({ from }) => from <= at);
}

/** What the wall shows in `zone` at that instant. */
export function toLocal(zone: Zone, at: Instant): LocalDateTime {
  return localDateTime(at + offsetAt(zone, at));
}

/** Finds the instant of a date and time on the wall of `zone`, and says so where there is none or where there are two. */
export function resolveLocal(zone: Zone, local: LocalDateTime): Placement {
  const early = offsetAt(zone, local - DAY);
  const late = offsetAt(zone, local + DAY);
  const first = local - early;
  const second = local - late;
  const firstHolds = offsetAt(zone, first) === early;
  if (early === late && firstHolds) return { kind: "exact", at: instant(first) };
  const secondHolds = offsetAt(zone, second) === late;
  if (firstHolds && secondHolds && first !== second)
    return { kind: "overlap", first: instant(Math.min(first, second)), second: instant(Math.max(first, second)) };
  if (firstHolds) return { kind: "exact", at: instant(first) };
  if (secondHolds) return { kind: "exact", at: instant(second) };
  return gapAround(zone, local, { early, late });
}

function gapAround(zone: Zone, local: LocalDateTime, { early, late }: { early: number; late: number }): Placement {
  const forward = instant(local - early);
  const { from } = spansOf(zone, new Date(forward).getUTCFullYear()).findLast((span) => span.from <= forward) ?? { from: forward };
  return { kind: "gap", before: localDateTime(from + early - MINUTE), after: localDateTime(from + late), forward };
}

/** The instant for a moment that we compute ourselves: a gap moves forward, an overlap takes the first. Times that people type go through {@link resolveLocal}. */
export function placeLocal(zone: Zone, local: LocalDateTime): Instant {
  const placement = resolveLocal(zone, local);
  if (placement.kind === "exact") return placement.at;
  return placement.kind === "gap" ? placement.forward : placement.first;
}

/** Moves an instant by an offset: days as calendar steps on the wall of `zone`, minutes as elapsed time. */
export function addOffset(zone: Zone, at: Instant, { sign, days, minutes }: CalendarOffset): Instant {
  if (days === 0) return instant(at + sign * minutes * MINUTE);
  const stepped = placeLocal(zone, localDateTime(toLocal(zone, at) + sign * days * DAY));
  return instant(stepped + sign * minutes * MINUTE);
}

/** The instant at which the wall of `zone` shows `time` on the day it shows at `at`. */
export function atWallClock(zone: Zone, at: Instant, time: WallClock): Instant {
  return placeLocal(zone, atTime(dayOf(toLocal(zone, at)), time));
}
