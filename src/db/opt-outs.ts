/** Addresses that want no messages on a channel, whosever they are: one row an address in the whole group. */
import { sql } from "kysely";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, GroupId, IncidentId, InboundId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import { newId } from "../clock.ts";
import type { Tx } from "./database.ts";
import { insertRows } from "./rows.ts";

export type Address = { readonly groupId: GroupId; readonly channel: "email" | "sms"; readonly addressIndex: Buffer };

/**
 * Records it; true when the address had not opted out before, or turns out to be somebody else's only now. The newest moment counts; that it is somebody else's is
 * never forgotten.
 */
export async function insertOptOut(
  tx: Tx,
  { groupId, channel, addressIndex }: Address,
  { source, at }: { source: string; at: Instant },
): Promise<boolean> {
  const { rows } = await sql<{ isNew: boolean }>`
    with before as (
      select source from opt_outs where group_id = ${groupId} and channel = ${channel} and address_index = ${addressIndex})
    insert into opt_outs (group_id, channel, address_index, source, at) values (${groupId}, ${channel}, ${addressIndex}, ${source}, ${formatInstant(at)})
    on conflict (group_id, channel, address_index) do update
      set at = greatest(opt_outs.at, excluded.at), source = case when opt_outs.source = 'wrong-number' then opt_outs.source else excluded.source end
    returning xmax = 0 or (${source} = 'wrong-number' and (select source from before) is distinct from 'wrong-number') as is_new`.execute(
    tx,
  );
  return rows[0]?.isNew ?? false;
}

/** Lifts it where it is older than `at`; of two at the same moment the opt-out stands, and so does one of a number that is somebody else's. */
export async function deleteOptOut(tx: Tx, { groupId, channel, addressIndex }: Address, at: Instant): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from opt_outs
    where group_id = ${groupId} and channel = ${channel} and address_index = ${addressIndex} and at < ${formatInstant(at)}::timestamptz
      and source <> 'wrong-number'`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

export type Owner = {
  readonly patientId: PatientId;
  readonly person: "patient" | "escort";
  readonly seriesId: SeriesId | null;
  readonly clinicId: ClinicId | null;
  readonly nextSessionId: SessionId | null;
  readonly nextStartsAt: Instant | null;
};

/** Whose address it is, with their newest series and next visit. */
export async function listOwners(tx: Tx, { groupId, channel, addressIndex }: Address): Promise<Owner[]> {
  const { rows } = await sql<Owner>`
    select c.patient_id, c.person, s.id as series_id, s.clinic_id, v.id as next_session_id, v.starts_at as next_starts_at
    from contact_points c
      left join lateral (
        select id, clinic_id from series where patient_id = c.patient_id
        order by status in ('enqueued', 'active', 'paused') desc, enqueued_at desc, id desc limit 1) s on true
      left join lateral (
        select x.id, x.starts_at from sessions x join series y on y.id = x.series_id
        where y.patient_id = c.patient_id and y.status in ('enqueued', 'active', 'paused') and x.status = 'scheduled' and x.starts_at > (select afterglow_now())
        order by x.starts_at limit 1) v on true
    where c.group_id = ${groupId} and c.channel = ${channel} and c.address_index = ${addressIndex} order by c.person desc, c.patient_id`.execute(
    tx,
  );
  return rows;
}

/** Nobody of ours is reached there: dead until staff change it. */
export async function markDead(tx: Tx, { groupId, channel, addressIndex }: Address, now: Instant): Promise<void> {
  await sql`
    update contact_points set dead_at = coalesce(dead_at, ${formatInstant(now)}::timestamptz), flagged_at = coalesce(flagged_at, ${formatInstant(now)}::timestamptz)
    where group_id = ${groupId} and channel = ${channel} and address_index = ${addressIndex}`.execute(tx);
}

export type Incident = { readonly clinicId: ClinicId; readonly patientId: PatientId | null };

/** Keeps that somebody else may have read what was meant for these patients. */
export async function insertIncidents(
  tx: Tx,
  incidents: readonly Incident[],
  { groupId, addressIndex, inboundId, at }: Pick<Address, "groupId" | "addressIndex"> & { inboundId: InboundId; at: Instant },
): Promise<void> {
  await insertRows(tx, "privacy_incidents", {
    rows: incidents,
    columns: {
      id: ["uuid", () => newId<"incident">() satisfies IncidentId],
      group_id: ["uuid", () => groupId],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      patient_id: ["uuid", ({ patientId }) => patientId],
      kind: ["text", () => "wrong-number"],
      address_index: ["bytea", () => addressIndex],
      inbound_id: ["uuid", () => inboundId],
      at: ["timestamptz", () => formatInstant(at)],
    },
  });
}
