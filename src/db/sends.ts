/** The statements of a send: load a hint's rows, take tokens from the sender's rate bucket, claim, record. All set-based, all named. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ApprovalId, DeliveryId, LinkId, SenderId, SeriesId, SessionId, TouchpointId, WorkerId } from "../domain/ids.ts";
import type { PatientId } from "../domain/ids.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { unnest } from "./rows.ts";

/** A touchpoint with everything its message is written from; sealed values still sealed. */
export type SendRow = {
  readonly id: TouchpointId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
  readonly senderId: SenderId;
  readonly template: string;
  readonly rule: string;
  readonly purpose: string;
  readonly locale: string;
  readonly zone: string;
  readonly recipient: "patient" | "escort";
  readonly attempts: number;
  readonly firstTryAt: Instant;
  readonly expiresAt: Instant;
  readonly now: Instant;
  /** Machine time at which clinic time reached the first try; lateness is measured from it. */
  readonly reachedAt: Instant;
  readonly senderAddress: string;
  readonly senderName: string;
  readonly clinicName: string;
  readonly clinicPhone: string;
  readonly clinicZone: string;
  readonly staffedHours: unknown;
  readonly clinicAddress: string | null;
  readonly approvalId: ApprovalId;
  readonly patientNameSealed: Buffer;
  readonly patientRefSealed: Buffer;
  readonly detailAccepted: boolean;
  readonly escortNameSealed: Buffer | null;
  readonly addressSealed: Buffer | null;
  /** Which column the address stands in, part of what seals it. */
  readonly addressColumn: "email_sealed" | "phone_sealed";
  readonly linkId: LinkId;
  readonly linkGeneration: number;
  readonly linkKeyId: string;
  readonly kind: string | null;
  readonly setting: string | null;
  readonly sessionZone: string | null;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly dischargedAt: Instant | null;
  readonly place: string | null;
  readonly withWhom: string | null;
  readonly joinUrl: string | null;
  readonly sequence: number | null;
};

/** The rows of a hint that may be sent now, as far as can be seen before claiming. */
export async function loadForSending(db: Database, ids: readonly TouchpointId[], channel: "email" | "sms"): Promise<SendRow[]> {
  const addressColumn = channel === "email" ? "email_sealed" : "phone_sealed";
  const address = sql.raw(addressColumn);
  const { rows } = await sql<SendRow>`
    select t.id, t.patient_id, t.series_id, t.session_id, t.sender_id, t.template, t.rule, t.purpose, t.locale, t.zone, t.recipient, t.attempts, t.first_try_at,
      t.expires_at, (select afterglow_now()) as now, 
      case k.mode when 'real' then t.first_try_at when 'stepped' then k.machine_at else k.machine_at + (t.first_try_at - k.clinic_at) / k.scale end as reached_at,
      d.address as sender_address, d.name as sender_name, c.name as clinic_name, c.phone as clinic_phone, c.zone as clinic_zone, c.staffed_hours,
      c.address as clinic_address, s.approval_id, p.name_sealed as patient_name_sealed, p.ref_sealed as patient_ref_sealed, p.detail_accepted,
      e.name_sealed as escort_name_sealed, case t.recipient when 'escort' then e.${address} else p.${address} end as address_sealed, ${sql.lit(addressColumn)} as address_column,
      l.id as link_id, l.generation as link_generation, l.key_id as link_key_id,
      v.kind, v.setting, v.zone as session_zone, v.starts_at, v.ends_at, v.discharged_at, v.place, v.with_whom, v.join_url, v.sequence
    from claimable_touchpoints t
      cross join clinic_clock k
      join senders d on d.id = t.sender_id
      join clinics c on c.id = t.clinic_id
      join series s on s.id = t.series_id
      join patients p on p.id = t.patient_id
      join links l on l.id = t.link_id
      left join escorts e on e.patient_id = t.patient_id
      left join sessions v on v.id = t.session_id
    where t.id = any(${ids}::uuid[]) and t.channel = ${channel} and t.try_at <= (select afterglow_now()) and t.legal_at @> (select afterglow_now())`.execute(
    db,
  );
  return rows;
}

export type SessionOfSeries = {
  readonly id: SessionId;
  readonly seriesId: SeriesId;
  readonly patientId: PatientId;
  readonly kind: string;
  readonly setting: string;
  readonly zone: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly dischargedAt: Instant | null;
  readonly place: string | null;
  readonly withWhom: string | null;
  readonly joinUrl: string | null;
};

/** Sessions still to take place of these series, in order of time, for messages that list them. */
export async function loadUpcomingSessions(db: Database, seriesIds: readonly SeriesId[]): Promise<SessionOfSeries[]> {
  const { rows } = await sql<SessionOfSeries>`
    select id, series_id, patient_id, kind, setting, zone, starts_at, ends_at, discharged_at, place, with_whom, join_url from sessions
    where series_id = any(${seriesIds}::uuid[]) and status = 'scheduled' and starts_at > (select afterglow_now()) order by starts_at`.execute(
    db,
  );
  return rows;
}

/**
 * Takes up to `wanted` tokens; returns how many were there, and in how many milliseconds of machine time the next one will be. Does not wait for the disk: what
 * a crash of PostgreSQL forgets are a moment's tokens.
 */
export async function takeTokens(db: Database, senderId: SenderId, wanted: number): Promise<{ granted: number; nextInMs: number }> {
  const { rows } = await sql<{ granted: number; nextInMs: number }>`
    with bucket as (
      select sender_id, per_second, least(burst, tokens + greatest(0, extract(epoch from clock_timestamp() - refilled_at)) * per_second) as available
      from rate_buckets where sender_id = ${senderId} for update)
    update rate_buckets b set tokens = k.available - least(floor(k.available), ${wanted}::integer), refilled_at = clock_timestamp()
    from bucket k, (select set_config('synchronous_commit', 'off', true)) as unhurried where b.sender_id = k.sender_id
    returning least(floor(k.available), ${wanted}::integer)::integer as granted, greatest(1, ceil((1 - (k.available - floor(k.available))) / k.per_second * 1000))::integer as next_in_ms`.execute(
    db,
  );
  return rows[0] ?? { granted: 0, nextInMs: 1_000 };
}

export type Claim = { readonly id: TouchpointId; readonly deliveryId: DeliveryId; readonly contentHash: Buffer };

/**
 * The right to send: a guarded update and the delivery rows, in one statement. Rows lost to a newer fact, to another worker or to the hour are simply not
 * returned. A row that a producer holds is skipped rather than waited for: its fact decides first.
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
  });
  const { rows } = await sql<{ id: TouchpointId; attempt: number }>`
    with wanted as (select * from ${wanted} as w (id, delivery_id, content_hash)),
    claimed as (
      update touchpoints t set state = 'sending', worker_id = ${workerId}, claimed_at = clock_timestamp(), attempts = t.attempts + 1
      where t.id in (
        select c.id from claimable_touchpoints c
        where c.id = any(${claims.map(({ id }) => id)}::uuid[]) and c.try_at <= (select afterglow_now()) and c.legal_at @> (select afterglow_now())
        for update of c skip locked)
      returning t.id, t.clinic_id, t.attempts)
    insert into deliveries (id, touchpoint_id, clinic_id, worker_id, attempt, channel, state, content_hash)
    select w.delivery_id, c.id, c.clinic_id, ${workerId}, c.attempts, ${channel}, 'sending', w.content_hash from claimed c join wanted w on w.id = c.id
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

/**
 * Records what the provider said, in one statement. Accepts `sending` and `unknown` with the same attempt: late evidence settles an unknown and is never
 * fenced away. A row that a fact made unwanted meanwhile is superseded instead of planned again. No back-off goes past the
 * last moment: then is the time to end it, and to have somebody call.
 */
export async function recordEvidence(db: Database, evidence: readonly Evidence[]): Promise<TouchpointId[]> {
  const values = unnest(evidence, {
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
  const { rows } = await sql<{ id: TouchpointId }>`
    with e as (select * from ${values}
        as v (id, delivery_id, attempt, delivery_state, touchpoint_state, reason, provider_message_id, code, called_at, answered_at, lateness_ms, back_off)),
    settled as (
      update deliveries d set state = e.delivery_state, provider_message_id = e.provider_message_id, code = e.code, called_at = e.called_at,
        answered_at = e.answered_at, lateness_ms = e.lateness_ms
      from e where d.id = e.delivery_id and d.state in ('sending', 'unknown'))
    update touchpoints t set
      state = case when e.touchpoint_state = 'planned' and t.unwanted_at is not null then 'superseded' else e.touchpoint_state end,
      reason = e.reason, hinted_at = null,
      try_at = case when e.touchpoint_state = 'planned'
        then least(t.send_by, (select afterglow_now()) + make_interval(secs => e.back_off * (select case mode when 'scaled' then scale else 1 end from clinic_clock)))
        else t.try_at end
    from e where t.id = e.id and t.attempts = e.attempt and t.state in ('sending', 'unknown')
    returning t.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** An address that the provider says does not exist is dead until staff change it; an opt-out told by the carrier is ours too. The plans follow. */
export async function markAddresses(tx: Tx, ids: readonly TouchpointId[], why: "dead" | "opted-out"): Promise<PatientId[]> {
  const contacts = sql`
    select t.patient_id, c.person, c.channel, c.group_id, c.address_index from touchpoints t
    join contact_points c on c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel
    where t.id = any(${ids}::uuid[]) and c.address_index is not null`;
  if (why === "opted-out")
    await sql`
      insert into opt_outs (group_id, channel, address_index, source, at)
      select distinct group_id, channel, address_index, 'carrier', (select afterglow_now()) from (${contacts}) a on conflict do nothing`.execute(
      tx,
    );
  const { rows } = await sql<{ patientId: PatientId }>`
    with a as (${contacts}),
    marked as (
      update contact_points c set dead_at = case when ${why} = 'dead' then coalesce(c.dead_at, (select afterglow_now())) else c.dead_at end
      from a where c.group_id = a.group_id and c.channel = a.channel and c.address_index = a.address_index returning c.patient_id)
    select distinct patient_id from marked`.execute(tx);
  return rows.map(({ patientId }) => patientId);
}
