/** What the demo says of an event: to whom, and its first words. */
import type { Zone } from "../domain/place-in-time.ts";
import { firstNameOf, formatMoment, type Happening, type Person } from "./demo-happening.ts";
import type { ReadMail } from "./demo-post.ts";
import type { EndedRow, FactRow, TaskRow } from "./demo-rows.ts";

/** A happening whose moment and place are not known yet. */
export type Phrase = Omit<Happening, "at" | "zone">;

export function describeMail({ recipient, template }: EndedRow, { mail, person }: { mail: ReadMail | undefined; person: Person }): Phrase {
  return {
    tone: "said",
    label: "email",
    who: nameOf(recipient, person),
    says: mail?.subject ?? toWords(template),
    template,
    message: mail ?? null,
  };
}

export function describeText(
  { recipient, template }: EndedRow,
  { body, person, clinicName }: { body: string | undefined; person: Person; clinicName: string },
): Phrase {
  // Every text begins with the clinic's name, which says nothing in a list of texts of one clinic.
  const says = (body ?? toWords(template)).replace(`${clinicName}: `, "").replaceAll(/\s+/g, " ");
  const message = body === undefined ? null : ({ kind: "text", text: body } as const);
  return { tone: "said", label: "sms", who: nameOf(recipient, person), says, template, message };
}

/** A touchpoint that ended without being said, after it had been planned to be. */
export function describeUnsaid({ channel, recipient, template, state, reason }: EndedRow, person: Person): Phrase {
  const says = `not sent: ${toWords(template)} (${toWords(reason ?? state)})`;
  return { tone: "unsaid", label: channel, who: nameOf(recipient, person), says, template, message: null };
}

export function describeTask({ kind, template, recipient }: TaskRow, person: Person): Phrase {
  const whom = recipient === "staff" ? firstNameOf(person.patient) : nameOf(recipient, person);
  return {
    tone: "work",
    label: "task",
    who: "front desk",
    says: `${toDuty(kind, whom)}: ${toWords(template)}`,
    template,
    message: null,
  };
}

function toDuty(kind: string, whom: string): string {
  switch (kind) {
    case "call":
      return `call ${whom}`;
    case "record-outcome":
      return `record what happened with ${whom}`;
    case "find-driver":
      return `find a companion for ${whom}`;
    case "file-form":
      return `file ${whom}'s form`;
    default:
      return `${toWords(kind)} ${whom}`;
  }
}

export function describeFact(row: FactRow, { person, zone }: { person: Person; zone: Zone }): Phrase {
  const { kind, takenBack } = row;
  const says = `${toSentence(row, zone)}${takenBack > 0 && ENDS_WORDS.has(kind) ? `; ${takenBack} silenced` : ""}`;
  return { tone: "fact", label: labelOf(kind), who: firstNameOf(person.patient), says, template: kind.replace(".", "-"), message: null };
}

/** Something that no row tells, as somebody in the demo would. */
export type Aside = Pick<Phrase, "label" | "who" | "says">;
export type Tell = (aside: Aside) => void;

export function describeAside(aside: Aside): Phrase {
  return { ...aside, tone: "fact", template: "aside", message: null };
}

const ANSWERS: { readonly [answer: string]: string } = {
  confirmed: "confirms",
  "asks-to-move": "asks for another time; the visit stays as planned until somebody has called",
};

const FACTS: { readonly [kind: string]: string } = {
  "session.arrived": "arrived",
  "session.dosed": "was dosed",
  "session.discharged": "was discharged",
  "session.no_show": "did not come",
  "session.form-filed": "form filed",
};

/** Facts that take back what was going to be said. */
const ENDS_WORDS: ReadonlySet<string> = new Set([
  "session.moved",
  "session.postponed",
  "session.cancelled",
  "session.not_dosed",
  "session.no_show",
]);

function toSentence(row: FactRow, zone: Zone): string {
  const { kind, number, outcomeReason, because, startsAt, sessions, protocol, sessionKind, closedFor } = row;
  const when = startsAt === null ? "?" : formatMoment(zone, startsAt).replace("  ", " ");
  const session = `session ${number ?? "?"}`;
  switch (kind) {
    case "series.enqueued":
      return `enqueued: ${protocol ?? "?"}, ${sessions ?? 0} sessions`;
    case "series.extended":
      return `goes on: ${sessions ?? 0} more sessions`;
    case "patient.watched":
      return "is watched now: silence matters";
    case "clinic.closed":
      return `closed for ${closedFor ?? "?"}: ${sessions ?? 0} sessions are off`;
    case "address.opted-out":
      return "wants no more texts: what matters goes another way";
    case "session.answered":
      return `${ANSWERS[row.answer ?? ""] ?? toWords(row.answer ?? kind)} (${session})`;
    case "session.moved":
      return `${because === "patient" ? "wants" : "gets"} ${when} for ${session}`;
    case "session.postponed":
      return `${session} is off, no date yet`;
    case "session.cancelled":
      return `${session} is cancelled by the ${because ?? "clinic"}`;
    case "session.added":
      return `gets ${when} as well (${sessionKind ?? "?"})`;
    case "session.not_dosed":
      return `came and was not dosed (${outcomeReason ?? "no reason given"}, ${session})`;
    default:
      return `${FACTS[kind] ?? toWords(kind)} (${session})`;
  }
}

function labelOf(kind: string): Phrase["label"] {
  if (kind.startsWith("series.")) return "series";
  if (kind.startsWith("patient.") || kind.startsWith("address.")) return "patient";
  return kind.startsWith("clinic.") ? "clinic" : "session";
}

function nameOf(recipient: EndedRow["recipient"], { patient, escort }: Person): string {
  if (recipient === "staff") return "front desk";
  return recipient === "escort" && escort !== null ? `${firstNameOf(escort)} for ${firstNameOf(patient)}` : firstNameOf(patient);
}

function toWords(stem: string): string {
  return stem.replaceAll(/[-.]/g, " ");
}
