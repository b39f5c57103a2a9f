/** What a request with an idempotency key was answered with, for a day; sealed, because answers may hold health information. Machine time. */
import { sql } from "kysely";
import type { Database } from "./database.ts";
import type { Vault } from "./vault.ts";

/** `caller`: whose key it is, such as `key:<id>`. */
export type IdempotencyKey = { readonly caller: string; readonly key: string };

export type KeptAnswer = { readonly status: number; readonly etag: string | null; readonly body: string };

export type Begun =
  | { readonly kind: "begun" }
  | { readonly kind: "under-way" }
  /** The key was used for something else. */
  | { readonly kind: "other-request" }
  | { readonly kind: "answered"; readonly answer: KeptAnswer };

/** A request that is not answered after so long has died with its process. What it did is found out by doing it again: a repeat of a fact stores nothing. */
const ABANDONED_SECONDS = 60;
const KEPT_HOURS = 24;

/** Takes the key for this request, or says what became of the one that has it. */
export async function beginRequest(
  db: Database,
  { caller, key }: IdempotencyKey,
  { hash, vault }: { hash: Buffer; vault: Vault },
): Promise<Begun> {
  const { rows: taken } = await sql`
    insert into idempotency_keys as k (caller, key, request_hash) values (${caller}, ${key}, ${hash})
    on conflict (caller, key) do update set request_hash = excluded.request_hash, began_at = clock_timestamp(), status = null, answer_sealed = null, etag = null
    where k.began_at < clock_timestamp() - make_interval(hours => ${KEPT_HOURS})
      or (k.status is null and k.request_hash = excluded.request_hash and k.began_at < clock_timestamp() - make_interval(secs => ${ABANDONED_SECONDS}))
    returning key`.execute(db);
  if (taken.length > 0) return { kind: "begun" };
  const row = await db
    .selectFrom("idempotencyKeys")
    .select(["requestHash", "status", "etag", "answerSealed"])
    .where("caller", "=", caller)
    .where("key", "=", key)
    .executeTakeFirst();
  // Gone since: its request failed, and the same may be asked anew in a moment.
  if (!row) return { kind: "under-way" };
  if (!row.requestHash.equals(hash)) return { kind: "other-request" };
  if (row.status === null || row.answerSealed === null) return { kind: "under-way" };
  return { kind: "answered", answer: { status: row.status, etag: row.etag, body: vault.open(row.answerSealed, placeOf({ caller, key })) } };
}

export async function keepAnswer(db: Database, id: IdempotencyKey, { answer, vault }: { answer: KeptAnswer; vault: Vault }): Promise<void> {
  const { caller, key } = id;
  await db
    .updateTable("idempotencyKeys")
    .set({ status: answer.status, etag: answer.etag, answerSealed: vault.seal(answer.body, placeOf(id)) })
    .where("caller", "=", caller)
    .where("key", "=", key)
    .execute();
}

/** The request did nothing, or nobody knows: the key is free again. */
export async function forgetRequest(db: Database, { caller, key }: IdempotencyKey): Promise<void> {
  await db.deleteFrom("idempotencyKeys").where("caller", "=", caller).where("key", "=", key).execute();
}

/** Throws away what is older than a day. Returns how many. */
export async function purgeAnswers(db: Database): Promise<number> {
  const { rows } = await sql`
    delete from idempotency_keys where began_at < clock_timestamp() - make_interval(hours => ${KEPT_HOURS}) returning key`.execute(db);
  return rows.length;
}

function placeOf({ caller, key }: IdempotencyKey) {
  return { table: "idempotency_keys", column: "answer_sealed", row: `${caller}\n${key}` };
}
