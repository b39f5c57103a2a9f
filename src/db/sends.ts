/** The statements of a send: take tokens from the sender's rate bucket, claim, record. All set-based, all named. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { DeliveryId, PatientId, SenderId, TouchpointId, WorkerId } from "../domain/ids.ts";
import { type Database, toTimestamp } from "./database.ts";
import { unnest, unnestMany } from "./rows.ts";

/**
 * Takes `wanted` tokens, or a tenth of a second's worth if that is more, as far as they are there; returns how many were, and in how many milliseconds of
 * machine time the next one will be. Does not wait for the disk: what a crash of PostgreSQL forgets are a moment's tokens.
 */
export async function takeTokens(db: Database, senderId: SenderId, wanted: number): Promise<{ granted: number; nextInMs: number }> {
  const { rows } = await sql<{ granted: number; nextInMs: number }>`
    with bucket as (
      select sender_id, per_second, least(burst, tokens + greatest(0, extract(epoch from clock_timestamp() - refilled_at)) * per_second) as available
      from rate_buckets where sender_id = ${senderId} for update)
    update rate_buckets b set tokens = k.available - least(floor(k.available), greatest(${wanted}::integer, floor(k.per_second / 10))), refilled_at = clock_timestamp()
    from bucket k, (select set_config('synchronous_commit', 'off', true)) as unhurried where b.sender_id = k.sender_id
    returning least(floor(k.available), greatest(${wanted}::integer, floor(k.per_second / 10)))::integer as granted, greatest(1, ceil((1 - (k.available - floor(k.available))) / k.per_second * 1000))::integer as next_in_ms`.execute(
    db,
  );
  if (rows[0]) return rows[0];
  await mendBucket(db, senderId);
  return { granted: 0, nextInMs: 1_000 };
}

/** A sender without a bucket would send nothing for ever and say so nowhere: it goes on slowly, until its clinic is saved again with its own rate. */
async function mendBucket(db: Database, senderId: SenderId): Promise<void> {
  await sql`
    insert into rate_buckets (sender_id, per_second, burst, tokens) select id, 1, 1, 1 from senders where id = ${senderId}
    on conflict (sender_id) do nothing`.execute(db);
}

export type Claim = {
  readonly id: TouchpointId;
  readonly deliveryId: DeliveryId;
  readonly contentHash: Buffer;
  readonly addressIndex: Buffer;
  /** The row's, as it was loaded; null: whichever it is. */
  readonly version: string | null;
};

/**
 * The right to send: a guarded update and the delivery rows, in one statement. Rows lost to a newer fact, to another worker or to the hour are simply not
 * returned, nor are those of which anything was changed since they were loaded: the plan's row, a fact about the patient, the address. A row that a producer
 * holds is skipped rather than waited for: its fact decides first.
 */
export async function claimTouchpoints(
  db: Database,
  claims: readonly Claim[],
  { workerId, channel }: { workerId: WorkerId; channel: "email" | "sms" },
): Promise<{ id: TouchpointId; attempt: number }[]> {
  const wanted = unnest(claims, {
    id: ["uuid", ({ id }) => id],
    delivery_id: ["uuid", ({ deliveryId }) => deliveryId],
    content_hash: ["bytea", ({ contentHash }) => contentHash],
    address_index: ["bytea", ({ addressIndex }) => addressIndex],
    version: ["text", ({ version }) => version],
  });
  const { rows } = await sql<{ id: TouchpointId; attempt: number }>`
    with claimed as (
      update touchpoints t set state = 'sending', worker_id = ${workerId}, claimed_at = clock_timestamp(), attempts = t.attempts + 1
      from (
        select c.id, w.delivery_id, w.content_hash, w.version from ${wanted} as w (id, delivery_id, content_hash, address_index, version)
          join claimable_touchpoints c on c.id = w.id
          join contact_points a on a.patient_id = c.patient_id and a.person = c.recipient and a.channel = c.channel and a.address_index = w.address_index
        where c.try_at <= (select afterglow_now()) and c.legal_at @> (select afterglow_now())
        for update of c skip locked) as free
      where t.id = free.id and (free.version is null or t.xmin::text = free.version)
      returning t.id, t.clinic_id, t.attempts, free.delivery_id, free.content_hash)
    insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, state, content_hash)
    select delivery_id, id, clinic_id, ${workerId}, attempts, ${channel}, 'sending', content_hash from claimed
    returning touchpoint_id as id, attempt`.execute(db);
  return rows;
}

export type Evidence = {
  readonly id: TouchpointId;
  readonly deliveryId: DeliveryId;
  readonly attempt: number;
  readonly deliveryState: "sent" | "refused" | "not-sent" | "unknown";
  readonly touchpointState: "sent" | "failed" | "planned" | "unknown";
  readonly reason: string | null;
  readonly providerMessageId: string | null;
  readonly code: string | null;
  readonly calledAt: Instant;
  readonly answeredAt: Instant;
  readonly latenessMs: number;
  /** Clinic time until the next try, in seconds; only for `planned`. */
  readonly backOffSeconds: number;
};

export type Recorded = {
  /** Whose state this evidence decided. */
  readonly touchpoints: readonly TouchpointId[];
  /** Attempts that had no answer until now; of one that came late, the touchpoint may be elsewhere by now. */
  readonly deliveries: readonly DeliveryId[];
};

/**
 * Records what the provider said, in one statement. Accepts `sending` and `unknown` with the same attempt: late evidence settles an unknown and is never
 * fenced away. So does a refusal that comes while staff are asked about it. A row that a fact made unwanted meanwhile is superseded instead of planned again. No back-off goes past the
 * last moment: then is the time to end it, and to have somebody call. A text's id that another attempt was found under stays there. What ends superseded was
 * not said, and the plan that let go of it counted on its having been said, perhaps: it is made again.
 *
 * The deliveries are named by their ids as well: joined alone, a plan made while the table was small walks through all of it, for as long as the connection has
 * that plan.
 */
export async function recordEvidence(db: Database, evidence: readonly Evidence[]): Promise<Recorded> {
  const values = unnestMany(evidence, {
    id: ["uuid", ({ id }) => id],
    delivery_id: ["uuid", ({ deliveryId }) => deliveryId],
    attempt: ["smallint", ({ attempt }) => attempt],
    delivery_state: ["text", ({ deliveryState }) => deliveryState],
    touchpoint_state: ["text", ({ touchpointState }) => touchpointState],
    reason: ["text", ({ reason }) => reason],
    provider_message_id: ["text", ({ providerMessageId }) => providerMessageId],
    code: ["text", ({ code }) => code],
    called_at: ["timestamptz", ({ calledAt }) => toTimestamp(calledAt)],
    answered_at: ["timestamptz", ({ answeredAt }) => toTimestamp(answeredAt)],
    lateness_ms: ["integer", ({ latenessMs }) => latenessMs],
    back_off: ["double precision", ({ backOffSeconds }) => backOffSeconds],
  });
  const { rows } = await sql<{ id: TouchpointId | null; state: string | null; patientId: PatientId | null; deliveryId: DeliveryId | null }>`
    with e as materialized (select * from ${values}
        as v (id, delivery_id, attempt, delivery_state, touchpoint_state, reason, provider_message_id, code, called_at, answered_at, lateness_ms, back_off, row_number)),
    settled as (
      update deliveries d set state = e.delivery_state, code = e.code, called_at = e.called_at, answered_at = e.answered_at, lateness_ms = e.lateness_ms,
        provider_message_id = case when d.channel = 'sms' and exists (
          select from deliveries o where o.channel = 'sms' and o.provider_message_id = e.provider_message_id and o.id <> d.id)
          then null else e.provider_message_id end
      from e where d.id = e.delivery_id and d.id = any(${evidence.map(({ deliveryId }) => deliveryId)}::uuid[]) and d.state in ('sending', 'unknown')
      returning d.id, d.touchpoint_id),
    recorded as (
      update touchpoints t set
        state = case when e.touchpoint_state = 'planned' and t.unwanted_at is not null then 'superseded' else e.touchpoint_state end,
        reason = e.reason, hinted_at = null,
        ended_at = case when e.touchpoint_state in ('sent', 'failed') then clock_timestamp() end,
        try_at = case when e.touchpoint_state = 'planned'
          then least(t.send_by, (select afterglow_now()) + make_interval(secs => e.back_off * (select case mode when 'scaled' then scale else 1 end from clinic_clock)))
          else t.try_at end
      from e where t.id = e.id and t.id = any(${evidence.map(({ id }) => id)}::uuid[]) and t.attempts = e.attempt
        and (t.state in ('sending', 'unknown') or (e.touchpoint_state = 'failed' and t.state = 'held' and t.reason = 'unknown'))
      returning t.id, t.state, t.patient_id)
    select r.id, r.state, r.patient_id, s.id as delivery_id from recorded r full join settled s on s.touchpoint_id = r.id`.execute(db);
  const unsaid = rows.filter(({ state }) => state === "superseded").map(({ patientId }) => patientId);
  // A statement of its own: as a part of the one above it is planned as a walk through all patients, for every record.
  if (unsaid.length > 0)
    await sql`
      update patients set plan_revision = plan_revision + 1, unplanned_since = coalesce(unplanned_since, clock_timestamp())
      where id = any(${unsaid}::uuid[])`.execute(db);
  return { touchpoints: rows.flatMap(({ id }) => id ?? []), deliveries: rows.flatMap(({ deliveryId }) => deliveryId ?? []) };
}
