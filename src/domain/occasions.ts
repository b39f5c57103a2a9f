/** From a rule and the sessions to occasions: each a nominal moment with its last moment of use. No channel, no quiet hour, no `now` yet. */
import type { AskedSurvey } from "./asked-survey.ts";
import { type CalendarOffset, type Instant, instant } from "./calendar.ts";
import { holdsAll } from "./conditions.ts";
import { findInstrument } from "./instruments/find-instrument.ts";
import { isOver, type PatientFacts, type PersonFacts, type SeriesFacts, type SessionFacts, type SessionStatus } from "./patient-facts.ts";
import { findNominal } from "./nominal-moment.ts";
import { addOffset, type Zone } from "./place-in-time.ts";
import type { Anchor, AwaitedFact, Rule } from "./protocol.ts";
import { type SharedWeeks, takesPlace } from "./shared-weeks.ts";
import { readerOf } from "./reader.ts";
import { invitationKey } from "./survey-key.ts";
import { unreachable } from "./unreachable.ts";

export type Occasion = {
  readonly rule: Rule;
  readonly series: SeriesFacts;
  readonly session: SessionFacts | null;
  /** What it is about, as its key names it: a session with its arming, the series, or a day. */
  readonly subject: string;
  /** Who hears it, as its key names them. */
  readonly reader: string;
  readonly occurrence: number;
  readonly direction: "earlier" | "later";
  readonly nominal: Instant;
  readonly usefulUntil: Instant;
  readonly awaits: AwaitedFact | null;
  /** What is asked, or reminded of; null: nothing. */
  readonly survey: AskedSurvey | null;
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
    // How long it has been quiet, and what is asked at all, shows only when all series are planned.
    if (rule.anchor === "contact.quiet" || rule.anchor === "survey.asked") continue;
    if (rule.conditions && !rule.conditions.includes(series.condition)) continue;
    const recipient = recipientOf(facts, series, rule);
    if (!recipient) continue;
    const reader = readerOf(rule.recipient, facts);
    for (const point of anchorsOf(rule, series, weeks)) {
      const { session } = point;
      // Who was named for this visit hears of it from the patient.
      if (rule.recipient === "escort" && session?.escortComes === false) continue;
      for (const occasion of repeat({ ...point, rule, series, reader, recipientZone: recipient.zone }))
        if (isStillSaid(occasion) && holdsAll(rule.when, { facts, series, session, weeks, nominal: occasion.nominal }))
          occasions.push(occasion);
    }
  }
  return occasions;
}

/**
 * A series that is over has its end to tell, and whoever was to drive that nobody is needed; one that was stopped also what follows a dose that was given: who was
 * treated today is still asked tonight.
 */
function isStillSaid({ rule, series, session, direction }: Occasion): boolean {
  if (!isOver(series)) return rule.anchor !== "series.ended";
  if (rule.anchor === "series.ended") return true;
  if (rule.anchor === "session.off") return rule.recipient === "escort";
  const wasDosed = session?.status === "dosed" || session?.status === "discharged";
  return series.status === "stopped" && wasDosed && direction === "later";
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

/** `occurrence`: of a fact that is told each time anew. */
type AnchorPoint = { session: SessionFacts | null; anchor: Instant; zone: Zone; occurrence?: number };

function anchorsOf(rule: Rule, series: SeriesFacts, weeks: SharedWeeks): AnchorPoint[] {
  if (rule.anchor === "series.enqueued") return [{ session: null, anchor: series.enqueuedAt, zone: series.clinic.zone }];
  const { kinds, which, settings, owners } = rule.sessions;
  const isAsked = (session: SessionFacts) =>
    kinds.includes(session.kind) && owners.includes(session.owner) && (settings === undefined || settings.includes(session.setting));
  if (rule.anchor === "series.ended") return endOf(series);
  if (isAboutFact(rule.anchor)) return factsOf(rule, series).filter(({ session }) => session !== null && isAsked(session));
  const matching = series.sessions.filter((session) => takesPlace(session) && isAsked(session));
  const first = matching[0];
  const last = matching.at(-1);
  if (!first || !last) return [];
  if (rule.anchor === "series.start") return [{ session: null, anchor: first.startsAt, zone: first.zone }];
  if (rule.anchor === "series.end") return [{ session: null, anchor: last.endsAt, zone: last.zone }];
  const chosen = which === "every" ? matching : [which === "first" ? first : last];
  // A week is opened by the first session of which the rule could speak, in whichever series: one question a week, and none left out by a visit before.
  const openers =
    rule.anchor === "week.start"
      ? new Set(weeks.weeks.map((week) => week.find((session) => takesPlace(session) && isAsked(session))))
      : undefined;
  const live = chosen.filter((session) => LIVE.has(session.status) && (openers?.has(session) ?? true));
  return live.map((session) => ({ session, anchor: sessionAnchor(rule, session), zone: session.zone }));
}

/** What a stopped or voided series leaves to say, if the patient had heard of it. */
function endOf({ endedAt, announced, clinic }: SeriesFacts): AnchorPoint[] {
  return endedAt !== null && announced ? [{ session: null, anchor: endedAt, zone: clinic.zone }] : [];
}

const ABOUT_FACTS = ["session.moved", "session.off", "session.missed", "session.ready"] as const satisfies readonly Anchor[];
type AboutFact = (typeof ABOUT_FACTS)[number];

function isAboutFact(anchor: Anchor): anchor is AboutFact {
  return ABOUT_FACTS.some((fact) => fact === anchor);
}

/** Whether it tells a change or a fact of the moment, rather than what was planned all along. */
export function isNews({ rule: { anchor } }: Occasion): boolean {
  return isAboutFact(anchor) || anchor === "series.ended";
}

/** The sessions of which such a fact is to be told, each with its moment. */
function factsOf({ anchor, recipient }: Rule, { sessions }: SeriesFacts): AnchorPoint[] {
  return sessions.flatMap((session): AnchorPoint[] => {
    if (anchor === "session.off" && recipient === "staff" && isOffByClinic(session))
      return [{ session, anchor: session.changedAt, zone: session.zone }];
    const at = isAboutFact(anchor) ? momentOf(anchor, session) : null;
    const occurrence = anchor === "session.ready" ? (session.pickup?.round ?? 0) : 0;
    return at === null ? [] : [{ session, anchor: at, zone: session.zone, occurrence }];
  });
}

function momentOf(anchor: AboutFact, { status, startsAt, toldStart, toldOff, changedAt, outcomeAt, pickup }: SessionFacts): Instant | null {
  switch (anchor) {
    case "session.moved":
      return LIVE.has(status) && toldStart !== null && (toldStart !== startsAt || toldOff) ? changedAt : null;
    case "session.off":
      return toldStart !== null && isOff({ status }) ? changedAt : null;
    case "session.missed":
      return status === "no_show" ? outcomeAt : null;
    case "session.ready":
      return (status === "arrived" || status === "dosed") && pickup !== null ? pickup.saidAt : null;
    default:
      return unreachable(anchor);
  }
}

function isOff({ status }: Pick<SessionFacts, "status">): boolean {
  return status === "cancelled" || status === "postponed";
}

/** What the clinic takes away is its own to make good, whether or not anybody had been told of it. */
function isOffByClinic(session: SessionFacts): session is SessionFacts & { changedAt: Instant } {
  return isOff(session) && session.changedBecause === "clinic" && session.changedAt !== null;
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
    case "session.moved":
    case "session.off":
    case "session.missed":
    case "session.ready":
    case "series.ended":
    case "contact.quiet":
    case "survey.asked":
      return session.startsAt;
    default:
      return unreachable(anchor);
  }
}

type Placing = { rule: Rule; series: SeriesFacts; reader: string; recipientZone: Zone; subject?: string } & AnchorPoint;

/** One occasion for staff about something that is no session. */
export function placeSingle(rule: Rule, { series, subject, anchor }: { series: SeriesFacts; subject: string; anchor: Instant }): Occasion {
  const { zone } = series.clinic;
  const reader = readerOf("staff", { escortNumber: 1 });
  return placeOccasion({ rule, series, session: null, subject, reader, anchor, zone, recipientZone: zone }, 0);
}

/** The first occasion and, for a rule that repeats, the ones after it until the end of the series. */
function* repeat(placing: Placing): Generator<Occasion> {
  const { rule, series } = placing;
  if (!rule.repeat) return yield placeOccasion(placing, placing.occurrence ?? 0);
  const { every, count = 60 } = rule.repeat;
  const end = series.sessions.findLast(takesPlace)?.endsAt ?? placing.anchor;
  for (let occurrence = 0; occurrence < count; occurrence++) {
    const { anchor, zone } = placing;
    const step: CalendarOffset = { sign: 1, days: every.days * occurrence, minutes: every.minutes * occurrence };
    const occasion = placeOccasion({ ...placing, anchor: addOffset(zone, anchor, step) }, occurrence);
    if (rule.repeat.until === "series.end" && occasion.nominal > end) return;
    yield occasion;
  }
}

function placeOccasion(placing: Placing, occurrence: number): Occasion {
  const { rule, series, session, reader, anchor, zone } = placing;
  const nominal = findNominal(placing);
  const usefulUntil = endUse(placing, addOffset(zone, rule.expiry.from === "anchor" ? anchor : nominal, rule.expiry.offset));
  const known = session ? (KNOWN_AT[session.status] ?? []) : [];
  const awaits = rule.needs && !known.includes(rule.needs) ? rule.needs : null;
  const direction = rule.offset.sign < 0 || nominal < anchor ? "earlier" : "later";
  const subject = placing.subject ?? (session ? `${session.id}.${session.arming}` : "series");
  return {
    rule,
    series,
    session,
    subject,
    reader,
    occurrence,
    direction,
    nominal,
    usefulUntil,
    awaits,
    survey: surveyOf(rule, subject, occurrence),
  };
}

function surveyOf({ id, survey }: Rule, subject: string, occurrence: number): AskedSurvey | null {
  const instrument = survey === undefined ? undefined : findInstrument(survey);
  return instrument ? { instrument, invitation: invitationKey(id, subject, occurrence), chasedUntil: null } : null;
}

/** Whoever is told of a change is told before the visit: before the new start of one that moved, before the start they know of one that is off. */
function endUse({ rule, session }: Placing, wished: Instant): Instant {
  if (!session || rule.recipient === "staff") return wished;
  if (rule.anchor === "session.moved") return instant(Math.min(wished, session.startsAt));
  return rule.anchor === "session.off" && session.toldStart !== null ? instant(Math.min(wished, session.toldStart)) : wished;
}
