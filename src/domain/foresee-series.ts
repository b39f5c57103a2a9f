/** A series that is not stored yet, as the planner's facts: what a preview plans from. The same sessions, the same planner, so the same rows as after enqueueing. */
import type { Instant } from "./calendar.ts";
import type { ClinicFacts, WallClockSpan } from "./clinic.ts";
import type { EnqueueRequest, PersonRequest } from "./enqueue-request.ts";
import type { PatientId, SeriesId, SessionId } from "./ids.ts";
import { AS_MADE, type PatientFacts, type PersonFacts, type Reach, type SeriesFacts, type SessionFacts } from "./patient-facts.ts";
import type { Protocol } from "./protocol.ts";
import type { ResolvedSession } from "./resolve-sessions.ts";

export type Foreseen = {
  readonly clinic: ClinicFacts & { readonly quietHours: WallClockSpan };
  readonly protocol: Protocol;
  readonly sessions: readonly ResolvedSession[];
  readonly now: Instant;
  readonly quietUntil: Instant;
};

/** Stands for the series in a preview; no stored series has it. */
export const FORESEEN_SERIES = "foreseen" as SeriesId;

export function toSeriesFacts(
  request: Pick<EnqueueRequest, "condition">,
  { clinic, protocol, sessions, now, quietUntil }: Foreseen,
): SeriesFacts {
  return {
    id: FORESEEN_SERIES,
    clinic,
    protocol,
    condition: request.condition,
    status: "enqueued",
    endedAt: null,
    announced: false,
    enqueuedAt: now,
    quietUntil,
    sessions: sessions.map(toSessionFacts),
    answeredSurveys: new Set(),
  };
}

function toSessionFacts({ number, kind, setting, owner, zone, startsAt, endsAt, status }: ResolvedSession): SessionFacts {
  const id = `foreseen-${String(number).padStart(3, "0")}` as SessionId;
  return {
    id,
    number,
    kind,
    setting,
    owner,
    status: status ?? "scheduled",
    zone,
    startsAt,
    endsAt,
    ...AS_MADE,
  };
}

/** A patient of whom nothing is stored: reachable as the request says. */
export function toPatientFacts(
  { patient }: Pick<EnqueueRequest, "patient">,
  { clinic }: Pick<Foreseen, "clinic">,
): Omit<PatientFacts, "series"> {
  const base = { zone: patient.zone ?? clinic.zone, quietHours: patient.quietHours ?? clinic.quietHours };
  const locale = patient.locale ?? clinic.locale;
  const person = (each: PersonRequest): PersonFacts => ({
    ...base,
    locale: each.locale ?? locale,
    email: reachOf(each, "email"),
    sms: reachOf(each, "sms"),
  });
  return {
    id: "foreseen" as PatientId,
    patient: person(patient),
    escort: patient.escort ? person(patient.escort) : null,
    escortNumber: 1,
    escortSince: null,
    detailAccepted: patient.consents.some(({ to }) => to === "detail"),
    hold: null,
    watched: false,
    hasOpenAlert: false,
    surveyed: [],
    unsubscribed: new Set(),
    verifiedAt: null,
  };
}

function reachOf({ email, phone, consents }: PersonRequest, channel: "email" | "sms"): Reach {
  if ((channel === "email" ? email : phone) === null) return "no-address";
  return consents.some(({ to }) => to === channel) ? "reachable" : "no-consent";
}
