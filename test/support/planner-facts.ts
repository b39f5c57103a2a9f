/** The fixed cast as the planner knows them, and builders for what a test of the planner varies: Ana takes texts, Ben only email, Chen lives a zone west, Dee opted out. */
import { readFileSync } from "node:fs";
import {
  dayOf,
  formatDay,
  formatLocal,
  type Instant,
  instant,
  MINUTE,
  parseDay,
  parseLocalDateTime,
  parseWallClock,
  weekdayOf,
} from "../../src/domain/calendar.ts";
import { parseProtocol } from "../../src/domain/check-protocol.ts";
import type { ClinicFacts, WallClockSpan } from "../../src/domain/clinic.ts";
import type { ClinicId, PatientId, SeriesId, SessionId } from "../../src/domain/ids.ts";
import { AS_MADE, type PatientFacts, type PersonFacts, type SeriesFacts, type SessionFacts } from "../../src/domain/patient-facts.ts";
import { placeLocal, toLocal, type Zone } from "../../src/domain/place-in-time.ts";
import { inOrderOfTime, planTouchpoints } from "../../src/domain/plan-touchpoints.ts";
import { type Protocol, type ProtocolFile, protocolSchema } from "../../src/domain/protocol.ts";
import type { PlannedTouchpoint, TouchpointHistory } from "../../src/domain/touchpoint.ts";
import { at, valueOf, zone } from "../domain/aspen-ridge.ts";

export { at, zone };

export const DENVER = zone("America/Denver");

/** Ids of tests are words that can be read in a failure. */
export const idOf = {
  clinic: (word: string) => word as ClinicId,
  patient: (word: string) => word as PatientId,
  series: (word: string) => word as SeriesId,
  session: (word: string) => word as SessionId,
};

/** What the wall of `where` shows at `local`, as an instant. */
export function local(text: string, where: Zone = DENVER): Instant {
  const parsed = parseLocalDateTime(text);
  if (parsed === undefined) throw new Error(`${text} is no date and time`);
  return placeLocal(where, parsed);
}

/** `Mon 2027-01-11 09:00`, on the wall of `where`. */
export function wall(when: Instant, where: Zone = DENVER): string {
  const shown = toLocal(where, when);
  const weekday = weekdayOf(dayOf(shown));
  return `${weekday[0]?.toUpperCase()}${weekday.slice(1)} ${formatLocal(shown).replace("T", " ")}`;
}

export function hours(from: string, to: string): WallClockSpan {
  const span = { from: parseWallClock(from), to: parseWallClock(to) };
  if (span.from === undefined || span.to === undefined) throw new Error(`${from}-${to} are no hours`);
  return { from: span.from, to: span.to };
}

export function daysClosed(...texts: string[]): ClinicFacts["closures"] {
  return new Set(texts.map((text) => parseDay(text)).filter((day) => day !== undefined));
}

const OFFICE = [hours("09:00", "17:00")];

/** In Denver, staffed from Monday to Friday, nine to five. */
export const CLINIC: ClinicFacts = {
  id: idOf.clinic("aspen-ridge"),
  zone: DENVER,
  locale: "en",
  staffedHours: { mon: OFFICE, tue: OFFICE, wed: OFFICE, thu: OFFICE, fri: OFFICE },
  closures: new Set(),
  textsPerWeek: 6,
  surveysEnabled: false,
};

export const ANA: PersonFacts = { zone: DENVER, locale: "en", quietHours: hours("20:00", "09:00"), email: "reachable", sms: "reachable" };
export const BEN: PersonFacts = { ...ANA, sms: "no-address" };
export const CHEN: PersonFacts = { ...ANA, zone: zone("America/Los_Angeles"), quietHours: hours("21:00", "08:00") };
export const DEE: PersonFacts = { ...ANA, email: "no-consent", sms: "opted-out" };

/** A dosing session of an hour and three quarters at the clinic, observation included, scheduled; named after its local start. */
export function session(startsAt: string, changes: Partial<SessionFacts> = {}): SessionFacts {
  const where = changes.zone ?? DENVER;
  const start = local(startsAt, where);
  return {
    id: idOf.session(startsAt),
    number: 1,
    kind: "dosing",
    setting: "clinic",
    owner: "ours",
    status: "scheduled",
    zone: where,
    startsAt: start,
    endsAt: instant(start + 105 * MINUTE),
    ...AS_MADE,
    ...changes,
  };
}

/** Monday 2027-01-04, eight in the morning in Denver. */
export const ENQUEUED = local("2027-01-04T08:00");

export function series(protocol: Protocol, sessions: readonly SessionFacts[], changes: Partial<SeriesFacts> = {}): SeriesFacts {
  return {
    id: idOf.series("series"),
    clinic: CLINIC,
    protocol,
    condition: "depression",
    status: "active",
    endedAt: null,
    announced: false,
    enqueuedAt: ENQUEUED,
    quietUntil: changes.enqueuedAt ?? ENQUEUED,
    sessions: sessions.map((each, index) => ({ ...each, number: index + 1 })),
    answeredSurveys: new Set(),
    ...changes,
  };
}

export function facts(patient: PersonFacts, all: readonly SeriesFacts[], changes: Partial<PatientFacts> = {}): PatientFacts {
  return {
    id: idOf.patient("patient"),
    patient,
    escort: null,
    escortNumber: 1,
    escortSince: null,
    detailAccepted: false,
    hold: null,
    watched: false,
    hasOpenAlert: false,
    surveyed: [],
    unsubscribed: new Set(),
    verifiedAt: null,
    series: all,
    ...changes,
  };
}

/** The protocol of that name as it ships. */
export function shipped(id: string): Protocol {
  return valueOf(parseProtocol(readFileSync(new URL(`../../protocols/${id}.yaml`, import.meta.url), "utf8")));
}

export type RuleFile = ProtocolFile["rules"][number];

/** A sound protocol that consists of these rules; each is a text at the start of a session unless it says otherwise. */
export function protocolOf(...rules: Partial<RuleFile>[]): Protocol {
  const plain: RuleFile = {
    id: "rule",
    purpose: "reminder",
    anchor: "session.start",
    offset: "-P1D",
    channels: ["sms"],
    expiry: { from: "anchor", offset: "-PT1H" },
    template: "day-before",
    source: "a test",
  };
  return protocolSchema.parse({
    id: "test-course",
    version: 1,
    title: "A course",
    route: "iv",
    summary: "A course for tests",
    sources: ["a test"],
    spacing: { least: "P2D", most: "P5D", source: "a test" },
    instructions: { solids: "PT6H", observation: "PT45M", restriction: "PT24H", companion: "driver", source: "a test" },
    phases: [{ id: "course", kind: "dosing", count: 6, minutes: 60 }],
    rules: rules.map((each) => ({ ...plain, ...withTask(each) })),
  } satisfies ProtocolFile);
}

function withTask(rule: Partial<RuleFile>): Partial<RuleFile> {
  return rule.channels?.includes("task") ? { task: { kind: "call", dueWithin: "PT2H" }, ...rule } : rule;
}

export type Planning = { readonly now?: Instant; readonly history?: ReadonlyMap<string, TouchpointHistory> };

/** The plan in order of time, made at the moment of enqueueing unless told otherwise. */
export function plan(patient: PatientFacts, { now = patient.series[0]?.enqueuedAt ?? ENQUEUED, history = new Map() }: Planning = {}) {
  return inOrderOfTime(planTouchpoints({ facts: patient, history, now }));
}

/** A plan in words: rule, channel, due moment on the recipient's wall, and why it is not sent if it is not. */
export function inWords(touchpoints: readonly PlannedTouchpoint[]): string[] {
  return touchpoints.map(
    ({ rule, channel, dueAt, zone: where, reason }) => `${rule} ${channel} ${wall(dueAt, where)}${reason ? ` (${reason})` : ""}`,
  );
}

/** The touchpoints of one rule. */
export function ofRule(touchpoints: readonly PlannedTouchpoint[], rule: string): PlannedTouchpoint[] {
  return touchpoints.filter((each) => each.rule === rule);
}

export function dayText(when: Instant, where: Zone = DENVER): string {
  return formatDay(dayOf(toLocal(where, when)));
}
