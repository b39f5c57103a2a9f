/** From a rule and the sessions to occasions: each a nominal moment with its last moment of use. No channel, no quiet hour, no `now` yet. */
import { addDays, atTime, type CalendarOffset, dayOf, type Instant, instant, MINUTE, timeOf, wallClock } from "./calendar.ts";
import type { PatientFacts, PersonFacts, SeriesFacts, SessionFacts, SessionStatus } from "./patient-facts.ts";
import { addOffset, atWallClock, placeLocal, toLocal, type Zone } from "./place-in-time.ts";
import type { AwaitedFact, Condition, Rule } from "./protocol.ts";
import { type SharedWeeks, takesPlace } from "./shared-weeks.ts";
import { addStaffedDays } from "./staffed-time.ts";
import { unreachable } from "./unreachable.ts";

export type Occasion = {
  readonly rule: Rule;
  readonly series: SeriesFacts;
  readonly session: SessionFacts | null;
  readonly occurrence: number;
  readonly direction: "earlier" | "later";
  readonly nominal: Instant;
  readonly usefulUntil: Instant;
  readonly awaits: AwaitedFact | null;
};

/** What there is of a session decides what may still be said about it: nothing, once it is missed, cancelled, aborted, or was over before the series came to us. */
const LIVE: ReadonlySet<SessionStatus> = new Set(["scheduled", "arrived", "dosed", "discharged"]);

const KNOWN_AT: { readonly [Status in SessionStatus]?: readonly AwaitedFact[] } = {
  arrived: ["arrival"],
  dosed: ["arrival", "dosing"],
  discharged: ["arrival", "dosing", "discharge"],
};

/** Every occasion of one series, in the order of its rules. */
export function findOccasions(facts: PatientFacts, series: SeriesFacts, weeks: SharedWeeks): Occasion[] {
  const occasions: Occasion[] = [];
  for (const rule of series.protocol.rules) {
    if (rule.conditions && !rule.conditions.includes(series.condition)) continue;
    const recipient = recipientOf(facts, series, rule);
    if (!recipient) continue;
    for (const { session, anchor, zone } of anchorsOf(rule, series, weeks)) {
      const occasion = placeOccasion({ rule, series, session, anchor, zone, recipientZone: recipient.zone });
      if (!holdsAll(rule.when, { facts, session, weeks, nominal: occasion.nominal })) continue;
      for (const repeated of repeat(occasion, zone)) occasions.push(repeated);
    }
  }
  return occasions;
}

/** Whom a rule speaks to; null when the patient named nobody for it. Staff live in the clinic's zone. */
export function recipientOf(
  facts: PatientFacts,
  { clinic }: SeriesFacts,
  { recipient }: Rule,
): Pick<PersonFacts, "zone" | "locale"> | null {
  switch (recipient) {
    case "patient":
      return facts.patient;
    case "escort":
      return facts.escort;
    case "staff":
      return clinic;
    default:
      return unreachable(recipient);
  }
}

type AnchorPoint = { session: SessionFacts | null; anchor: Instant; zone: Zone };

function anchorsOf(rule: Rule, series: SeriesFacts, weeks: SharedWeeks): AnchorPoint[] {
  if (rule.anchor === "series.enqueued") return [{ session: null, anchor: series.enqueuedAt, zone: series.clinic.zone }];
  const { kinds, which, settings, owners } = rule.sessions;
  const suits = (session: SessionFacts) =>
    takesPlace(session) &&
    kinds.includes(session.kind) &&
    owners.includes(session.owner) &&
    (settings === undefined || settings.includes(session.setting));
  const matching = series.sessions.filter(suits);
  const first = matching[0];
  const last = matching.at(-1);
  if (!first || !last) return [];
  if (rule.anchor === "series.start") return [{ session: null, anchor: first.startsAt, zone: first.zone }];
  if (rule.anchor === "series.end") return [{ session: null, anchor: last.endsAt, zone: last.zone }];
  const chosen = which === "every" ? matching : [which === "first" ? first : last];
  const live = chosen.filter((session) => LIVE.has(session.status) && (rule.anchor !== "week.start" || weeks.openers.has(session.id)));
  return live.map((session) => ({ session, anchor: sessionAnchor(rule, session), zone: session.zone }));
}

/** Facts when they are known, the plan until then. */
function sessionAnchor({ anchor }: Rule, session: SessionFacts): Instant {
  switch (anchor) {
    case "session.dose":
      return session.dosedAt ?? session.startsAt;
    case "session.end":
      return session.endsAt;
    case "session.discharge":
      return session.dischargedAt ?? session.endsAt;
    case "session.start":
    case "week.start":
    case "series.enqueued":
    case "series.start":
    case "series.end":
      return session.startsAt;
    default:
      return unreachable(anchor);
  }
}

type Placing = { rule: Rule; series: SeriesFacts; recipientZone: Zone } & AnchorPoint;

function placeOccasion(placing: Placing): Occasion {
  const { rule, series, session, anchor, zone } = placing;
  const nominal = nominalOf(placing);
  const usefulUntil = addOffset(zone, rule.expiry.from === "anchor" ? anchor : nominal, rule.expiry.offset);
  const known = session ? (KNOWN_AT[session.status] ?? []) : [];
  const awaits = rule.needs && !known.includes(rule.needs) ? rule.needs : null;
  return { rule, series, session, occurrence: 0, direction: rule.offset.sign < 0 ? "earlier" : "later", nominal, usefulUntil, awaits };
}

function nominalOf({ rule, series, anchor, zone, recipientZone }: Placing): Instant {
  const { offset, days, at, notAfter } = rule;
  const stepped = days === "staffed" ? stepStaffedDays(series, { anchor, zone, offset }) : addOffset(zone, anchor, offset);
  const onTime = at === undefined ? stepped : atWallClock(recipientZone, stepped, at);
  if (notAfter === undefined) return onTime;
  const latest = atWallClock(recipientZone, onTime, notAfter);
  return latest < onTime && latest >= anchor ? latest : onTime;
}

function stepStaffedDays(
  { clinic }: SeriesFacts,
  { anchor, zone, offset }: { anchor: Instant; zone: Zone; offset: CalendarOffset },
): Instant {
  const local = toLocal(zone, anchor);
  const day = addStaffedDays(clinic, dayOf(local), offset.sign * offset.days);
  return instant(placeLocal(zone, atTime(day, timeOf(local))) + offset.sign * offset.minutes * MINUTE);
}

function* repeat(occasion: Occasion, zone: Zone): Generator<Occasion> {
  const { rule, series } = occasion;
  if (!rule.repeat) return yield occasion;
  const end = series.sessions.findLast(takesPlace)?.endsAt ?? occasion.nominal;
  const { every, count = 60 } = rule.repeat;
  for (let occurrence = 0; occurrence < count; occurrence++) {
    const step: CalendarOffset = { sign: 1, days: every.days * occurrence, minutes: every.minutes * occurrence };
    const nominal = addOffset(zone, occasion.nominal, step);
    if (nominal > end) return;
    yield { ...occasion, occurrence, nominal, usefulUntil: addOffset(zone, occasion.usefulUntil, step) };
  }
}

type Situation = { facts: PatientFacts; session: SessionFacts | null; weeks: SharedWeeks; nominal: Instant };

function holdsAll(conditions: readonly Condition[], situation: Situation): boolean {
  return conditions.every((condition) => holds(condition, situation));
}

function holds(condition: Condition, { facts, session, weeks, nominal }: Situation): boolean {
  switch (condition) {
    case "escort-named":
      return facts.escort !== null;
    case "escort-missing":
      return facts.escort === null;
    case "detail-accepted":
      return facts.detailAccepted;
    case "outcome-missing":
      return session?.status === "scheduled" || session?.status === "arrived";
    case "dosed":
      return session?.status === "dosed" || session?.status === "discharged";
    case "sessions-close":
      return session !== null && weeks.close.has(session.id);
    case "sessions-apart":
      return session !== null && !weeks.close.has(session.id);
    case "no-session-before-due":
      return !facts.series.some(({ sessions }) => sessions.some((other) => comesBetween(other, { session, nominal })));
    default:
      return unreachable(condition);
  }
}

function comesBetween(other: SessionFacts, { session, nominal }: { session: SessionFacts | null; nominal: Instant }): boolean {
  const after = session?.startsAt ?? Number.NEGATIVE_INFINITY;
  return takesPlace(other) && (other.kind === "dosing" || other.kind === "booster") && other.startsAt > after && other.startsAt <= nominal;
}

/** The hours in which nothing asks this patient for a decision: from each dosing session's start to nine the next morning. */
export function impairedSpans(facts: PatientFacts): { from: Instant; to: Instant }[] {
  const spans: { from: Instant; to: Instant }[] = [];
  for (const { sessions } of facts.series)
    for (const session of sessions) {
      if (
        !takesPlace(session) ||
        session.status === "no_show" ||
        session.status === "not_dosed" ||
        (session.kind !== "dosing" && session.kind !== "booster")
      )
        continue;
      const nextMorning = atTime(addDays(dayOf(toLocal(facts.patient.zone, session.startsAt)), 1), wallClock(9 * 60));
      spans.push({ from: session.startsAt, to: placeLocal(facts.patient.zone, nextMorning) });
    }
  return spans.toSorted((a, b) => a.from - b.from);
}
