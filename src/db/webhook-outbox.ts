/** What other systems are still to be told: put here in the transaction of the fact or by the relay of the audit, claimed, tried, and ended. */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import type { Instant } from "../domain/calendar.ts";
import {
  type ClinicId,
  type DeliveryId,
  type PatientId,
  toPublicId,
  type TouchpointId,
  type WebhookEventId,
  type WebhookId,
} from "../domain/ids.ts";
import type { WebhookKind } from "../domain/webhook.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { insertRows, unnest } from "./rows.ts";

export type Telling = {
  readonly endpointId: WebhookId;
  readonly clinicId: ClinicId;
  readonly kind: string;
  readonly fact: string;
  /** Prefixed ids. */
  readonly data: Readonly<Record<string, string>>;
  /** Clinic time. */
  readonly happenedAt: Instant;
};

/** A fact that an endpoint was told of already is left out. */
export async function insertTellings(tx: Tx, rows: readonly Telling[]): Promise<void> {
  await insertRows(tx, "webhook_events", {
    rows,
    columns: {
      id: ["uuid", () => newId<"webhook-event">()],
      endpoint_id: ["uuid", ({ endpointId }) => endpointId],
      clinic_id: ["uuid", ({ clinicId }) => clinicId],
      kind: ["text", ({ kind }) => kind],
      fact: ["text", ({ fact }) => fact],
      data: ["jsonb", ({ data }) => JSON.stringify(data)],
      happened_at: ["timestamptz", ({ happenedAt }) => toTimestamp(happenedAt)],
    },
    onConflict: "on conflict (endpoint_id, fact) do nothing",
  });
}

export type Listening = {
  readonly id: WebhookId;
  readonly clinicId: ClinicId;
  readonly kinds: readonly string[];
  readonly createdAt: Instant;
};

/** Who listens at these clinics; at all of them for null. */
export async function findListening(db: Database, clinicIds: readonly ClinicId[] | null): Promise<Listening[]> {
  const { rows } = await sql<Listening>`
    select id, clinic_id, kinds, created_at from webhook_endpoints
    where removed_at is null and (${clinicIds}::uuid[] is null or clinic_id = any(${clinicIds}::uuid[]))`.execute(db);
  return rows;
}

export type ToldDelivery = {
  readonly id: DeliveryId;
  readonly touchpointId: TouchpointId;
  readonly patientId: PatientId;
  readonly clinicId: ClinicId;
  readonly kind: Extract<WebhookKind, `message.${string}`>;
};

/** That messages arrived, or did not, in the transaction that stores it. Where nobody listens it costs one look into a table that is empty or nearly so. */
export async function tellDeliveries(tx: Tx, deliveries: readonly ToldDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const listening = await findListening(tx, [...new Set(deliveries.map(({ clinicId }) => clinicId))]);
  if (listening.length === 0) return;
  const { rows } = await sql<{ now: Instant }>`select afterglow_now() as now`.execute(tx);
  const [{ now: happenedAt } = { now: undefined }] = rows;
  if (happenedAt === undefined) throw new Error("The database has no clock");
  const tellings = deliveries.flatMap(({ id, touchpointId, patientId, clinicId, kind }) =>
    listening
      .filter((endpoint) => endpoint.clinicId === clinicId && endpoint.kinds.includes(kind))
      .map((endpoint) => ({
        endpointId: endpoint.id,
        clinicId,
        kind,
        fact: `delivery/${id}/${kind}`,
        data: { touchpoint: toPublicId("touchpoint", touchpointId), patient: toPublicId("patient", patientId) },
        happenedAt,
      })),
  );
  await insertTellings(tx, tellings);
}

export type ClaimedTelling = {
  readonly id: WebhookEventId;
  readonly endpointId: WebhookId;
  readonly url: string;
  readonly secretSealed: Buffer;
  /** Null when it signs no more. */
  readonly formerSealed: Buffer | null;
  readonly clinic: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, string>>;
  readonly happenedAt: Instant;
  readonly toldAt: Instant;
  /** This one included. */
  readonly attempts: number;
};

/** Longer than a try takes: until then nobody else tries what was claimed. */
const LEASE = "60 seconds";
/** Of one endpoint at a time, so that one that hangs does not hold up the others. */
const AT_ONCE = 8;

/** Takes what is due at this moment of machine time; two processes never take the same. */
export async function claimTellings(db: Database, now: Instant): Promise<ClaimedTelling[]> {
  const at = toTimestamp(now);
  const { rows } = await sql<ClaimedTelling>`
    with due as (
      select x.id from webhook_endpoints e cross join lateral (
        select q.id from webhook_events q where q.endpoint_id = e.id and q.state = 'waiting' and q.try_at <= ${at}::timestamptz
        order by q.try_at limit ${AT_ONCE} for update skip locked) x
      where e.removed_at is null),
    taken as (
      update webhook_events w set attempts = w.attempts + 1, try_at = ${at}::timestamptz + ${LEASE}::interval from due where w.id = due.id returning w.*)
    select t.id, t.endpoint_id, e.url, e.secret_sealed, case when e.former_until > ${at}::timestamptz then e.former_sealed end as former_sealed, c.slug as clinic,
      t.kind, t.data, t.happened_at, t.told_at, t.attempts
    from taken t join webhook_endpoints e on e.id = t.endpoint_id join clinics c on c.id = t.clinic_id order by t.id`.execute(db);
  return rows;
}

export type TriedTelling = Pick<ClaimedTelling, "id" | "attempts"> & {
  readonly state: "waiting" | "delivered" | "dead";
  readonly status: number | null;
  readonly failure: string | null;
  readonly tryAt: Instant;
};

export type DeadTelling = { readonly clinicId: ClinicId; readonly data: Readonly<Record<string, string>> };

/** What became of the tries; returns those that were given up. One whose claim ran out and was taken by somebody else says nothing any more. */
export async function settleTellings(tx: Tx, tried: readonly TriedTelling[], now: Instant): Promise<DeadTelling[]> {
  if (tried.length === 0) return [];
  const rows = unnest(tried, {
    id: ["uuid", ({ id }) => id],
    attempts: ["smallint", ({ attempts }) => attempts],
    state: ["text", ({ state }) => state],
    status: ["smallint", ({ status }) => status],
    failure: ["text", ({ failure }) => failure],
    try_at: ["timestamptz", ({ tryAt }) => toTimestamp(tryAt)],
  });
  const { rows: settled } = await sql<DeadTelling>`
    with settled as (
      update webhook_events w set state = v.state, status = v.status, failure = v.failure, try_at = v.try_at,
        ended_at = case when v.state <> 'waiting' then ${toTimestamp(now)}::timestamptz end
      from ${rows} as v (id, attempts, state, status, failure, try_at) where w.id = v.id and w.attempts = v.attempts and w.state = 'waiting'
      returning w.id, w.clinic_id, w.data, w.state)
    select clinic_id, data from settled where state = 'dead' order by id`.execute(tx);
  return settled;
}

/** Lets an endpoint be told again, for another day, what was given up; returns how much. Each telling keeps its id. */
export async function reviveDead(tx: Tx, endpointId: WebhookId): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update webhook_events set state = 'waiting', attempts = 0, told_at = clock_timestamp(), try_at = clock_timestamp(), status = null, failure = null, ended_at = null
    where endpoint_id = ${endpointId} and state = 'dead'`.execute(tx);
  return Number(numAffectedRows);
}

/** Forgets what ended more than thirty days ago; how many. */
export async function purgeTellings(db: Database): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from webhook_events where state <> 'waiting' and ended_at < clock_timestamp() - interval '30 days'`.execute(db);
  return Number(numAffectedRows);
}
