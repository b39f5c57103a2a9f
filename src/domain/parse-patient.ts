import { z } from "zod";
import { type CalendarDay, dayOf, formatDay, parseDay } from "./calendar.ts";
import { parseEmail } from "./email-address.ts";
import type { PatientRequest, PersonRequest } from "./enqueue-request.ts";
import { dayField, lineField, localeField, optional, part as partField, textField } from "./field.ts";
import type { Intake } from "./intake.ts";
import { parseConsents } from "./parse-consent.ts";
import { parsePersonName } from "./person-name.ts";
import { parsePhone } from "./phone-number.ts";
import { toLocal, type Zone } from "./place-in-time.ts";
import { readFields } from "./read-fields.ts";
import { accepted } from "./reading.ts";
import { readQuietHours } from "./wall-clock-span.ts";
import { readZone, warnFarZone } from "./zone-name.ts";

/** Numbers depend on the clinic's country and are read after the shape. */
const phoneField = textField(accepted, "(303) 555-0142");

const person = {
  name: textField(parsePersonName, "Ana Ortiz"),
  phone: optional(phoneField),
  email: optional(textField(parseEmail, "ana@example.org")),
  locale: optional(localeField),
  consent: partField,
};

const personSchema = z.strictObject(person, "a person: name, phone and/or email, locale, consent");

const contactSchema = z.strictObject(
  { name: person.name, phone: phoneField, relation: optional(lineField("sister")) },
  "a person to call: name, phone, relation",
);

const patientSchema = z.strictObject(
  {
    ...person,
    ref: lineField("10482"),
    zone: optional(textField(readZone, "America/Denver")),
    birthDate: optional(dayField),
    address: optional(lineField("12 Aspen Road, Denver, CO 80203")),
    quietHours: partField,
    escort: partField,
    emergencyContact: partField,
  },
  "a patient: ref and name, and phone, email, zone, locale, birthDate, address, quietHours, consent, escort, emergencyContact",
);

/** Keys of a patient, for hints where one stands at another level. */
export const PATIENT_KEYS: readonly string[] = Object.keys(patientSchema.shape);

/** Oldest birth date taken; an earlier one is a slip of the pen. */
const EARLIEST_BIRTH = parseDay("1900-01-01");

/** The patient when everything is right, and the zone apart: null when left out, undefined when refused, because home sessions are placed in it. */
export type PatientRead = { readonly patient: PatientRequest | undefined; readonly zone: Zone | null | undefined };

/** Reads the patient with escort and emergency contact. A phone only, an email only and no consent at all are normal. */
export function parsePatient(intake: Intake, input: unknown): PatientRead {
  const path = "patient";
  const { whole, part } = readFields(patientSchema, input, { path, list: intake.list });
  const phone = readPhone(intake, part.phone, `${path}.phone`);
  const consents = parseConsents(intake, part.consent, `${path}.consent`);
  const quietHours = readQuietHours(intake.list, part.quietHours, `${path}.quietHours`);
  const escort = parsePerson(intake, part.escort, `${path}.escort`);
  const emergencyContact = parseContact(intake, part.emergencyContact, `${path}.emergencyContact`);
  if (part.birthDate) checkBirthDate(intake, part.birthDate);
  if (part.zone) warnFarZone(intake, { zone: part.zone, path: `${path}.zone` });
  if (!whole || phone === undefined || quietHours === undefined || escort === undefined || emergencyContact === undefined)
    return { patient: undefined, zone: part.zone };
  const patient = { ...whole, phone, quietHours, escort, emergencyContact, consents };
  warnUnreachable(intake, patient, path);
  return { patient: toPatient(patient), zone: whole.zone };
}

function toPatient(read: PatientRequest): PatientRequest {
  const { ref, name, phone, email, locale, consents, birthDate, zone, quietHours, address, escort, emergencyContact } = read;
  return { ref, name, phone, email, locale, consents, birthDate, zone, quietHours, address, escort, emergencyContact };
}

function parsePerson(intake: Intake, input: unknown, path: string): PersonRequest | null | undefined {
  if (input === undefined || input === null) return null;
  const { whole, part } = readFields(personSchema, input, { path, list: intake.list });
  const phone = readPhone(intake, part.phone, `${path}.phone`);
  const consents = parseConsents(intake, part.consent, `${path}.consent`);
  if (!whole || phone === undefined) return undefined;
  const read = { name: whole.name, phone, email: whole.email, locale: whole.locale, consents };
  warnUnreachable(intake, read, path);
  return read;
}

function parseContact(intake: Intake, input: unknown, path: string): PatientRequest["emergencyContact"] | undefined {
  if (input === undefined || input === null) return null;
  const { whole, part } = readFields(contactSchema, input, { path, list: intake.list });
  const phone = readPhone(intake, part.phone, `${path}.phone`);
  return whole && phone ? { name: whole.name, phone, relation: whole.relation } : undefined;
}

/** Null when left out, undefined when refused. */
function readPhone({ clinic, list }: Intake, text: string | null | undefined, path: string): string | null | undefined {
  return text === null || text === undefined ? text : list.take(parsePhone(text, clinic.country), { path, value: text });
}

function checkBirthDate({ clinic, now, list }: Intake, birthDate: CalendarDay): void {
  const place = { path: "patient.birthDate", value: formatDay(birthDate) };
  if (birthDate > dayOf(toLocal(clinic.zone, now))) list.add(place, "a day that has been");
  if (EARLIEST_BIRTH !== undefined && birthDate < EARLIEST_BIRTH) list.add(place, "a day from 1900-01-01 on");
}

function warnUnreachable({ list }: Intake, { phone, email, consents }: PersonRequest, path: string): void {
  if (phone === null && email === null) list.warn(path, "neither phone nor email: nobody can reach this person");
  for (const { to } of consents) {
    if (to === "sms" && phone === null) list.warn(path, "consent to sms, but no phone");
    if (to === "email" && email === null) list.warn(path, "consent to email, but no email address");
  }
}
