/** What other systems read as FHIR: visits, messages and answers of one patient; reads only. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, PatientId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { Database } from "./database.ts";

export type FhirVisit = {
  readonly id: SessionId;
  readonly patientId: PatientId;
  readonly clinic: string;
  readonly kind: string;
  readonly status: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly isConfirmed: boolean;
};

/** The visits of a patient at a clinic, in order of time. */
export async function listFhirVisits(db: Database, patientId: PatientId, clinicId: ClinicId): Promise<FhirVisit[]> {
  const { rows } = await sql<FhirVisit>`
    select s.id, s.patient_id, c.slug as clinic, s.kind, s.status, s.starts_at, s.ends_at,
      exists (select from session_answers a where a.session_id = s.id and a.arming = s.arming and a.kind = 'confirmed') as is_confirmed
    from sessions s join clinics c on c.id = s.clinic_id where s.patient_id = ${patientId} and s.clinic_id = ${clinicId} order by s.starts_at, s.id`.execute(
    db,
  );
  return rows;
}

export type FhirMessage = {
  readonly id: TouchpointId;
  readonly patientId: PatientId;
  readonly sessionId: SessionId | null;
  readonly template: string;
  readonly channel: string;
  readonly recipient: string;
  readonly state: string;
  readonly reason: string | null;
  readonly endedAt: Instant | null;
  readonly providerState: string | null;
  readonly providerAt: Instant | null;
};

/** The messages to a patient, or to the escort, that have ended, in the order in which they were due. */
export async function listFhirMessages(db: Database, patientId: PatientId, clinicId: ClinicId): Promise<FhirMessage[]> {
  const { rows } = await sql<FhirMessage>`
    select t.id, t.patient_id, t.session_id, t.template, t.channel, t.recipient, t.state, t.reason, t.ended_at, d.provider_state, d.provider_at
    from series r join touchpoints t on t.series_id = r.id left join lateral (
      select provider_state, provider_at from deliveries d where d.touchpoint_id = t.id order by d.attempt desc limit 1) d on true
    where r.patient_id = ${patientId} and r.clinic_id = ${clinicId} and t.channel in ('email', 'sms') and t.state in ('sent', 'failed', 'unknown', 'sending')
    order by t.due_at, t.id`.execute(db);
  return rows;
}
