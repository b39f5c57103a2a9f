/** The inbox as the console lists it, page by page by key, what staff have written, and numbers that turned out to be somebody else's; reads only. Sealed values still sealed. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, InboundId, IncidentId, PatientId, TouchpointId } from "../domain/ids.ts";
import type { Database } from "./database.ts";
import type { PageWish } from "./view-lists.ts";

export type InboxEntry = {
  readonly id: InboundId;
  readonly clinicId: ClinicId;
  readonly kind: string | null;
  readonly patientId: PatientId | null;
  readonly refSealed: Buffer | null;
  readonly nameSealed: Buffer | null;
  readonly phoneSealed: Buffer | null;
  readonly fromSealed: Buffer;
  readonly bodySealed: Buffer;
  /** Of the visit it is about. */
  readonly session: number | null;
  readonly media: number;
  /** Stem of our automatic answer. */
  readonly answer: string | null;
  readonly hasAlert: boolean;
  readonly receivedAt: Instant;
  readonly inbox: "open" | "closed" | null;
  readonly closedBy: string | null;
  readonly order: string;
  /** Clinic time. */
  readonly now: Instant;
};

export type InboxShow = "open" | "closed" | "all";

/** What waits to be read, oldest first; what was read, or whatever came, the newest first. */
export async function listInbox(
  db: Database,
  { clinicId, show }: { readonly clinicId: ClinicId; readonly show: InboxShow },
  { after, limit }: PageWish,
): Promise<InboxEntry[]> {
  const [at, id] = after ?? [null, null];
  const which = show === "all" ? sql`true` : sql`m.inbox = ${show}`;
  const isBeyond =
    show === "open"
      ? sql`(m.received_at, m.id) > (${at}::timestamptz, ${id}::uuid)`
      : sql`(m.received_at, m.id) < (${at}::timestamptz, ${id}::uuid)`;
  const order = show === "open" ? sql`m.received_at, m.id` : sql`m.received_at desc, m.id desc`;
  const { rows } = await sql<InboxEntry>`
    select m.id, m.clinic_id, m.kind, m.patient_id, p.ref_sealed, p.name_sealed, p.phone_sealed, m.from_sealed, m.body_sealed, v.number as session, m.media,
      m.answer, exists (select from alerts a where a.source_id = m.id) as has_alert, m.received_at, m.inbox, m.closed_by, m.received_at::text as "order",
      (select afterglow_now()) as now
    from inbound_messages m left join patients p on p.id = m.patient_id left join sessions v on v.id = m.session_id
    where m.clinic_id = ${clinicId} and ${which} and (${at}::timestamptz is null or ${isBeyond})
    order by ${order} limit ${limit}`.execute(db);
  return rows;
}

export type WaitingMessage = {
  readonly touchpointId: TouchpointId;
  readonly bodySealed: Buffer;
  readonly actor: string;
  readonly state: string;
  readonly reason: string | null;
  readonly tryAt: Instant;
};

/** What staff wrote to somebody and has not gone yet, oldest first. */
export async function listWaitingMessages(db: Database, patientId: PatientId): Promise<WaitingMessage[]> {
  const { rows } = await sql<WaitingMessage>`
    select w.touchpoint_id, w.body_sealed, w.actor, t.state, t.reason, t.try_at
    from series s join touchpoints t on t.series_id = s.id join staff_messages w on w.touchpoint_id = t.id
    where s.patient_id = ${patientId} and t.template = 'staff-message' and t.state in ('planned', 'held') order by t.id limit 20`.execute(
    db,
  );
  return rows;
}

export type IncidentView = {
  readonly id: IncidentId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId | null;
  readonly refSealed: Buffer | null;
  readonly nameSealed: Buffer | null;
  readonly phoneSealed: Buffer | null;
  readonly inboundId: InboundId | null;
  readonly at: Instant;
  readonly closedAt: Instant | null;
  readonly order: string;
  /** Clinic time. */
  readonly now: Instant;
};

/** Numbers that turned out to be somebody else's, the newest first. */
export async function listIncidents(db: Database, clinicId: ClinicId, { after, limit }: PageWish): Promise<IncidentView[]> {
  const [at, id] = after ?? [null, null];
  const { rows } = await sql<IncidentView>`
    select i.id, i.clinic_id, i.patient_id, p.ref_sealed, p.name_sealed, p.phone_sealed, i.inbound_id, i.at, i.closed_at, i.at::text as "order", (select afterglow_now()) as now
    from privacy_incidents i left join patients p on p.id = i.patient_id
    where i.clinic_id = ${clinicId} and (${at}::timestamptz is null or (i.at, i.id) < (${at}::timestamptz, ${id}::uuid))
    order by i.at desc, i.id desc limit ${limit}`.execute(db);
  return rows;
}
