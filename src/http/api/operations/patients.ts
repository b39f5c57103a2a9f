/** Patients: how they are reached, what they agreed to, holds, and what is to come for them. */
import { z } from "zod";
import { readClinicTime } from "../../../db/clinic-clock.ts";
import { toTimestamp } from "../../../db/database.ts";
import { findClinicById } from "../../../db/view-access.ts";
import { listPatientsPage, type PatientEntry } from "../../../db/view-lists.ts";
import { findPatientView, listContacts, listSeriesOfPatient, type PatientView } from "../../../db/view-patient.ts";
import { listOutlook } from "../../../db/view-series.ts";
import { DAY, formatInstant, instant } from "../../../domain/calendar.ts";
import { toPublicId } from "../../../domain/ids.ts";
import { type EscortChange, parseContact } from "../../../domain/parse-contact.ts";
import { HOLD_CODES } from "../../../domain/patient-facts.ts";
import { changeConsent } from "../../../producers/change-consent.ts";
import { changeContact } from "../../../producers/change-contact.ts";
import { changeEscort } from "../../../producers/change-escort.ts";
import { exportPatient } from "../../../producers/export-patient.ts";
import { holdPatient } from "../../../producers/hold-patient.ts";
import { releasePatient } from "../../../producers/release-patient.ts";
import { verifyPatient } from "../../../producers/verify-patient.ts";
import { watchPatient } from "../../../producers/watch-patient.ts";
import { clinicOf, requirePermission } from "../../auth/staff-access.ts";
import { ApiProblem, toProblem } from "../api-problem.ts";
import { changed, replyChanged } from "../changed.ts";
import { pageOf, pagedBy, toPage } from "../cursor.ts";
import { clinicParam, idText, lineText, momentText, patientParam, toMaybeMoment } from "../fields.ts";
import { type ApiDeps, bare, operation, type Operation } from "../operation.ts";
import { touchpointFields, toTouchpointPage } from "../touchpoint-fields.ts";

const READ = requirePermission("patients.read", { of: "patient", reads: "patient.revealed" });
const CHANGE = requirePermission("patients.change", { of: "patient" });
const JUDGE = requirePermission("patients.judge", { of: "patient" });

const entry = z
  .strictObject({
    patient: idText,
    hold: z.string().nullable(),
    watched: z.boolean(),
    zone: z.string(),
    locale: z.string(),
    revision: z.int(),
  })
  .meta({ id: "PatientEntry" });

function toEntry({ id, holdCode, watched, zone, locale, revision }: PatientEntry): z.output<typeof entry> {
  return { patient: toPublicId("patient", id), hold: holdCode, watched, zone, locale, revision };
}

const text = z.string().nullable();

const patientAnswer = entry.extend({
  ref: text,
  name: text,
  phone: text,
  email: text,
  escort: z.strictObject({ name: text, phone: text, email: text, locale: text }).nullable(),
  contacts: z.array(
    z.strictObject({
      person: z.enum(["patient", "escort"]),
      channel: z.enum(["sms", "email"]),
      reach: z.string(),
      flaggedAt: momentText.nullable(),
      consent: z.enum(["granted", "revoked"]).nullable(),
      consentAt: momentText.nullable(),
      consentSource: text,
    }),
  ),
  detailAccepted: z.boolean(),
  holdSince: momentText.nullable(),
  holdReason: text,
  verifiedAt: momentText.nullable(),
  openTasks: z.int(),
  planIsFresh: z.boolean(),
  series: z.array(
    z.strictObject({ series: idText, clinic: z.string(), protocol: z.string(), status: z.string(), nextAt: momentText.nullable() }),
  ),
});

async function readPatient({ db, vault }: ApiDeps, view: PatientView): Promise<z.output<typeof patientAnswer>> {
  const open = (table: string, column: string, sealed: Buffer | null) =>
    sealed === null ? null : vault.open(sealed, { table, column, row: view.id });
  const [contacts, series] = await Promise.all([listContacts(db, view.id), listSeriesOfPatient(db, view.id)]);
  const escort = view.escortNameSealed && {
    name: open("escorts", "name_sealed", view.escortNameSealed),
    phone: open("escorts", "phone_sealed", view.escortPhoneSealed),
    email: open("escorts", "email_sealed", view.escortEmailSealed),
    locale: view.escortLocale,
  };
  return {
    ...toEntry(view),
    ref: open("patients", "ref_sealed", view.refSealed),
    name: open("patients", "name_sealed", view.nameSealed),
    phone: open("patients", "phone_sealed", view.phoneSealed),
    email: open("patients", "email_sealed", view.emailSealed),
    escort,
    contacts: contacts.map(({ flaggedAt, consentAt, ...contact }) => ({
      ...contact,
      flaggedAt: toMaybeMoment(flaggedAt),
      consentAt: toMaybeMoment(consentAt),
    })),
    detailAccepted: view.detailAccepted,
    holdSince: toMaybeMoment(view.heldAt),
    holdReason: open("patients", "hold_reason_sealed", view.holdReasonSealed),
    verifiedAt: toMaybeMoment(view.verifiedAt),
    openTasks: view.openTasks,
    planIsFresh: view.planIsFresh,
    series: series.map(({ id, clinic, protocol, version, status, nextAt }) => ({
      series: toPublicId("series", id),
      clinic,
      protocol: `${protocol}@${version}`,
      status,
      nextAt: toMaybeMoment(nextAt),
    })),
  };
}

const consent = z.strictObject({
  to: z.enum(["sms", "email"]),
  source: z.string().max(400),
  at: z.string().max(40),
  wording: z.string().max(400).optional(),
});
const contactBody = z.strictObject({
  phone: z.string().max(100).nullable().optional().meta({ description: "Null: there is none any more. A new one starts without consent." }),
  email: z.string().max(400).nullable().optional(),
  consent: z.array(consent).max(2).optional(),
});
const changedContact = z.strictObject({
  addresses: z.array(z.strictObject({ channel: z.enum(["sms", "email"]), change: z.string(), linksRevoked: z.int() })),
  consents: z.array(z.string()),
});

/** Read by the same rules as in a file of series, against the clinic where it is asked. */
async function readContact(
  { db }: ApiDeps,
  body: z.output<typeof contactBody>,
  clinicId: ReturnType<typeof clinicOf>,
): Promise<EscortChange> {
  const parsed = parseContact(body, { clinic: await findClinicById(db, clinicId), now: (await readClinicTime(db)).now });
  if (!parsed.ok) throw toProblem(parsed.faults);
  return parsed.value;
}

const consenting = (["grant", "revoke"] as const).map((verb) =>
  operation({
    ...bare,
    id: `patients.consent-${verb}`,
    method: "POST",
    path: `/patients/{patient}/consents/${verb}`,
    summary: verb === "grant" ? "The person agrees to a channel, for the address they have now" : "The person agrees to it no longer",
    command: `patient consent ${verb}`,
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: patientParam,
    body: z.strictObject({
      channel: z.enum(["sms", "email", "detail"]),
      source: z.string().max(400),
      at: z.string().max(40).optional().meta({ description: "When it was told; needed to grant." }),
      wording: z.string().max(400).optional(),
      person: z.enum(["patient", "escort"]).default("patient"),
    }),
    answer: changed(z.strictObject({ person: z.string(), channel: z.string(), action: z.string() })),
  })(async (deps, { params, body: { channel, source, at, wording, person }, options, request }) => {
    const { now } = await readClinicTime(deps.db);
    if (verb === "grant" && at === undefined)
      throw toProblem([{ path: "at", expected: "when it was given, such as 2027-01-11T09:05-07:00" }]);
    const told = { to: channel, source, at: at ?? formatInstant(now), ...(wording !== undefined && { wording }) };
    const parsed = parseContact({ consent: [told] }, { clinic: await findClinicById(deps.db, clinicOf(request)), now });
    if (!parsed.ok) throw toProblem(parsed.faults.map((fault) => ({ ...fault, path: fault.path.replace(/^consent\[\d+\]\./, "") })));
    const [given] = parsed.value.consents;
    if (!given) throw new Error("A consent was read and is not there");
    const action = verb === "grant" ? "granted" : "revoked";
    return replyChanged(await changeConsent(deps, params.patient, { ...options, person, action, consent: given }), (value) => ({
      ...value,
    }));
  }),
);

const marking: readonly Operation[] = [
  ...(["watch", "unwatch"] as const).map((verb) =>
    operation({
      ...bare,
      id: `patients.${verb}`,
      method: "POST",
      path: `/patients/{patient}/${verb}`,
      summary: verb === "watch" ? "Mark that silence from this patient matters" : "Take that mark away",
      command: `patient ${verb}`,
      access: JUDGE.access,
      dryRun: true,
      ifMatch: true,
      params: patientParam,
      answer: changed(z.strictObject({ watched: z.boolean() })),
    })(async (deps, { params, options }) => {
      const watch = verb === "watch" ? "watched" : "unwatched";
      return replyChanged(await watchPatient(deps, params.patient, { ...options, watch }), () => ({ watched: verb === "watch" }));
    }),
  ),
  operation({
    ...bare,
    id: "patients.verify",
    method: "POST",
    path: "/patients/{patient}/verify",
    summary: "Record that contact, consent, escort and protocol version were checked with the patient",
    command: "patient verify",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: patientParam,
    answer: changed(z.strictObject({ verifiedAt: z.string() })),
  })(async (deps, { params, options }) => replyChanged(await verifyPatient(deps, params.patient, options), (value) => ({ ...value }))),
];

export const patients: readonly Operation[] = [
  operation({
    ...bare,
    id: "patients.list",
    method: "GET",
    path: "/clinics/{clinic}/patients",
    summary: "List the patients of a clinic; no name and no address",
    command: null,
    access: requirePermission("plans.read", { of: "clinic" }).access,
    params: clinicParam,
    query: z.strictObject(pagedBy("id")),
    answer: pageOf(entry),
  })(async ({ db }, { query: { limit, after }, request }) => {
    const rows = await listPatientsPage(db, { clinicId: clinicOf(request), refIndex: null }, { after: after ?? null, limit: limit + 1 });
    return { body: toPage(rows, { limit, keyOf: ({ id }) => ["", id], toEntry }) };
  }),
  operation({
    ...bare,
    id: "patients.find",
    method: "POST",
    path: "/clinics/{clinic}/patients/find",
    summary: "Find a patient by chart number; by POST, because addresses are written into logs",
    command: null,
    access: requirePermission("plans.read", { of: "clinic", reads: "patient.sought" }).access,
    params: clinicParam,
    body: z.strictObject({ ref: z.string().min(1).max(200) }),
    answer: z.strictObject({ patient: entry.nullable() }),
  })(async ({ db, vault }, { body, request }) => {
    const refIndex = vault.blindIndex("ref", body.ref.trim());
    const [row] = await listPatientsPage(db, { clinicId: clinicOf(request), refIndex }, { after: null, limit: 1 });
    return { body: { patient: row ? toEntry(row) : null } };
  }),
  operation({
    ...bare,
    id: "patients.show",
    method: "GET",
    path: "/patients/{patient}",
    summary: "Show who a patient is, how they can be reached, consents, hold, watch and series",
    command: "patient show",
    access: READ.access,
    params: patientParam,
    answer: patientAnswer,
  })(async (deps, { params }) => {
    const view = await findPatientView(deps.db, params.patient);
    if (!view) throw new ApiProblem(404);
    return { body: await readPatient(deps, view), revision: view.revision };
  }),
  operation({
    ...bare,
    id: "patients.outlook",
    method: "GET",
    path: "/patients/{patient}/outlook",
    summary: "What is to come for a patient",
    command: "outlook",
    access: requirePermission("plans.read", { of: "patient", reads: "patient.outlook-read" }).access,
    params: patientParam,
    query: z.strictObject({ ...pagedBy("moment"), days: z.coerce.number().int().min(1).max(1_200).default(7) }),
    answer: pageOf(touchpointFields),
  })(async ({ db }, { params, query: { days, limit, after }, request }) => {
    const { now } = await readClinicTime(db);
    const wish = { patientId: params.patient, clinicId: clinicOf(request), until: toTimestamp(instant(now + days * DAY)) };
    return { body: toTouchpointPage(await listOutlook(db, wish, { after: after ?? null, limit: limit + 1 }), limit) };
  }),
  operation({
    ...bare,
    id: "patients.contact",
    method: "PATCH",
    path: "/patients/{patient}/contact",
    summary: "Change how a patient is reached; links that were sent to the old address open nothing any more",
    command: "patient contact",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: patientParam,
    body: contactBody,
    answer: changed(changedContact),
  })(async (deps, { params, body, options, request }) => {
    const change = await readContact(deps, body, clinicOf(request));
    return replyChanged(await changeContact(deps, params.patient, { ...options, change }), toContact);
  }),
  operation({
    ...bare,
    id: "patients.escort",
    method: "PUT",
    path: "/patients/{patient}/escort",
    summary: "Name the escort, or change how they are reached; a new name is another person, of whom nothing is known",
    command: "patient escort",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: patientParam,
    body: contactBody.extend({ name: z.string().max(400).optional(), locale: z.enum(["en", "es"]).optional() }),
    answer: changed(changedContact.extend({ escort: z.string() })),
  })(async (deps, { params, body, options, request }) => {
    const change = await readContact(deps, body, clinicOf(request));
    return replyChanged(await changeEscort(deps, params.patient, { ...options, change }), (value) => ({
      ...toContact(value),
      escort: value.escort,
    }));
  }),
  operation({
    ...bare,
    id: "patients.escort-remove",
    method: "DELETE",
    path: "/patients/{patient}/escort",
    summary: "There is no escort any more",
    command: "patient escort",
    access: CHANGE.access,
    dryRun: true,
    ifMatch: true,
    params: patientParam,
    answer: changed(changedContact.extend({ escort: z.string() })),
  })(async (deps, { params, options }) =>
    replyChanged(await changeEscort(deps, params.patient, { ...options, change: "remove" }), (value) => ({
      ...toContact(value),
      escort: value.escort,
    })),
  ),
  ...consenting,
  operation({
    ...bare,
    id: "patients.hold",
    method: "POST",
    path: "/patients/{patient}/hold",
    summary: "Send nothing to a patient or the escort until released; sessions stay booked",
    command: "patient hold",
    access: requirePermission("patients.hold", { of: "patient" }).access,
    dryRun: true,
    ifMatch: true,
    params: patientParam,
    body: z.strictObject({ code: z.enum(HOLD_CODES), reason: lineText(500, "admitted on Sunday, sister called") }),
    answer: changed(z.strictObject({ hold: z.string(), sessionsToCome: z.int() })),
  })(async (deps, { params, body, options }) =>
    replyChanged(await holdPatient(deps, params.patient, { ...options, ...body }), (value) => ({ ...value })),
  ),
  operation({
    ...bare,
    id: "patients.release",
    method: "POST",
    path: "/patients/{patient}/release",
    summary: "Lift a patient's hold; what it outlasted is not made up for. Look at a dry run first",
    command: "patient release",
    access: JUDGE.access,
    dryRun: true,
    ifMatch: true,
    params: patientParam,
    answer: changed(z.strictObject({ wasHeld: z.string(), sessionsToCome: z.int() })),
  })(async (deps, { params, options }) => replyChanged(await releasePatient(deps, params.patient, options), (value) => ({ ...value }))),
  ...marking,
  operation({
    ...bare,
    id: "patients.export",
    method: "POST",
    path: "/patients/{patient}/export",
    summary: "Everything that is stored of a patient, for a request of theirs to see it",
    command: "patient export",
    access: requirePermission("patients.export", { of: "patient", fresh: true }).access,
    params: patientParam,
    answer: z.strictObject({
      patient: idText,
      record: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))).meta({ description: "By table, as it is stored, opened." }),
      audit: z.array(z.looseObject({})),
    }),
  })(async (deps, { params, options, request }) => {
    const { record, audit } = await exportPatient(deps, params.patient, { actor: options.actor, clinicId: clinicOf(request) });
    const rows = Object.fromEntries(Object.entries(record).map(([table, list]) => [table, [...list]]));
    return { body: { patient: toPublicId("patient", params.patient), record: rows, audit: audit.map((event) => ({ ...event })) } };
  }),
];

function toContact({
  addresses,
  consents,
}: {
  readonly addresses: readonly { channel: "sms" | "email"; change: string; linksRevoked: number }[];
  readonly consents: readonly string[];
}) {
  return { addresses: addresses.map(({ channel, change, linksRevoked }) => ({ channel, change, linksRevoked })), consents: [...consents] };
}
