/** Tokens of personal links: 256 bits, re-derivable while rendering from the link's id and generation; the database holds only their hash. */
import { createHash, createHmac, createSecretKey } from "node:crypto";
import type { KeyRing } from "../config.ts";
import type { LinkId } from "../domain/ids.ts";

export type LinkTokens = {
  /** The key that new links are made under. */
  readonly keyId: string;
  /** base64url, 43 characters. Throws when the key is no longer on the ring. */
  tokenOf(link: { id: LinkId; generation: number; keyId: string }): string;
};

export function makeLinkTokens(ring: KeyRing): LinkTokens {
  const [keyId] = ring.keys.keys();
  if (keyId === undefined) throw new Error("Link tokens need at least one key");
  const keys = new Map(Array.from(ring.keys, ([id, key]) => [id, createSecretKey(key)]));
  return {
    keyId,
    tokenOf({ id, generation, keyId }) {
      const key = keys.get(keyId);
      if (!key) throw new Error(`Link key ${keyId} is not on the ring`);
      return createHmac("sha256", key).update(`${id}.${generation}`).digest("base64url");
    },
  };
}

/** What is stored and looked up: SHA-256 of the token. */
export function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
