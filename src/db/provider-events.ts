/**
 * The inbox of what providers report: stored as it came, sealed and once each, folded into deliveries later, and purged after 30 days. A hint that is lost costs
 * seconds: whatever is not folded is found again here.
 */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import { DAY, type Instant, instant } from "../domain/calendar.ts";
import type { DeliveryId, ProviderEventId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";
import { unnest } from "./rows.ts";
import type { Vault } from "./vault.ts";

export type ProviderEvent = {
  readonly provider: "twilio" | "smtp";
  /** Null where only the report itself says what it is about. */
  readonly deliveryId: DeliveryId | null;
  /** SHA-256 over what makes the report the same report. */
  readonly fingerprint: Buffer;
  /** The report as it came; of bytes, each as one character. */
  readonly body: string;
};

/** Keeps a report, sealed, for folding; one that was seen before changes nothing and gives undefined. */
export async function insertProviderEvent(
  db: Database,
  { provider, deliveryId, fingerprint, body }: ProviderEvent,
  vault: Vault,
): Promise<ProviderEventId | undefined> {
  const id = newId<"provider-event">();
  const sealed = vault.seal(body, placeOf(id));
  const { rows } = await sql`
    insert into provider_events (id, provider, delivery_id, fingerprint, body_sealed) values (${id}, ${provider}, ${deliveryId}, ${fingerprint}, ${sealed})
    on conflict (fingerprint) do nothing returning id`.execute(db);
  return rows.length > 0 ? id : undefined;
}

/** Where a report's body stands, part of what seals it. */
export function placeOf(id: ProviderEventId) {
  return { table: "provider_events", column: "body_sealed", row: id } as const;
}

export type UnfoldedEvent = {
  readonly id: ProviderEventId;
  readonly provider: "twilio" | "smtp";
  readonly deliveryId: DeliveryId | null;
  readonly bodySealed: Buffer;
  readonly receivedAt: Instant;
};

/** Those of these reports that nobody has folded. */
export async function loadUnfolded(db: Database, ids: readonly ProviderEventId[]): Promise<UnfoldedEvent[]> {
  const { rows } = await sql<UnfoldedEvent>`
    select id, provider, delivery_id, body_sealed, received_at from provider_events where id = any(${ids}::uuid[]) and folded_at is null`.execute(
    db,
  );
  return rows;
}

/** Takes these reports for folding in this transaction; one that somebody else folds at this moment, or has folded, is not returned. */
export async function takeUnfolded(tx: Tx, ids: readonly ProviderEventId[]): Promise<Set<ProviderEventId>> {
  const { rows } = await sql<{ id: ProviderEventId }>`
    select id from provider_events where id = any(${ids}::uuid[]) and folded_at is null order by id for update skip locked`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** Reports that have waited for a while, oldest first. One of an attempt that is still under way waits for the attempt's own record. */
export async function findUnfolded(
  db: Database,
  { olderThanSeconds, limit }: { olderThanSeconds: number; limit: number },
): Promise<ProviderEventId[]> {
  const { rows } = await sql<{ id: ProviderEventId }>`
    select e.id from provider_events e left join deliveries d on d.id = e.delivery_id
    where e.folded_at is null and e.received_at < (select clock_timestamp()) - make_interval(secs => ${olderThanSeconds}) and d.state is distinct from 'sending'
    order by e.received_at limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

/** They are done with, whatever they said; `deliveryId` is what a report turned out to be about. */
export async function markFolded(tx: Tx, folded: readonly { id: ProviderEventId; deliveryId: DeliveryId | null }[]): Promise<void> {
  if (folded.length === 0) return;
  await sql`
    update provider_events e set folded_at = clock_timestamp(), delivery_id = coalesce(e.delivery_id, v.delivery_id)
    from ${toRows(folded)} as v (id, delivery_id) where e.id = v.id`.execute(tx);
}

/** What a report is about, of one that has to wait. */
export async function attribute(tx: Tx, waiting: readonly { id: ProviderEventId; deliveryId: DeliveryId | null }[]): Promise<void> {
  if (waiting.length === 0) return;
  await sql`
    update provider_events e set delivery_id = v.delivery_id from ${toRows(waiting)} as v (id, delivery_id)
    where e.id = v.id and e.delivery_id is null`.execute(tx);
}

function toRows(rows: readonly { id: ProviderEventId; deliveryId: DeliveryId | null }[]) {
  return unnest(rows, { id: ["uuid", ({ id }) => id], delivery_id: ["uuid", ({ deliveryId }) => deliveryId] });
}

const KEPT_MS = 30 * DAY;
const PURGED_AT_ONCE = 5_000;

/** Removes what was received more than 30 days before `now`, machine time; what is left over follows with the next call. Returns how many. */
export async function purgeProviderEvents(db: Database, now: Instant): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from provider_events where id in (
      select id from provider_events where id < ${firstIdAt(instant(now - KEPT_MS))}::uuid order by id limit ${PURGED_AT_ONCE})`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0);
}

/** Ids begin with the moment at which they were made, so the primary key finds the oldest. */
function firstIdAt(at: Instant): string {
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
