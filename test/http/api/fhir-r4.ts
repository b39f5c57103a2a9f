/**
 * The three resources that other systems read, as FHIR R4 (4.0.1) defines them: every element that it has, its cardinality, its type, the codes of its required
 * bindings, and its invariants. Written from https://hl7.org/fhir/R4/{appointment,communication,questionnaireresponse,bundle,datatypes,json}.html; strict, so that
 * an element that R4 does not have is a fault.
 */
import { z } from "zod";

const id = z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/);
const uri = z.string().regex(/^\S+$/).min(1);
const code = z.string().regex(/^[^\s]+(\s[^\s]+)*$/);
const text = z.string().min(1).regex(/\S/);
/** An absolute moment, to the second at least, with its zone. */
const instant = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/);
/** A time of day needs its zone. */
const dateTime = z.union([z.string().regex(/^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/), instant]);
/** A repeating element is left out where there is none. */
const many = <Entry extends z.ZodType>(entry: Entry) => z.array(entry).min(1).optional();

const coding = z.strictObject({ system: uri.optional(), version: text.optional(), code: code.optional(), display: text.optional() });
const concept = z
  .strictObject({ coding: many(coding), text: text.optional() })
  .refine((value) => Object.keys(value).length > 0, "an element with something in it");
const referenceTo = (...types: string[]) =>
  z.strictObject({
    reference: z.string().regex(new RegExp(`^(?:${types.join("|")})/[A-Za-z0-9\\-.]{1,64}$`)),
    display: text.optional(),
  });

const participant = z
  .strictObject({
    type: many(concept),
    actor: referenceTo(
      "Patient",
      "Practitioner",
      "PractitionerRole",
      "RelatedPerson",
      "Device",
      "HealthcareService",
      "Location",
    ).optional(),
    required: z.enum(["required", "optional", "information-only"]).optional(),
    status: z.enum(["accepted", "declined", "tentative", "needs-action"]),
    period: z.strictObject({ start: dateTime.optional(), end: dateTime.optional() }).optional(),
  })
  .refine(({ type, actor }) => type !== undefined || actor !== undefined, "app-1: a type or an actor");

const APPOINTMENT_STATUSES = [
  "proposed",
  "pending",
  "booked",
  "arrived",
  "fulfilled",
  "cancelled",
  "noshow",
  "entered-in-error",
  "checked-in",
  "waitlist",
] as const;

export const appointment = z
  .strictObject({
    resourceType: z.literal("Appointment"),
    id,
    status: z.enum(APPOINTMENT_STATUSES),
    cancelationReason: concept.optional(),
    serviceCategory: many(concept),
    serviceType: many(concept),
    specialty: many(concept),
    appointmentType: concept.optional(),
    reasonCode: many(concept),
    description: text.optional(),
    start: instant.optional(),
    end: instant.optional(),
    minutesDuration: z.int().min(1).optional(),
    created: dateTime.optional(),
    comment: text.optional(),
    patientInstruction: text.optional(),
    participant: z.array(participant).min(1),
  })
  .refine(({ start, end }) => (start === undefined) === (end === undefined), "app-2: start and end, or neither")
  .refine(
    ({ start, status }) => start !== undefined || ["proposed", "cancelled", "waitlist"].includes(status),
    "app-3: only these have no time",
  )
  .refine(({ cancelationReason, status }) => cancelationReason === undefined || status === "noshow" || status === "cancelled", "app-4");

export const communication = z.strictObject({
  resourceType: z.literal("Communication"),
  id,
  status: z.enum(["preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"]),
  statusReason: concept.optional(),
  category: many(concept),
  priority: z.enum(["routine", "urgent", "asap", "stat"]).optional(),
  medium: many(concept),
  subject: referenceTo("Patient", "Group").optional(),
  topic: concept.optional(),
  about: many(referenceTo("[A-Z][A-Za-z]+")),
  sent: dateTime.optional(),
  received: dateTime.optional(),
  recipient: many(
    referenceTo(
      "Device",
      "Organization",
      "Patient",
      "Practitioner",
      "PractitionerRole",
      "RelatedPerson",
      "Group",
      "CareTeam",
      "HealthcareService",
    ),
  ),
  sender: referenceTo(
    "Device",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "RelatedPerson",
    "HealthcareService",
  ).optional(),
});

const answer = z.strictObject({ valueInteger: z.int() });
const item = z.strictObject({ linkId: text, text: text.optional(), answer: many(answer) });

export const questionnaireResponse = z.strictObject({
  resourceType: z.literal("QuestionnaireResponse"),
  id,
  questionnaire: z.string().regex(/^[^\s|]+(\|[^\s|]+)?$/),
  status: z.enum(["in-progress", "completed", "amended", "entered-in-error", "stopped"]),
  subject: referenceTo("[A-Z][A-Za-z]+").optional(),
  authored: dateTime.optional(),
  author: referenceTo("Device", "Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Organization").optional(),
  source: referenceTo("Patient", "Practitioner", "PractitionerRole", "RelatedPerson").optional(),
  item: many(item),
});

/** A search's answer; the address of an entry does not disagree with what is in it, and is there once. */
export function bundleOf<Resource extends { resourceType: string; id: string }>(resource: z.ZodType<Resource>) {
  const entry = z.strictObject({ fullUrl: z.url(), resource, search: z.strictObject({ mode: z.enum(["match", "include", "outcome"]) }) });
  return z
    .strictObject({
      resourceType: z.literal("Bundle"),
      type: z.literal("searchset"),
      total: z.int().min(0),
      link: many(z.strictObject({ relation: text, url: z.url() })),
      entry: many(entry),
    })
    .refine(({ entry: entries = [], total }) => entries.length === total, "as many as it says")
    .refine(
      ({ entry: entries = [] }) => entries.every((each) => each.fullUrl.endsWith(`/${each.resource.resourceType}/${each.resource.id}`)),
      "the address of an entry names it",
    )
    .refine(({ entry: entries = [] }) => new Set(entries.map(({ fullUrl }) => fullUrl)).size === entries.length, "bdl-7");
}
