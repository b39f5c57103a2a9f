/** What reminds of a survey that is not answered: a message a day while somebody is there who reads answers, then work for staff. */
import { addDays, atTime, dayOf, type Instant, instant, DAY, MINUTE, timeOf } from "./calendar.ts";
import { findBar } from "./asked-survey.ts";
import { type Occasion, recipientOf } from "./occasions.ts";
import { addOffset, atWallClock, placeLocal, toLocal } from "./place-in-time.ts";
import type { PatientFacts } from "./patient-facts.ts";
import type { Rule } from "./protocol.ts";
import { readerOf } from "./reader.ts";
import { addStaffedDays, staffedSpans } from "./staffed-time.ts";
import { chaserSubject } from "./survey-key.ts";
import { findTimes, type Person } from "./touchpoint-times.ts";

/** Nothing for an asking that nobody gets in writing: whoever is called is asked in the call. */
export function findChasers(asking: Occasion, person: Person): Occasion[] {
  const { series, survey, rule } = asking;
  const { facts } = person;
  if (survey === null || !canRead(facts) || findBar(survey, { clinic: series.clinic, locale: facts.patient.locale })) return [];
  const rules = series.protocol.rules.filter(({ anchor, of }) => anchor === "survey.asked" && of?.includes(rule.id));
  if (rules.length === 0) return [];
  const askedAt = findAskedAt(asking, person);
  return rules.flatMap((each) => stagesOf(each).flatMap((stage) => toChaser(each, { asking, askedAt, stage, facts })));
}

function canRead({ patient }: PatientFacts): boolean {
  return patient.email === "reachable" || patient.sms === "reachable";
}

/** The moment at which it is first asked, after whatever quiet hour or dose stands in its way. */
function findAskedAt(asking: Occasion, person: Person): Instant {
  const [channel = "email"] = asking.rule.channels;
  const due = findTimes(asking, channel, person)?.dueAt ?? asking.nominal;
  return instant(Math.max(due, asking.series.quietUntil));
}

function stagesOf({ repeat }: Rule): number[] {
  return Array.from({ length: repeat?.count ?? 1 }, (_, stage) => stage);
}

type Chase = { readonly asking: Occasion; readonly askedAt: Instant; readonly stage: number; readonly facts: PatientFacts };

function toChaser(rule: Rule, { asking, askedAt, stage, facts }: Chase): Occasion[] {
  const { series, session, survey, awaits } = asking;
  const recipient = recipientOf(facts, series, rule);
  if (survey === null || recipient === null) return [];
  const at = momentOf(rule, { asking, askedAt, stage, zone: recipient.zone });
  const wished = addOffset(series.clinic.zone, at, rule.expiry.offset);
  const limit = findLimit(asking);
  const nominal = rule.recipient === "staff" && limit !== null ? instant(Math.min(at, limit - LEFT_FOR_STAFF)) : at;
  const usefulUntil = limit === null || rule.recipient === "staff" ? wished : instant(Math.min(wished, limit));
  if (nominal >= usefulUntil) return [];
  return [
    {
      rule,
      series,
      session,
      subject: chaserSubject(survey.invitation),
      reader: readerOf(rule.recipient, facts),
      occurrence: asking.occurrence * STAGES + stage,
      direction: "later",
      nominal,
      usefulUntil,
      awaits,
      survey: { ...survey, chasedUntil: asking.usefulUntil },
    },
  ];
}

/** A rule reminds nine times at most. Which rule's asking it reminds of is its subject: the place in `of` changes with the version of a protocol. */
const STAGES = 10;

/** Before a visit, what has not been answered is asked at the visit: staff know two hours ahead of the last moment. */
const LEFT_FOR_STAFF = 120 * MINUTE;

/** After which an answer is about something else: a baseline ends with the visit, a check-in with its day. A survey of the past weeks can wait. */
function findLimit({ direction, rule, usefulUntil }: Occasion): Instant | null {
  return direction === "earlier" || rule.purpose === "check-in" ? usefulUntil : null;
}

type Moment = Pick<Chase, "asking" | "askedAt" | "stage"> & { readonly zone: Parameters<typeof atWallClock>[0] };

/** So many days after the asking, a stage a day; counted over staffed days it also stands in staffed hours. */
function momentOf(rule: Rule, { asking, askedAt, stage, zone }: Moment): Instant {
  const { clinic } = asking.series;
  const { offset, repeat } = rule;
  const days = offset.days + stage * (repeat?.every.days ?? 0);
  const local = toLocal(clinic.zone, askedAt);
  const day = rule.days === "staffed" ? addStaffedDays(clinic, dayOf(local), days) : addDays(dayOf(local), days);
  const stepped = instant(placeLocal(clinic.zone, atTime(day, timeOf(local))) + offset.minutes * MINUTE);
  const wished = rule.at === undefined ? stepped : atWallClock(zone, stepped, rule.at);
  const after = instant(Math.max(wished, askedAt));
  if (rule.days !== "staffed") return after;
  return staffedSpans(clinic, { from: after, to: instant(after + 14 * DAY) })[0]?.from ?? after;
}
