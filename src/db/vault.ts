/**
 * Seals what identifies a person, and finds it again. AES-256-GCM bound to table, column and row, so that a value moved elsewhere does not open; a key ring, so
 * that keys rotate; HMAC-SHA-256 blind indexes under a key of their own.
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomFillSync } from "node:crypto";
import type { KeyRing } from "../config.ts";

/** Where a sealed value stands; part of what is authenticated. */
export type Place = { readonly table: string; readonly column: string; readonly row: string };

export type Vault = {
  seal(text: string, place: Place): Buffer;
  /** Throws {@link SealBroken} when the value was changed, moved, or sealed under a key that is not on the ring. */
  open(sealed: Buffer, place: Place): string;
  /** Equal values of one kind give equal indexes; the value cannot be read from it without the key. */
  blindIndex(kind: "ref" | "phone" | "email" | "external-id", value: string): Buffer;
  /** A keyed hash, for content that must be compared and not kept. */
  keyedHash(purpose: string, ...contents: string[]): Buffer;
};

export class SealBroken extends Error {
  readonly place: Place;
  constructor(place: Place, options?: ErrorOptions) {
    super(`A sealed value of ${place.table}.${place.column} does not open`, options);
    this.name = "SealBroken";
    this.place = place;
  }
}

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Layout: format (1 byte), length of the key id (1), key id, nonce (12), tag (16), ciphertext. */
export function makeVault({ ring, indexKey }: { ring: KeyRing; indexKey: Buffer }): Vault {
  const [writeId, writeKey] = ring.keys.entries().next().value ?? [];
  if (writeId === undefined || writeKey === undefined) throw new Error("A vault needs at least one key");
  // A key as bytes is made into a key object at every call, which costs six times the call itself.
  const sealKey = createSecretKey(writeKey);
  const openKeys = new Map(Array.from(ring.keys, ([id, key]) => [id, createSecretKey(key)]));
  const hashKey = createSecretKey(indexKey);
  const prefix = Buffer.concat([Buffer.from([FORMAT, writeId.length]), Buffer.from(writeId, "latin1")]);
  return {
    seal(text, place) {
      const nonce = takeNonce();
      const cipher = createCipheriv("aes-256-gcm", sealKey, nonce).setAAD(Buffer.from(aad(place)));
      const body = cipher.update(text, "utf8");
      cipher.final();
      return Buffer.concat([prefix, nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, place) {
      const idEnd = 2 + (sealed[1] ?? 0);
      const key = openKeys.get(sealed.toString("latin1", 2, idEnd));
      if (sealed[0] !== FORMAT || !key || sealed.length < idEnd + NONCE_BYTES + TAG_BYTES) throw new SealBroken(place);
      const tagAt = idEnd + NONCE_BYTES;
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(idEnd, tagAt)).setAAD(Buffer.from(aad(place)));
        decipher.setAuthTag(sealed.subarray(tagAt, tagAt + TAG_BYTES));
        const text = decipher.update(sealed.subarray(tagAt + TAG_BYTES));
        decipher.final();
        return text.toString("utf8");
      } catch (cause) {
        throw new SealBroken(place, { cause });
      }
    },
    blindIndex: (kind, value) => createHmac("sha256", hashKey).update(`${kind}\0${value}`).digest().subarray(0, 16),
    keyedHash: (purpose, ...contents) => {
      // Each with its length: no two lists of texts run together into the same bytes. One call, because a call costs more than a short text.
      let all = purpose;
      for (const content of contents) all += `\0${content.length}\0${content}`;
      return createHmac("sha256", hashKey).update(all).digest();
    },
  };
}

function aad({ table, column, row }: Place): string {
  return `${table}|${column}|${row}`;
}

const pool = Buffer.alloc(NONCE_BYTES * 512);
let used = pool.length;

/** Random nonces are taken from a pool: one call into the random generator for 512 values. */
function takeNonce(): Buffer {
  if (used >= pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const nonce = Buffer.from(pool.subarray(used, used + NONCE_BYTES));
  used += NONCE_BYTES;
  return nonce;
}
