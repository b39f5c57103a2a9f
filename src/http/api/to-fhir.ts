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

const MODES = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode";
/** R4 has no code for a text message below `written`. */
const BY_TEXT = { coding: [{ system: MODES, code: "WRITTEN" }], text: "SMS" };
const BY_EMAIL = { coding: [{ system: MODES, code: "EMAILWRIT" }], text: "Email" };

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
    medium: [channel === "sms" ? BY_TEXT : BY_EMAIL],
    ...(state === "sent" && endedAt !== null && { sent: toMoment(endedAt) }),
    ...(providerState === "delivered" && providerAt !== null && { received: toMoment(providerAt) }),
  };
}

export function toQuestionnaireResponse(
  { id, instrument, instrumentVersion, answeredAt, source, answers, result }: StoredResponse,
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
    ...listed("item", toItems(answers, result.total)),
  };
}

/** Of a score that was brought in from paper only the total is known. */
function toItems(answers: StoredResponse["answers"], total: number | null): object[] {
  const values = answers ?? (total === null ? {} : { total });
  return Object.entries(values).map(([linkId, value]) => ({ linkId, ...(value !== null && { answer: [{ valueInteger: value }] }) }));
}

/** An element that repeats is left out where there is none: FHIR's JSON has no empty arrays. */
function listed<Name extends string, Entry>(name: Name, entries: readonly Entry[]): { [N in Name]?: Entry[] } | object {
  return entries.length === 0 ? {} : { [name]: [...entries] };
}

export type FhirEntry = { fullUrl: string; resource: Resource; search: { mode: "match" } };
export type FhirBundle = {
  resourceType: "Bundle";
  type: "searchset";
  total: number;
  link: { relation: "self"; url: string }[];
  entry?: FhirEntry[];
};

/**
 * All of them in one answer, as a search gives them. `base`: the address below which the references of the resources are, so that who reads it can tell that
 * `Patient/...` in one entry is the same as in another.
 */
export function toBundle(resources: readonly Resource[], { base, type }: { base: string; type: string }): FhirBundle {
  const entry = resources.map(
    (resource): FhirEntry => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
      resource: { ...resource },
      search: { mode: "match" },
    }),
  );
  return {
    resourceType: "Bundle",
    type: "searchset",
    total: entry.length,
    link: [{ relation: "self", url: `${base}/${type}` }],
    ...(entry.length > 0 && { entry }),
  };
}
