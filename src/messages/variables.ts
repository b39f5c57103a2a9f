/**
 * Everything a template may say, worked out from the facts at the moment of sending. One table: a template is compiled against it, so a variable that a text
 * does not use costs nothing, and one that does not exist is found before anything is sent. `null` means that the facts have no such thing: a text asks with
 * `{% if %}` before it prints one. Clock times are on the wall where the session happens, and name the zone when the recipient's wall shows another time.
 */
import type { Instant } from "../domain/calendar.ts";
import type { MessageFacts } from "../domain/message-facts.ts";
import { toClinicPhone, toNationalPhone } from "./national-phone.ts";
import { toFirstName, toPlainValue } from "./plain-value.ts";
import { isDosed, prepVariables } from "./prep-variables.ts";
import { sayHours } from "./say-hours.ts";
import { sessionVariables } from "./session-variables.ts";
import { type MessagePart, type Reader, type ReaderGroup, type Telling, toTelling, type Value } from "./telling.ts";

const clinic = {
  name: ({ facts }) => toPlainValue(facts.clinic.name, 40),
  /** As dialled in the country: "(555) 010-0123". */
  phone: ({ facts }) => toClinicPhone(facts.clinic.phone),
  /** The same number for `tel:` links. */
  dial: ({ facts }) => facts.clinic.phone,
  /** When somebody answers the phone: "Monday to Friday, 8:00 AM to 5:00 PM". */
  hours: ({ facts }) => sayHours(facts.locale, facts.clinic.staffedHours) || null,
} satisfies ReaderGroup;

const patient = {
  name: ({ facts }) => toPlainValue(facts.patient.name, 100),
  ref: ({ facts }) => toPlainValue(facts.patient.ref, 40),
  phone: ({ facts }) => (facts.patient.phone ? toNationalPhone(facts.patient.phone) : null),
} satisfies ReaderGroup;

const recipient = {
  name: ({ facts }) => toPlainValue(facts.recipient.name, 100),
  is_escort: ({ facts }) => facts.recipient.kind === "escort",
} satisfies ReaderGroup;

const forloop = {
  first: ({ loop }) => loop?.first ?? null,
  last: ({ loop }) => loop?.last ?? null,
  /** A, B, C …: by which somebody answers which of them is meant. */
  letter: ({ loop }) => (loop ? String.fromCharCode("A".charCodeAt(0) + loop.index) : null),
} satisfies ReaderGroup;

const single = {
  first_name: ({ facts }) => toFirstName(facts.recipient.name),
  patient_first_name: ({ facts }) => toFirstName(facts.patient.name),
  /** Whether more than neutral words may be used: the patient accepted it, and it is the patient who reads. */
  detail: ({ facts }) => facts.patient.detailAccepted && facts.recipient.kind === "patient",
  link: ({ facts }) => facts.link,
  /** Where the reader chooses messages, language and quiet hours. */
  preferences_link: ({ facts }) => facts.preferencesLink ?? null,
  /** What staff wrote, as they wrote it. */
  message: ({ facts }) => facts.message ?? null,
  /** For conditions: whether there is a session to speak of. */
  session: ({ session }) => session !== null,
  /** For conditions and loops. */
  sessions: ({ facts }) => (facts.sessions.length ? facts.sessions : null),
  /** Whether any of the sessions at hand needs somebody to take the patient home or stay. */
  needs_companion: ({ facts, session }) => (session !== null && isDosed(session)) || facts.sessions.some(isDosed),
  sessions_count: ({ facts }) => facts.sessions.length,
} satisfies ReaderGroup;

const GROUPS: { readonly [name: string]: ReaderGroup } = {
  clinic,
  session: sessionVariables,
  ...prepVariables,
  patient,
  recipient,
  forloop,
};

/** Names of patients stay off telephones, which families share, and full names out of every text but those staff read. */
const TASK_ONLY: readonly string[] = ["patient.name", "patient.ref", "patient.phone", "recipient.name"];
const NOT_IN_SMS: readonly string[] = ["preferences_link", "first_name", "patient_first_name", "session.join_url", ...TASK_ONLY];

/** The protocol's own words decide what a text says; read aloud they would say too much. */
const CONDITIONS_ONLY: readonly string[] = ["prep.companion", "session.kind", "session.changed_because"];

const ALL: readonly (readonly [string, Reader])[] = [
  ...Object.entries<Reader>(single),
  ...Object.entries(GROUPS).flatMap(([group, readers]) =>
    Object.entries(readers).map(([name, read]) => [`${group}.${name}`, read] satisfies [string, Reader]),
  ),
];
const email = new Map(ALL.filter(([name]) => !TASK_ONLY.includes(name)));
const TABLES: { readonly [P in MessagePart]: ReadonlyMap<string, Reader> } = {
  email,
  html: email,
  sms: new Map(ALL.filter(([name]) => !NOT_IN_SMS.includes(name))),
  task: new Map(ALL),
};

/** The variable of that name, such as `session.day`; undefined where there is none or this part may not have it. */
export function findVariable(name: string, part: MessagePart): Reader | undefined {
  return TABLES[part].get(name);
}

/** Whether a variable may be printed, or only asked about in `{% if %}`. */
export function isPrintable(name: string): boolean {
  return !CONDITIONS_ONLY.includes(name);
}

export type Variables = { readonly [name: string]: Value | { readonly [name: string]: Value } };

/** All of them as an object, nested as templates write them, for callers that show the variables; each is an own getter, worked out when it is read. */
export function toVariables(facts: MessageFacts, { now }: { now: Instant }): Variables {
  const telling = toTelling(facts, { now, channel: "task" });
  const { session: _condition, ...rest } = single;
  const nested = Object.entries(GROUPS).filter(([name]) => name !== "forloop");
  return Object.assign(lazily(rest, telling), Object.fromEntries(nested.map(([name, readers]) => [name, lazily(readers, telling)])));
}

function lazily(readers: ReaderGroup, telling: Telling): { readonly [name: string]: Value } {
  const values: { [name: string]: Value } = {};
  for (const [name, read] of Object.entries(readers)) Object.defineProperty(values, name, { enumerable: true, get: () => read(telling) });
  return values;
}
