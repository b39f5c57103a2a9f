/** FHIR R4 as other systems read it: Appointment, Communication and QuestionnaireResponse. https://hl7.org/fhir/R4/ */
import type { StoredResponse } from "../../db/survey-responses.ts";
import type { FhirMessage, FhirVisit } from "../../db/view-fhir.ts";
import { type PatientId, toPublicId } from "../../domain/ids.ts";
import { toMoment } from "./fields.ts";

type Resource = { readonly resourceType: string; readonly id: string } & { readonly [field: string]: unknown };

/** FHIR allows letters, digits, hyphens and dots in an id, and no underscore. */
function fhirId(kind: Parameters<typeof toPublicId>[0], id: string): string {
  return toPublicId(kind, id).replace("_", "-");
}

const patientReference = (id: PatientId) => ({ reference: `Patient/${fhirId("patient", id)}` });

const APPOINTMENTS: { readonly [status: string]: string } = {
  scheduled: "pending",
  arrived: "arrived",
  dosed: "arrived",
  discharged: "fulfilled",
  completed: "fulfilled",
  not_dosed: "fulfilled",
  no_show: "noshow",
  cancelled: "cancelled",
  postponed: "proposed",
};

export function toAppointment({ id, patientId, kind, status, startsAt, endsAt, isConfirmed }: FhirVisit): Resource {
  const isBooked = status === "scheduled" && isConfirmed;
  return {
    resourceType: "Appointment",
    id: fhirId("session", id),
    status: isBooked ? "booked" : (APPOINTMENTS[status] ?? "pending"),
    serviceType: [{ text: kind }],
    // A proposed appointment has no time.
    ...(status === "postponed" ? {} : { start: toMoment(startsAt), end: toMoment(endsAt) }),
    participant: [
      {
        actor: patientReference(patientId),
        required: "required",
        status: isConfirmed ? "accepted" : status === "postponed" ? "tentative" : "needs-action",
      },
    ],
  };
}

const COMMUNICATIONS: { readonly [state: string]: string } = {
  sent: "completed",
  failed: "not-done",
  sending: "in-progress",
  unknown: "unknown",
};

export function toCommunication(row: FhirMessage): Resource {
  const { id, patientId, sessionId, template, channel, recipient, state, reason, endedAt, providerState, providerAt } = row;
  return {
    resourceType: "Communication",
    id: fhirId("touchpoint", id),
    status: COMMUNICATIONS[state] ?? "unknown",
    ...(reason !== null && { statusReason: { text: reason } }),
    subject: patientReference(patientId),
    ...(recipient === "patient" && { recipient: [patientReference(patientId)] }),
    ...(sessionId !== null && { about: [{ reference: `Appointment/${fhirId("session", sessionId)}` }] }),
    topic: { text: template },
    medium: [
      {
        coding: [
          { system: "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode", code: channel === "sms" ? "SMSWRIT" : "EMAILWRIT" },
        ],
      },
    ],
    ...(state === "sent" && endedAt !== null && { sent: toMoment(endedAt) }),
    ...(providerState === "delivered" && providerAt !== null && { received: toMoment(providerAt) }),
  };
}

export function toQuestionnaireResponse(
  { id, instrument, instrumentVersion, answeredAt, source, answers }: StoredResponse,
  patientId: PatientId,
): Resource {
  return {
    resourceType: "QuestionnaireResponse",
    id: fhirId("response", id),
    questionnaire: `urn:afterglow:instrument:${instrument}|${instrumentVersion}`,
    status: "completed",
    subject: patientReference(patientId),
    authored: toMoment(answeredAt),
    ...(source === "patient" && { source: patientReference(patientId) }),
    item: Object.entries(answers ?? {}).map(([linkId, value]) => ({
      linkId,
      ...(value !== null && { answer: [{ valueInteger: value }] }),
    })),
  };
}

/** All of them in one answer, as a search gives them. */
export function toBundle(resources: readonly Resource[]) {
  return {
    resourceType: "Bundle" as const,
    type: "searchset" as const,
    total: resources.length,
    entry: resources.map((resource) => ({ resource: { ...resource }, search: { mode: "match" as const } })),
  };
}
