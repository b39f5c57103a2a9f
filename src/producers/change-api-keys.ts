/**
 * Gives programs keys and takes them back.
 *
 * Trigger: an administrator. Re-checks: that no more than two of a name are good, under the clinic's lock. Effect: a key, whose secret is shown once and never
 * stored; or one that opens nothing any more. Making is never repeated; a repeat of revoking changes nothing.
 */
import { randomBytes } from "node:crypto";
import { newId } from "../clock.ts";
import { insertApiKey, KEYS_OF_A_NAME, revokeApiKey, toKeyText } from "../db/api-keys.ts";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { transact } from "../db/transact.ts";
import { formatInstant, type Instant, instant } from "../domain/calendar.ts";
import { type ApiKeyId, type ClinicId, toPublicId } from "../domain/ids.ts";
import type { Scope } from "../domain/roles.ts";
import { refuse, type Refused } from "./change-facts.ts";

export type MadeKey = {
  readonly kind: "made";
  readonly key: string;
  readonly name: string;
  /** What the program sends; shown this once. */
  readonly secret: string;
  readonly expiresAt: Instant;
};

export const LONGEST_DAYS = 365;

type Making = {
  readonly clinicId: ClinicId;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly days: number;
  readonly actor: string;
  /** Machine time. */
  readonly now: Instant;
};

export async function makeApiKey(db: Database, { clinicId, name, scopes, days, actor, now }: Making): Promise<MadeKey | Refused> {
  const [id, secret] = [newId<"api-key">(), randomBytes(32).toString("base64url")];
  const expiresAt = instant(now + days * 86_400_000);
  return transact(db, async (tx): Promise<MadeKey | Refused> => {
    if (!(await insertApiKey(tx, { id, clinicId, name, secret, scopes, actor, expiresAt }, now)))
      return refuse("name", name, `a name of which fewer than ${KEYS_OF_A_NAME} keys are good; revoke the older one first`);
    const data = { name, scopes: scopes.join(" "), expires: formatInstant(expiresAt) };
    await appendEvents(tx, [{ kind: "api-key.made", clinicId, subjectId: id, actor, data }]);
    return { kind: "made", key: toPublicId("api-key", id), name, secret: toKeyText(id, secret), expiresAt };
  });
}

export type RevokedKey = { readonly kind: "revoked" | "same"; readonly key: string } | Refused;

export async function revokeKey(db: Database, id: ApiKeyId, actor: string): Promise<RevokedKey> {
  return transact(db, async (tx): Promise<RevokedKey> => {
    const found = await revokeApiKey(tx, id);
    const key = toPublicId("api-key", id);
    if (!found) return refuse("key", key, "the id of a key (apikey list)");
    if (!found.revoked) return { kind: "same", key };
    await appendEvents(tx, [{ kind: "api-key.revoked", clinicId: found.clinicId, subjectId: id, actor, data: { name: found.name } }]);
    return { kind: "revoked", key };
  });
}
