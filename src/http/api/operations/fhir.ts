/** What other systems read: FHIR R4, and plain text for a chart. */
import { z } from "zod";
import { loadResponses } from "../../../db/survey-responses.ts";
import { listFhirMessages, listFhirVisits } from "../../../db/view-fhir.ts";
import { findClinicById } from "../../../db/view-access.ts";
import { readClinicTime } from "../../../db/clinic-clock.ts";
import { type PatientId, toPublicId } from "../../../domain/ids.ts";
import { requirePermission, clinicOf } from "../../auth/staff-access.ts";
import { toWall } from "../../../domain/touchpoint-fields.ts";
import { patientParam } from "../fields.ts";
import { type ApiDeps, bare, operation, type Operation } from "../operation.ts";
import { toAppointment, toBundle, toCommunication, toQuestionnaireResponse } from "../to-fhir.ts";

const bundle = z
  .strictObject({
    resourceType: z.literal("Bundle"),
    type: z.literal("searchset"),
    total: z.int(),
    link: z.array(z.strictObject({ relation: z.literal("self"), url: z.string() })),
    entry: z
      .array(
        z.strictObject({
          fullUrl: z.string(),
          resource: z.looseObject({ resourceType: z.string(), id: z.string() }),
          search: z.strictObject({ mode: z.literal("match") }),
        }),
      )
      .optional(),
  })
  .meta({ id: "FhirBundle", description: "FHIR R4." });

/** Where a patient's resources of one type are read. */
function placeOf({ config }: Pick<ApiDeps, "config">, patientId: PatientId, type: string): { base: string; type: string } {
  return { base: `${config.PUBLIC_BASE_URL.replace(/\/+$/, "")}/api/v1/fhir/${toPublicId("patient", patientId)}`, type };
}

export const fhir: readonly Operation[] = [
  operation({
    ...bare,
    id: "fhir.appointments",
    method: "GET",
    path: "/fhir/{patient}/Appointment",
    summary: "A patient's visits as FHIR R4 Appointments",
    command: null,
    access: requirePermission("plans.read", { of: "patient", reads: "patient.visits-read" }).access,
    params: patientParam,
    answers: "application/fhir+json",
    answer: bundle,
  })(async (deps, { params, request }) => {
    const visits = await listFhirVisits(deps.db, params.patient, clinicOf(request));
    return { body: toBundle(visits.map(toAppointment), placeOf(deps, params.patient, "Appointment")) };
  }),
  operation({
    ...bare,
    id: "fhir.communications",
    method: "GET",
    path: "/fhir/{patient}/Communication",
    summary: "What a patient and the escort were sent, as FHIR R4 Communications; without the words",
    command: null,
    access: requirePermission("plans.read", { of: "patient", reads: "patient.messages-read" }).access,
    params: patientParam,
    answers: "application/fhir+json",
    answer: bundle,
  })(async (deps, { params, request }) => {
    const messages = await listFhirMessages(deps.db, params.patient, clinicOf(request));
    return { body: toBundle(messages.map(toCommunication), placeOf(deps, params.patient, "Communication")) };
  }),
  operation({
    ...bare,
    id: "fhir.questionnaire-responses",
    method: "GET",
    path: "/fhir/{patient}/QuestionnaireResponse",
    summary: "A patient's answers to surveys as FHIR R4 QuestionnaireResponses",
    command: null,
    access: requirePermission("outcomes.read", { of: "patient", reads: "outcomes.read" }).access,
    params: patientParam,
    answers: "application/fhir+json",
    answer: bundle,
  })(async (deps, { params }) => {
    const responses = await loadResponses(deps.db, { patientId: params.patient, instrument: null }, deps.vault);
    const resources = responses.map((each) => toQuestionnaireResponse(each, params.patient));
    return { body: toBundle(resources, placeOf(deps, params.patient, "QuestionnaireResponse")) };
  }),
  operation({
    ...bare,
    id: "patients.chart",
    method: "GET",
    path: "/patients/{patient}/chart",
    summary: "Visits, messages and scores as plain text, for copying into a chart; no name and no address",
    command: null,
    access: requirePermission("outcomes.read", { of: "patient", reads: "patient.chart-copied" }).access,
    params: patientParam,
    answers: "text/plain",
    answer: z.string(),
  })(async ({ db, vault }, { params, request }) => {
    const { id, zone, name } = await findClinicById(db, clinicOf(request));
    const at = (when: Parameters<typeof toWall>[1]) => toWall(zone, when).replace("T", " ");
    const [visits, messages, responses, { now }] = await Promise.all([
      listFhirVisits(db, params.patient, id),
      listFhirMessages(db, params.patient, id),
      loadResponses(db, { patientId: params.patient, instrument: null }, vault),
      readClinicTime(db),
    ]);
    const said = (channel: string, recipient: string) => (recipient === "patient" ? channel : `${channel} to ${recipient}`);
    const lines = [
      `${name}, as of ${at(now)} (${zone})`,
      "",
      "VISITS",
      ...visits.map(({ startsAt, kind, status, isConfirmed }) => `${at(startsAt)}  ${kind}: ${status}${isConfirmed ? ", confirmed" : ""}`),
      "",
      "SCORES",
      ...responses.map(
        ({ answeredAt, instrument, result: { total, band } }) =>
          `${at(answeredAt)}  ${instrument}: ${total ?? "no total"}${band === null ? "" : ` (${band})`}`,
      ),
      "",
      "MESSAGES",
      ...messages.map(
        ({ endedAt, template, channel, recipient, state, providerState }) =>
          `${endedAt === null ? "" : at(endedAt)}  ${template}, ${said(channel, recipient)}: ${providerState ?? state}`,
      ),
    ];
    return { body: `${lines.join("\n")}\n` };
  }),
];
