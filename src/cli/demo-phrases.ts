/** What the demo says of an event: to whom, and its first words. */
import { firstNameOf, type Happening, type Person } from "./demo-happening.ts";
import type { ReadMail } from "./demo-post.ts";
import type { EndedRow, FactRow, TaskRow } from "./demo-rows.ts";

type Phrase = Omit<Happening, "at" | "zone">;

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

export function describeTask({ kind, template }: TaskRow, person: Person): Phrase {
  const patient = firstNameOf(person.patient);
  return {
    tone: "work",
    label: "task",
    who: "front desk",
    says: `${toDuty(kind, patient)}: ${toWords(template)}`,
    template,
    message: null,
  };
}

function toDuty(kind: string, patient: string): string {
  switch (kind) {
    case "call":
      return `call ${patient}`;
    case "record-outcome":
      return `record what happened with ${patient}`;
    case "find-driver":
      return `find a companion for ${patient}`;
    case "file-form":
      return `file ${patient}'s form`;
    default:
      return `${toWords(kind)} ${patient}`;
  }
}

const FACTS: { readonly [kind: string]: string } = {
  "session.arrived": "arrived",
  "session.dosed": "was dosed",
  "session.discharged": "was discharged",
  "session.no_show": "did not come",
};

export function describeFact({ kind, number, outcomeReason, sessions, protocol }: FactRow, person: Person): Phrase {
  const base = { tone: "fact", who: firstNameOf(person.patient), template: kind.replace(".", "-"), message: null } as const;
  if (kind === "series.enqueued") return { ...base, label: "series", says: `enqueued: ${protocol}, ${sessions ?? 0} sessions` };
  if (kind === "series.extended") return { ...base, label: "series", says: `goes on: ${sessions ?? 0} more sessions` };
  const says =
    kind === "session.not_dosed" ? `came and was not dosed (${outcomeReason ?? "no reason given"})` : (FACTS[kind] ?? toWords(kind));
  return { ...base, label: "session", says: `${says} (session ${number ?? "?"})` };
}

function nameOf(recipient: EndedRow["recipient"], { patient, escort }: Person): string {
  if (recipient === "staff") return "front desk";
  return recipient === "escort" && escort !== null ? `${firstNameOf(escort)} for ${firstNameOf(patient)}` : firstNameOf(patient);
}

function toWords(stem: string): string {
  return stem.replaceAll(/[-.]/g, " ");
}
