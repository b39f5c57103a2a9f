/** Keys of programs: `ak_<id>.<secret>`, of which only the hash of the secret is stored. Each belongs to one clinic and runs out. */
import { createHash, timingSafeEqual } from "node:crypto";
import { sql } from "kysely";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import { type ApiKeyId, type ClinicId, parsePublicId, toPublicId } from "../domain/ids.ts";
import { isScope, type Scope } from "../domain/roles.ts";
import type { Database, Tx } from "./database.ts";

export type ApiKey = { readonly id: ApiKeyId; readonly clinicId: ClinicId; readonly name: string; readonly scopes: ReadonlySet<Scope> };

export function hashSecret(secret: string): Buffer {
  return createHash("sha256").update(`api-key\0${secret}`).digest();
}

/** What the program sends. */
export function toKeyText(id: ApiKeyId, secret: string): string {
  return `${toPublicId("api-key", id)}.${secret}`;
}

/** `last_used_at` lags behind by this much, so that not every request writes. */
const USED_EVERY_SECONDS = 60;

/** The key that this text is, unless it is wrong, revoked or has run out. */
export async function findApiKey(db: Database, text: string, now: Instant): Promise<ApiKey | undefined> {
  const [idText = "", secret = "", ...rest] = text.split(".");
  const id = parsePublicId("api-key", idText);
  if (id === undefined || secret === "" || rest.length > 0) return undefined;
  const key = await db
    .selectFrom("apiKeys")
    .select(["id", "clinicId", "name", "secretHash", "scopes", "lastUsedAt"])
    .where("id", "=", id)
    .where("revokedAt", "is", null)
    .where("expiresAt", ">", sql<Instant>`${formatInstant(now)}::timestamptz`)
    .executeTakeFirst();
  if (!key || !timingSafeEqual(key.secretHash, hashSecret(secret))) return undefined;
  if (key.lastUsedAt === null || now - key.lastUsedAt > USED_EVERY_SECONDS * 1_000)
    await sql`update api_keys set last_used_at = ${formatInstant(now)} where id = ${id}`.execute(db);
  return { id, clinicId: key.clinicId, name: key.name, scopes: new Set(key.scopes.filter(isScope)) };
}

export type NewApiKey = {
  readonly id: ApiKeyId;
  readonly clinicId: ClinicId;
  readonly name: string;
  readonly secret: string;
  readonly scopes: readonly Scope[];
  readonly actor: string;
  readonly expiresAt: Instant;
};

/** How many keys of one name may be good at a time: the one in use and the one that takes its place. */
export const KEYS_OF_A_NAME = 2;

/** False when two of this name are good already. */
export async function insertApiKey(
  tx: Tx,
  { id, clinicId, name, secret, scopes, actor, expiresAt }: NewApiKey,
  now: Instant,
): Promise<boolean> {
  // Behind the clinic's lock: two at once would both see one.
  await sql`select from clinics where id = ${clinicId} for no key update`.execute(tx);
  const { rows } = await sql`
    select id from api_keys where clinic_id = ${clinicId} and name = ${name} and revoked_at is null and expires_at > ${formatInstant(now)}`.execute(
    tx,
  );
  if (rows.length >= KEYS_OF_A_NAME) return false;
  await sql`
    insert into api_keys (id, clinic_id, name, secret_hash, scopes, created_by, expires_at)
    values (${id}, ${clinicId}, ${name}, ${hashSecret(secret)}, ${[...scopes]}, ${actor}, ${formatInstant(expiresAt)})`.execute(tx);
  return true;
}

export type ApiKeyView = {
  readonly id: ApiKeyId;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  readonly lastUsedAt: Instant | null;
};

/** Every key the clinic ever had, by name, the newest first. */
export async function listApiKeys(db: Database, clinicId: ClinicId): Promise<ApiKeyView[]> {
  return db
    .selectFrom("apiKeys")
    .select(["id", "name", "scopes", "createdBy", "createdAt", "expiresAt", "revokedAt", "lastUsedAt"])
    .where("clinicId", "=", clinicId)
    .orderBy("name")
    .orderBy("id", "desc")
    .execute();
}

/** From now on it opens nothing. Undefined when there is no such key; false when it was revoked before. */
export async function revokeApiKey(tx: Tx, id: ApiKeyId): Promise<{ clinicId: ClinicId; name: string; revoked: boolean } | undefined> {
  const { rows } = await sql<{ clinicId: ClinicId; name: string; revoked: boolean }>`
    update api_keys k set revoked_at = coalesce(k.revoked_at, clock_timestamp()) from api_keys before
    where k.id = ${id} and before.id = k.id returning k.clinic_id, k.name, before.revoked_at is null as revoked`.execute(tx);
  return rows[0];
}
