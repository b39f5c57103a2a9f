/** The addresses that a clinic tells of what happens, and their signing secrets, which are sealed and shown once. */
import { sql } from "kysely";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, WebhookId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";
import type { Vault } from "./vault.ts";

const place = (column: string, row: WebhookId) => ({ table: "webhook_endpoints", column, row });

/** Opens a secret where it stands. */
export function openSecret(vault: Vault, sealed: Buffer, { id, column }: { id: WebhookId; column: "secret" | "former" }): string {
  return vault.open(sealed, place(`${column}_sealed`, id));
}

export type NewEndpoint = {
  readonly id: WebhookId;
  readonly clinicId: ClinicId;
  readonly url: string;
  readonly secret: string;
  readonly kinds: readonly string[];
  readonly actor: string;
};

/** The first address of all hears of what is recorded from now on, not of the whole audit. */
export async function insertEndpoint(tx: Tx, vault: Vault, { id, clinicId, url, secret, kinds, actor }: NewEndpoint): Promise<void> {
  await sql`
    update webhook_relay set seen_id = null, holders = '{}', event_id = greatest(event_id, (select case when is_called then last_value else 0 end from events_id_seq))
    where not exists (select from webhook_endpoints where removed_at is null)`.execute(tx);
  await sql`
    insert into webhook_endpoints (id, clinic_id, url, secret_sealed, kinds, created_by)
    values (${id}, ${clinicId}, ${url}, ${vault.seal(secret, place("secret_sealed", id))}, ${[...kinds]}, ${actor})`.execute(tx);
}

export type Endpoint = { readonly id: WebhookId; readonly clinicId: ClinicId; readonly url: string };

/** Locked until the transaction ends; undefined when there is none, or it was removed. */
export async function lockEndpoint(tx: Tx, id: WebhookId): Promise<Endpoint | undefined> {
  const { rows } = await sql<Endpoint>`
    select id, clinic_id, url from webhook_endpoints where id = ${id} and removed_at is null for no key update`.execute(tx);
  return rows[0];
}

type Rotation = { readonly secret: string; readonly formerUntil: Instant };

/** The present secret becomes the former one, sealed for its new place. */
export async function rotateSecret(
  tx: Tx,
  vault: Vault,
  { id, secret, formerUntil }: Rotation & { readonly id: WebhookId },
): Promise<void> {
  const { secretSealed } = await tx.selectFrom("webhookEndpoints").select("secretSealed").where("id", "=", id).executeTakeFirstOrThrow();
  const former = openSecret(vault, secretSealed, { id, column: "secret" });
  await sql`
    update webhook_endpoints set secret_sealed = ${vault.seal(secret, place("secret_sealed", id))},
      former_sealed = ${vault.seal(former, place("former_sealed", id))}, former_until = ${formatInstant(formerUntil)} where id = ${id}`.execute(
    tx,
  );
}

/** It is told of nothing any more, not even of what waits. */
export async function removeEndpoint(tx: Tx, id: WebhookId): Promise<void> {
  await sql`update webhook_endpoints set removed_at = clock_timestamp() where id = ${id}`.execute(tx);
  await sql`delete from webhook_events where endpoint_id = ${id} and state = 'waiting'`.execute(tx);
}

export type EndpointView = {
  readonly id: WebhookId;
  readonly url: string;
  readonly kinds: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly formerUntil: Instant | null;
  readonly waiting: number;
  /** Given up in the last thirty days: what they missed must be read over the API. */
  readonly dead: number;
  readonly deliveredAt: Instant | null;
  /** Of the last try that failed and has not been made good: a status or a code. */
  readonly failing: string | null;
};

/** What a clinic tells to whom, and how that goes; the oldest first. */
export async function listEndpoints(db: Database, clinicId: ClinicId): Promise<EndpointView[]> {
  const { rows } = await sql<EndpointView>`
    select e.id, e.url, e.kinds, e.created_by, e.created_at, e.former_until, coalesce(w.waiting, 0) as waiting, coalesce(w.dead, 0) as dead, w.delivered_at, f.failing
    from webhook_endpoints e
    left join lateral (select count(*) filter (where state = 'waiting')::integer as waiting, count(*) filter (where state = 'dead')::integer as dead,
      max(ended_at) filter (where state = 'delivered') as delivered_at from webhook_events where endpoint_id = e.id) w on true
    left join lateral (select case when failure = 'answered' then 'answered ' || status else coalesce(failure, status::text) end as failing from webhook_events
      where endpoint_id = e.id and attempts > 0 and state <> 'delivered' and (failure is not null or status is not null) order by try_at desc limit 1) f on true
    where e.clinic_id = ${clinicId} and e.removed_at is null order by e.id`.execute(db);
  return rows;
}
