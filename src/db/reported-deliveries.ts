/** Deliveries as their providers report on them: read, locked, and moved up the ladder of `provider-rank`. */
import { sql } from "kysely";
import type { ClinicId, DeliveryId, GroupId, PatientId, TouchpointId } from "../domain/ids.ts";
import type { ProviderStanding } from "../domain/fold-provider-report.ts";
import type { TouchpointState } from "../domain/touchpoint.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { unnest } from "./rows.ts";

export type ReportedDelivery = {
  readonly id: DeliveryId;
  readonly touchpointId: TouchpointId;
  readonly patientId: PatientId;
  readonly clinicId: ClinicId;
  readonly groupId: GroupId;
  readonly channel: "email" | "sms";
  readonly deliveryState: "sending" | "sent" | "refused" | "not-sent" | "unknown";
  readonly touchpointState: TouchpointState;
  readonly providerMessageId: string | null;
  readonly standing: ProviderStanding;
};

/** These deliveries as they stand. */
export async function findReported(db: Database, ids: readonly DeliveryId[]): Promise<ReportedDelivery[]> {
  return selectReported(db, ids, sql``);
}

/** The same, locked until the transaction ends: touchpoints before deliveries, each in order of their ids. */
export async function lockReported(tx: Tx, ids: readonly DeliveryId[]): Promise<ReportedDelivery[]> {
  await sql`
    select t.id from touchpoints t where t.id in (select d.touchpoint_id from deliveries d where d.id = any(${ids}::uuid[]) and d.state in ('unknown', 'not-sent'))
    order by t.id for update`.execute(tx);
  return selectReported(tx, ids, sql`order by d.id for update of d`);
}

type Row = Omit<ReportedDelivery, "standing"> & ProviderStanding;

async function selectReported(db: Database, ids: readonly DeliveryId[], tail: ReturnType<typeof sql>): Promise<ReportedDelivery[]> {
  const { rows } = await sql<Row>`
    select d.id, d.touchpoint_id, t.patient_id, d.clinic_id, c.group_id, d.channel, d.state as delivery_state, t.state as touchpoint_state, d.provider_message_id,
      d.rank, d.provider_state as state, d.provider_code as code, d.provider_at as at
    from deliveries d join touchpoints t on t.id = d.touchpoint_id join clinics c on c.id = d.clinic_id
    where d.id = any(${ids}::uuid[]) ${tail}`.execute(db);
  return rows.map(({ rank, state, code, at, ...row }) => ({ ...row, standing: { rank, state, code, at } }));
}

/** The attempt at a mail that a report of its touchpoint speaks of: the newest that was not turned away. */
export async function findMailDeliveries(db: Database, ids: readonly TouchpointId[]): Promise<Map<TouchpointId, DeliveryId>> {
  const { rows } = await sql<{ touchpointId: TouchpointId; id: DeliveryId }>`
    select distinct on (touchpoint_id) touchpoint_id, id from deliveries
    where touchpoint_id = any(${ids}::uuid[]) and channel = 'email' and state in ('sent', 'unknown', 'sending') order by touchpoint_id, attempt desc`.execute(
    db,
  );
  return new Map(rows.map(({ touchpointId, id }) => [touchpointId, id]));
}

export type NewStanding = { readonly id: DeliveryId; readonly sid: string | null; readonly standing: ProviderStanding };

/**
 * Stores how far they have come. Whatever a provider reports on, it had taken: an attempt of which that was not known is sent. `sid` is the provider's id, kept
 * where it is not known yet and no other delivery has it.
 */
export async function storeStandings(tx: Tx, changed: readonly NewStanding[]): Promise<void> {
  if (changed.length === 0) return;
  const rows = unnest(changed, {
    id: ["uuid", ({ id }) => id],
    sid: ["text", ({ sid }) => sid],
    rank: ["smallint", ({ standing }) => standing.rank],
    provider_state: ["text", ({ standing }) => standing.state],
    provider_code: ["text", ({ standing }) => standing.code],
    provider_at: ["timestamptz", ({ standing: { at } }) => (at === null ? null : toTimestamp(at))],
  });
  await sql`
    update deliveries d set rank = v.rank, provider_state = v.provider_state, provider_code = v.provider_code, provider_at = v.provider_at,
      state = case when d.state in ('unknown', 'not-sent') then 'sent' else d.state end,
      provider_message_id = coalesce(d.provider_message_id, case when not exists (
        select from deliveries o where o.channel = 'sms' and o.provider_message_id = v.sid) then v.sid end)
    from ${rows} as v (id, sid, rank, provider_state, provider_code, provider_at) where d.id = v.id`.execute(tx);
}
