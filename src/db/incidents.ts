/** Privacy incidents, listed and closed. Who the patient is stays sealed; the note of whoever closed one is, too. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, InboundId, IncidentId, PatientId } from "../domain/ids.ts";
import type { IncidentOutcome, IncidentState } from "../domain/incident.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import type { PageWish } from "./view-lists.ts";

export type Incident = {
  readonly id: IncidentId;
  readonly clinicId: ClinicId;
  /** Slug. */
  readonly clinic: string;
  readonly clinicZone: Zone;
  readonly kind: string;
  /** Null: no chart had the number. */
  readonly patientId: PatientId | null;
  readonly refSealed: Buffer | null;
  /** The text that said it. */
  readonly inboundId: InboundId | null;
  readonly at: Instant;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
  readonly outcome: IncidentOutcome | null;
  readonly noteSealed: Buffer | null;
  /** What the next page is asked for by. */
  readonly order: string;
};

export type IncidentFilter = { readonly clinicId: ClinicId | null; readonly state: IncidentState | null };

const INCIDENT = sql`
  i.id, i.clinic_id, c.slug as clinic, c.zone as clinic_zone, i.kind, i.patient_id, p.ref_sealed, i.inbound_id, i.at, i.closed_at, i.closed_by, i.outcome,
  i.note_sealed, to_char(i.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "order"
  from privacy_incidents i join clinics c on c.id = i.clinic_id left join patients p on p.id = i.patient_id`;

/** The oldest first: it has waited longest. */
export async function listIncidentsPage(
  db: Database,
  { clinicId, state }: IncidentFilter,
  { after, limit }: PageWish,
): Promise<Incident[]> {
  const [at, id] = after ?? [null, null];
  const { rows } = await sql<Incident>`
    select ${INCIDENT}
    where (${clinicId}::uuid is null or i.clinic_id = ${clinicId}::uuid)
      and (${state}::text is null or ${state}::text = case when i.closed_at is null then 'open' else 'closed' end)
      and (${at}::timestamptz is null or (i.at, i.id) > (${at}::timestamptz, ${id}::uuid))
    order by i.at, i.id limit ${limit}`.execute(db);
  return rows;
}

export async function findIncident(db: Database, id: IncidentId): Promise<Incident | undefined> {
  const { rows } = await sql<Incident>`select ${INCIDENT} where i.id = ${id}`.execute(db);
  return rows[0];
}

export type LockedIncident = Pick<Incident, "id" | "clinicId" | "patientId" | "closedBy" | "outcome"> & { readonly isClosed: boolean };

/** Locked until the transaction ends; undefined when there is none. */
export async function lockIncident(tx: Tx, id: IncidentId): Promise<LockedIncident | undefined> {
  const { rows } = await sql<LockedIncident>`
    select id, clinic_id, patient_id, closed_by, outcome, closed_at is not null as is_closed from privacy_incidents where id = ${id} for update`.execute(
    tx,
  );
  return rows[0];
}

type Closing = {
  readonly outcome: IncidentOutcome;
  readonly noteSealed: Buffer | null;
  readonly closedBy: string;
  readonly closedAt: Instant;
};

export async function writeIncidentClosed(tx: Tx, id: IncidentId, { closedAt, ...columns }: Closing): Promise<void> {
  await tx
    .updateTable("privacyIncidents")
    .set({ ...columns, closedAt: toTimestamp(closedAt) })
    .where("id", "=", id)
    .execute();
}

/** Where the note of whoever closed one is sealed. */
export function placeOfIncidentNote(id: IncidentId): { table: string; column: string; row: string } {
  return { table: "privacy_incidents", column: "note_sealed", row: id };
}
