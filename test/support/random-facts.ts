/** Any facts of any patient: zones and their changes of the clocks, the five protocols, every consent, quiet hours, closures, statuses. For properties of the planner. */
import fc from "fast-check";
import {
  addDays,
  atTime,
  type CalendarDay,
  DAY,
  HOUR,
  type Instant,
  instant,
  MINUTE,
  parseDay,
  wallClock,
  WEEKDAYS,
} from "../../src/domain/calendar.ts";
import type { ClinicFacts, StaffedHours } from "../../src/domain/clinic.ts";
import {
  AS_MADE,
  type PatientFacts,
  type PersonFacts,
  type Reach,
  type SeriesFacts,
  type SeriesStatus,
  type SessionFacts,
  type SessionStatus,
} from "../../src/domain/patient-facts.ts";
import { placeLocal, type Zone } from "../../src/domain/place-in-time.ts";
import { SESSION_KINDS, SETTINGS } from "../../src/domain/protocol.ts";
import { unreachable } from "../../src/domain/unreachable.ts";
import { daysClosed, hours, idOf, shipped, zone } from "./planner-facts.ts";

export const PROTOCOLS = ["iv-ketamine", "im-ketamine", "esketamine-trd", "kap-lozenge", "lozenge-home"].map(shipped);
export const ZONES = [
  "America/Denver",
  "America/New_York",
  "America/Los_Angeles",
  "America/Phoenix",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
  "Pacific/Kiritimati",
  "Europe/London",
].map(zone);

const FIRST_DAYS = ["2027-01-11", "2027-03-10", "2027-03-24", "2027-06-30", "2027-10-27", "2027-11-03", "2027-12-22"].map((text) =>
  parseDay(text),
);
const QUIET = [
  hours("20:00", "09:00"),
  hours("21:00", "08:00"),
  hours("13:00", "15:00"),
  hours("22:00", "21:00"),
  hours("06:00", "19:00"),
  hours("09:00", "09:00"),
];

const anyZone = fc.constantFrom(...ZONES);
const anyReach = fc.constantFrom<Reach>("reachable", "reachable", "reachable", "no-address", "no-consent", "opted-out", "dead-address");
const anyPerson = fc.record<PersonFacts>({
  zone: anyZone,
  locale: fc.constantFrom("en", "es"),
  quietHours: fc.constantFrom(...QUIET),
  email: anyReach,
  sms: anyReach,
});

function everyDay(...spans: NonNullable<StaffedHours["mon"]>): StaffedHours {
  return Object.fromEntries(WEEKDAYS.map((day) => [day, spans]));
}

const anyStaffing = fc.constantFrom<StaffedHours>(
  Object.fromEntries(WEEKDAYS.slice(0, 5).map((day) => [day, [hours("09:00", "17:00")]])),
  everyDay(hours("08:00", "12:00"), hours("13:00", "18:00")),
  everyDay(hours("22:00", "04:00")),
  { tue: [hours("09:00", "12:00")] },
  {},
);
const anyClinic = fc.record<ClinicFacts>({
  id: fc.constant(idOf.clinic("clinic")),
  zone: anyZone,
  locale: fc.constant("en"),
  staffedHours: anyStaffing,
  closures: fc.constantFrom(daysClosed(), daysClosed("2027-01-18", "2027-03-15", "2027-11-08", "2027-12-24", "2027-12-25")),
  textsPerWeek: fc.constantFrom(6, 6, 1, 1000),
  surveysEnabled: fc.boolean(),
});

const PAST: readonly SessionStatus[] = ["completed", "not_dosed", "no_show", "cancelled"];
const anySession = fc.record({
  gap: fc.constantFrom(1, 2, 2, 3, 4, 5, 7, 14),
  at: fc.constantFrom(0, 7 * 60 + 30, 8 * 60, 9 * 60, 13 * 60, 17 * 60, 20 * 60, 23 * 60),
  minutes: fc.constantFrom(30, 105, 180),
  kind: fc.constantFrom("dosing" as const, "dosing" as const, "dosing" as const, ...SESSION_KINDS),
  setting: fc.constantFrom("clinic" as const, "clinic" as const, ...SETTINGS),
  owner: fc.constantFrom("ours" as const, "ours" as const, "ours" as const, "external" as const),
  past: fc.constantFrom(...PAST),
  future: fc.constantFrom<SessionStatus>("scheduled", "scheduled", "scheduled", "scheduled", "cancelled", "postponed"),
});
type AnySession = typeof anySession extends fc.Arbitrary<infer Value> ? Value : never;

const anySeries = fc.record({
  clinic: anyClinic,
  protocol: fc.constantFrom(...PROTOCOLS),
  condition: fc.constantFrom("depression", "anxiety", "ptsd", "chronic pain"),
  undo: fc.constantFrom(0, 10, 120),
  first: fc.constantFrom(...FIRST_DAYS.filter((day) => day !== undefined)),
  sessions: fc.array(anySession, { maxLength: 8, size: "max" }),
});
type AnySeries = typeof anySeries extends fc.Arbitrary<infer Value> ? Value : never;

export type Situation = { readonly facts: PatientFacts; readonly now: Instant };

/** Some facts, and a moment around their first sessions at which the series are enqueued. */
export const anySituation: fc.Arbitrary<Situation> = fc
  .record({
    patient: anyPerson,
    escort: fc.option(anyPerson),
    detailAccepted: fc.boolean(),
    all: fc.array(anySeries, { minLength: 1, maxLength: 2 }),
    enqueued: fc.integer({ min: -10 * 24 * 60, max: 12 * 24 * 60 }),
  })
  .map(({ patient, escort, detailAccepted, all, enqueued }) => {
    const first = placeLocal(patient.zone, atTime(all[0]?.first ?? addDays(0 as CalendarDay, 0), wallClock(12 * 60)));
    const now = instant(first + enqueued * MINUTE);
    const series = all.map((each, index) => toSeries(each, { index, now, patientZone: patient.zone }));
    return told({
      facts: {
        id: idOf.patient("patient"),
        patient,
        escort,
        escortNumber: 1,
        escortSince: null,
        detailAccepted,
        hold: null,
        watched: false,
        hasOpenAlert: false,
        surveyed: [],
        unsubscribed: new Set(),
        verifiedAt: null,
        series,
      },
      now,
    });
  });

/** With the words that fast-check prints of it: protocols by name, moments as dates. */
function told(situation: Situation): Situation {
  const inWords = (_: string, value: unknown): unknown => {
    if (value instanceof Set) return [...value];
    if (typeof value === "number" && value > Date.UTC(2020, 0, 1)) return new Date(value).toISOString();
    return typeof value === "object" && value !== null && "rules" in value && "id" in value ? value.id : value;
  };
  return Object.defineProperty(situation, fc.toStringMethod, { value: () => JSON.stringify(situation, inWords), enumerable: false });
}

type Making = { readonly index: number; readonly now: Instant; readonly patientZone: Zone };

function toSeries({ clinic, protocol, condition, undo, first, sessions }: AnySeries, { index, now, patientZone }: Making): SeriesFacts {
  let day = first;
  const made = sessions.map((each) => {
    day = addDays(day, each.gap);
    return toSession(each, { day, now, where: each.setting === "home" ? patientZone : clinic.zone });
  });
  const inOrder = made
    .toSorted((a, b) => a.startsAt - b.startsAt)
    .map((each, at) => ({ ...each, id: idOf.session(`s${index}-${at + 1}`), number: at + 1 }));
  return {
    id: idOf.series(`series-${index}`),
    clinic,
    protocol,
    condition,
    status: "active",
    endedAt: null,
    announced: false,
    answeredSurveys: new Set<string>(),
    enqueuedAt: now,
    quietUntil: instant(now + undo * MINUTE),
    sessions: inOrder,
  };
}

function toSession(
  { at, minutes, kind, setting, owner, past, future }: AnySession,
  { day, now, where }: { day: CalendarDay; now: Instant; where: Zone },
): SessionFacts {
  const startsAt = placeLocal(where, atTime(day, wallClock(at)));
  const status = startsAt <= now && now - startsAt > 12 * HOUR ? past : startsAt <= now ? "scheduled" : future;
  const times = { startsAt, endsAt: instant(startsAt + minutes * MINUTE) };
  return { id: idOf.session(""), number: 0, kind, setting, owner, status, zone: where, ...AS_MADE, ...times };
}

const outcome = fc.record({
  kind: fc.constant("outcome" as const),
  pick: fc.nat(15),
  status: fc.constantFrom<SessionStatus>("arrived", "dosed", "discharged", "not_dosed", "no_show"),
});
const lost = fc.record({
  kind: fc.constant("reach" as const),
  channel: fc.constantFrom("sms" as const, "email" as const),
  reach: fc.constantFrom<Reach>("opted-out", "dead-address"),
});

/** Something that staff may have recorded since: the outcome of one session that has begun, or a channel that is lost. */
export const anyNews = fc.array(fc.oneof(outcome, lost), { minLength: 1, maxLength: 4 });

/** All that may become of a series: besides, moves there and back, cancellations, holds, pauses, consents lost and given again. */
export const anyTurns = fc.array(
  fc.oneof(
    outcome,
    lost,
    fc.record({
      kind: fc.constant("reach" as const),
      channel: fc.constantFrom("sms" as const, "email" as const),
      reach: fc.constantFrom<Reach>("reachable", "no-consent", "opted-out"),
    }),
    fc.record({
      kind: fc.constant("move" as const),
      pick: fc.nat(15),
      hours: fc.constantFrom(2, -2, 48, -48, 24 * 100, -24 * 100),
      because: fc.constantFrom("clinic" as const, "patient" as const),
    }),
    fc.record({
      kind: fc.constant("off" as const),
      pick: fc.nat(15),
      status: fc.constantFrom<SessionStatus>("cancelled", "postponed", "scheduled"),
    }),
    fc.record({ kind: fc.constant("hold" as const), hold: fc.constantFrom(null, null, "hospitalised" as const, "deceased" as const) }),
    fc.record({
      kind: fc.constant("status" as const),
      pick: fc.nat(1),
      status: fc.constantFrom<SeriesStatus>("active", "active", "paused", "stopped"),
    }),
    fc.record({ kind: fc.constant("verify" as const) }),
    fc.record({ kind: fc.constant("escort" as const), escort: fc.option(anyPerson) }),
  ),
  { minLength: 2, maxLength: 7 },
);
export type News = typeof anyTurns extends fc.Arbitrary<(infer Value)[]> ? Value : never;

/** What of a session's present start anybody may have been told, by what is stored of it. */
export type WasTold = (session: SessionFacts) => boolean;

/** The facts after that news, as of `now`. */
export function hear(facts: PatientFacts, news: News, { now, wasTold }: { now: Instant; wasTold: WasTold }): PatientFacts {
  const changeSessions = (change: (session: SessionFacts) => SessionFacts): PatientFacts => ({
    ...facts,
    series: facts.series.map((each) => ({ ...each, sessions: inOrder(each.sessions.map(change)) })),
  });
  switch (news.kind) {
    case "reach":
      return { ...facts, patient: { ...facts.patient, [news.channel]: news.reach } };
    case "hold":
      return { ...facts, hold: news.hold };
    case "verify":
      return { ...facts, verifiedAt: now };
    case "escort":
      return { ...facts, escort: news.escort, escortNumber: facts.escortNumber + (facts.escort ? 1 : 0), escortSince: now };
    case "status":
      return { ...facts, series: facts.series.map((each, index) => (index === news.pick ? end(each, news.status, now) : each)) };
    case "move":
    case "off": {
      const chosen = pickSession(facts, news.pick, ({ status, startsAt }) => startsAt > now && CHANGEABLE_SESSION.has(status));
      return changeSessions((session) => (session.id === chosen?.id ? alter(session, news, { now, wasTold }) : session));
    }
    case "outcome":
      return changeSessions(toOutcome(facts, news, now));
    default:
      return unreachable(news);
  }
}

const CHANGEABLE_SESSION: ReadonlySet<SessionStatus> = new Set(["scheduled", "postponed", "cancelled"]);

function inOrder(sessions: readonly SessionFacts[]): SessionFacts[] {
  return sessions.toSorted((a, b) => a.startsAt - b.startsAt);
}

function end(series: SeriesFacts, status: SeriesStatus, now: Instant): SeriesFacts {
  if (series.status === "stopped") return series;
  return { ...series, status, endedAt: status === "stopped" ? now : null, announced: status === "stopped" };
}

function pickSession(facts: PatientFacts, pick: number, is: (session: SessionFacts) => boolean): SessionFacts | undefined {
  const found = facts.series.flatMap(({ sessions }) => sessions.filter(is));
  return found[pick % Math.max(1, found.length)];
}

type Altered = Extract<News, { kind: "move" | "off" }>;

function alter(session: SessionFacts, news: Altered, { now, wasTold }: { now: Instant; wasTold: WasTold }): SessionFacts {
  const toldStart = wasTold(session) ? session.startsAt : session.toldStart;
  const changed = { ...session, toldStart, changedAt: now };
  if (news.kind === "off") return { ...changed, status: news.status, changedBecause: "clinic" };
  const shift = news.hours * HOUR;
  const startsAt = instant(session.startsAt + shift > now ? session.startsAt + shift : session.startsAt + 24 * HOUR);
  const endsAt = instant(startsAt + session.endsAt - session.startsAt);
  return { ...changed, startsAt, endsAt, arming: session.arming + 1, changedBecause: news.because, status: "scheduled" };
}

function toOutcome(facts: PatientFacts, news: Extract<News, { kind: "outcome" }>, now: Instant): (session: SessionFacts) => SessionFacts {
  const chosen = pickSession(facts, news.pick, ({ startsAt, status }) => startsAt <= now && status === "scheduled");
  return (session) => {
    if (session.id !== chosen?.id) return session;
    const wasDosed = news.status === "dosed" || news.status === "discharged";
    const dosedAt = wasDosed ? instant(Math.min(now, session.startsAt + 20 * MINUTE)) : null;
    return {
      ...session,
      status: news.status,
      dosedAt,
      dischargedAt: news.status === "discharged" ? instant(Math.min(now, session.endsAt + HOUR)) : null,
      outcomeAt: now,
    };
  };
}

/** A moment up to so many days after another. */
export function anyLater(days: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: (days * DAY) / MINUTE }).map((minutes) => minutes * MINUTE);
}
