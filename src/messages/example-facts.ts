/** Facts to try templates with: an ordinary patient, and every extreme that a template has to bear. Nobody in here exists. */
import { type CalendarOffset, type Instant, localDateTime, parseLocalDateTime, wallClock } from "../domain/calendar.ts";
import type { Locale, StaffedHours } from "../domain/clinic.ts";
import { AS_BOOKED, type MessageFacts, type SessionForMessage } from "../domain/message-facts.ts";
import { addOffset, parseZone, placeLocal, type Zone } from "../domain/place-in-time.ts";
import type { Protocol, Recipient, SessionKind } from "../domain/protocol.ts";

type Instructions = Protocol["instructions"];
/** A try: facts, the moment of sending, and what these facts lack on purpose. */
export type Example = {
  readonly name: string;
  readonly facts: MessageFacts;
  readonly now: Instant;
  /** Groups of variables that have no value here, as `prep` when the protocol gives no times for eating; a template for them cannot be written, and need not. */
  readonly lacks: readonly string[];
};
export type ExampleFor = {
  readonly template: string;
  readonly locale: Locale;
  /** Real ones, where a protocol is checked; otherwise with every cut-off, and with none. */
  readonly instructions?: Instructions;
  readonly kind?: SessionKind;
  /** Left out: the companion for stems that begin with `escort-`, the patient for all others. */
  readonly recipient?: Recipient;
};

function zone(name: string): Zone {
  const known = parseZone(name);
  if (!known) throw new Error(`${name} is not a zone`);
  return known;
}

const DENVER = zone("America/Denver");
const ANCHORAGE = zone("America/Anchorage");
const NEW_YORK = zone("America/New_York");

const hours = (count: number): CalendarOffset => ({ sign: 1, days: 0, minutes: count * 60 });

const INSTRUCTIONS: Instructions = {
  solids: hours(6),
  liquids: hours(2),
  nasalProducts: hours(1),
  arriveEarly: hours(0.25),
  observation: hours(0.5),
  restriction: hours(24),
  companion: "driver",
  source: "an example",
};

const bare = ({ observation, restriction, companion, source }: Instructions): Instructions => ({
  observation,
  restriction,
  companion,
  source,
});

const office = { from: wallClock(8 * 60), to: wallClock(17 * 60) };
const WORKDAYS: StaffedHours = { mon: [office], tue: [office], wed: [office], thu: [office], fri: [office] };

function at(place: Zone, local: string): Instant {
  return placeLocal(place, parseLocalDateTime(local) ?? localDateTime(0));
}

function session(place: Zone, startsAt: Instant, details: Partial<SessionForMessage>): SessionForMessage {
  const endsAt = addOffset(place, startsAt, { sign: 1, days: 0, minutes: 120 });
  return {
    ...AS_BOOKED,
    kind: "dosing",
    setting: "clinic",
    zone: place,
    startsAt,
    endsAt,
    dischargedAt: null,
    place: null,
    with: null,
    joinUrl: null,
    toldStart: addOffset(place, startsAt, { sign: -1, days: 7, minutes: 0 }),
    changedBecause: "clinic",
    pickupAt: addOffset(place, endsAt, { sign: -1, days: 0, minutes: 10 }),
    ...details,
  };
}

/** Stems that speak of one visit that was changed, and of several only when they changed together. */
const ABOUT_CHANGE = /^(?:session|escort)-(?:moved|cancelled|postponed|off|ready)\b/;
/** Of those, the stems for changes at short notice. */
const AT_ONCE = /-(?:soon|ready)$/;

/** Of a change: Friday's visit had been announced for Wednesday; at short notice, tomorrow's for another hour. */
function changedExample(facts: MessageFacts): MessageFacts {
  const [first, , third] = facts.sessions;
  const changed = AT_ONCE.test(facts.template) ? first : third;
  const told = at(DENVER, AT_ONCE.test(facts.template) ? "2027-01-11T13:30" : "2027-01-13T13:30");
  return { ...facts, session: changed ? { ...changed, toldStart: told } : null, sessions: [] };
}

/** Three visits on Monday, Wednesday and Friday at 9:00 AM in a clinic in Denver; read on the Sunday before at 6:00 PM. */
export function ordinaryExample({ template, locale, instructions = INSTRUCTIONS, kind = "dosing", recipient }: ExampleFor): Example {
  const reader = recipient ?? (template.startsWith("escort-") ? "escort" : "patient");
  const details = { kind, place: "120 Alder Street, Suite 4, Denver", with: "Dr. Lena Ortiz" };
  const sessions = ["2027-01-11T09:00", "2027-01-13T09:00", "2027-01-15T09:00"].map((local) => session(DENVER, at(DENVER, local), details));
  const facts: MessageFacts = {
    template,
    locale,
    clinic: { name: "Willow Clinic", phone: "+13035550142", zone: DENVER, staffedHours: WORKDAYS },
    recipient: { kind: reader, name: reader === "escort" ? "Ben Okafor" : "Ana Whitfield", zone: DENVER },
    patient: { name: "Ana Whitfield", ref: "W-1042", phone: "+13035550177", detailAccepted: false },
    instructions,
    session: sessions[0] ?? null,
    sessions,
    link: `https://visits.example-clinic.org/v/${"A".repeat(43)}`,
    message: "We have your form and will see you on Monday. Call us if anything changes.",
  };
  const shown = ABOUT_CHANGE.test(template) ? changedExample(facts) : facts;
  return { name: "ordinary", facts: shown, now: at(DENVER, "2027-01-10T18:00"), lacks: [] };
}

/** Longest names, weekday, month and zone; noon; every setting, companion, kind of reader and length of list; every optional value there, and none. */
export function extremeExamples(wanted: ExampleFor): Example[] {
  const ordinary = ordinaryExample(wanted);
  const instructions = wanted.instructions ? [wanted.instructions] : companions(INSTRUCTIONS).flatMap((full) => [full, bare(full)]);
  const examples = [ordinary];
  for (const given of instructions) {
    const full = longest(ordinary.facts, given);
    const lacks = wanted.instructions || given.solids ? [] : ["prep"];
    examples.push({ name: "longest values", facts: full, now: at(NEW_YORK, "2026-09-22T20:00"), lacks });
    examples.push({ name: "midnight cut-off, far ahead", facts: atMidnight(full), now: at(NEW_YORK, "2026-09-12T20:00"), lacks });
    examples.push({ name: "optional values absent", facts: shortest(full), now: at(NEW_YORK, "2026-09-23T20:00"), lacks });
    for (const setting of ["home", "telehealth", "elsewhere"] as const)
      examples.push({ name: `setting ${setting}`, facts: mapSessions(full, { setting }), now: at(NEW_YORK, "2026-09-29T20:00"), lacks });
    const changes = ABOUT_CHANGE.test(wanted.template) ? changeExamples(full) : [];
    // Where nothing is said of eating, the moments differ in nothing.
    examples.push(...changes.slice(0, given.solids ? changes.length : 1).map((example) => ({ ...example, lacks })));
  }
  const detailed = { ...ordinary.facts, patient: { ...ordinary.facts.patient, detailAccepted: true } };
  examples.push({ ...ordinary, name: "detail accepted", facts: detailed });
  examples.push({
    ...ordinary,
    name: "no sessions",
    facts: { ...ordinary.facts, session: null, sessions: [] },
    lacks: ["session", "prep", "restriction"],
  });
  return examples;
}

/** One visit with the longest values, for each wish behind a change and each moment at which preparing for it has or has not begun. */
function changeExamples(facts: MessageFacts): Omit<Example, "lacks">[] {
  const one: MessageFacts = { ...facts, sessions: [] };
  const moments = ["2026-09-22T20:00", "2026-09-29T20:00", "2026-09-30T13:00", "2026-09-30T15:30"].map((local) => at(NEW_YORK, local));
  const wishes = (["clinic", "patient", null] as const).map((changedBecause) => mapSessions(one, { changedBecause }));
  const told = facts.session && at(ANCHORAGE, "2026-09-30T15:00");
  const sameDay = mapSessions(one, { toldStart: told });
  const back = mapSessions(one, { toldStart: facts.session?.startsAt ?? null });
  const several = mapSessions(facts, { changedBecause: "patient" });
  return [
    ...[...wishes, sameDay, back].flatMap((wish) => moments.map((now) => ({ name: "one visit, longest values", facts: wish, now }))),
    ...moments.slice(0, 1).map((now) => ({ name: "several visits", facts: several, now })),
  ];
}

function companions(instructions: Instructions): Instructions[] {
  return [instructions, { ...instructions, companion: "sitter" }];
}

const LONG_NAME = "Maximiliana Wolfeschlegelsteinhausen-Montgomery de la Santísima Trinidad";

function longest(facts: MessageFacts, instructions: Instructions): MessageFacts {
  const kind = facts.session?.kind ?? "dosing";
  const details = {
    kind,
    place: "Northwestern Professional Center, 12345 West Martin Luther King Junior Boulevard",
    with: LONG_NAME,
  } as const;
  const joinUrl = `https://video.example-clinic.org/${"r".repeat(60)}`;
  const days = ["2026-09-30", "2026-10-07", "2026-10-14", "2026-10-21", "2026-10-28", "2026-11-04", "2026-11-11"];
  const sessions = days.map((day) => session(ANCHORAGE, at(ANCHORAGE, `${day}T12:00`), { ...details, joinUrl }));
  return {
    ...facts,
    clinic: { ...facts.clinic, name: "The Meadowbrook Wellness Group", staffedHours: { ...WORKDAYS, sat: [office] } },
    recipient: { ...facts.recipient, name: LONG_NAME, zone: NEW_YORK },
    patient: { ...facts.patient, name: LONG_NAME, ref: "MRN-000000000000000001" },
    instructions,
    session: sessions[0] ?? null,
    sessions: sessions.slice(0, 3),
  };
}

/** The start so that six hours before it is midnight; seven sessions. */
function atMidnight(facts: MessageFacts): MessageFacts {
  const sessions = ["23", "24", "25", "26", "27", "28", "30"].map((day) =>
    session(ANCHORAGE, at(ANCHORAGE, `2026-09-${day}T06:00`), { kind: facts.session?.kind ?? "dosing" }),
  );
  // A question back offers four at most.
  return { ...facts, session: sessions[0] ?? null, sessions: facts.template === "answer-which" ? sessions.slice(0, 4) : sessions };
}

function shortest(facts: MessageFacts): MessageFacts {
  const none = { place: null, with: null, joinUrl: null, changedBecause: null };
  return {
    ...mapSessions(facts, none),
    clinic: { ...facts.clinic, name: "Fir", staffedHours: {} },
    recipient: { ...facts.recipient, name: "李" },
    patient: { ...facts.patient, name: "李", phone: null },
  };
}

function mapSessions(facts: MessageFacts, details: Partial<SessionForMessage>): MessageFacts {
  const change = (one: SessionForMessage): SessionForMessage => ({ ...one, ...details });
  return { ...facts, session: facts.session && change(facts.session), sessions: facts.sessions.map(change) };
}
