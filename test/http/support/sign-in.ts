/** Somebody at work, or a program with a key, for tests that are not about signing in. */
import { randomBytes } from "node:crypto";
import { machineNow, newId } from "../../../src/clock.ts";
import { insertApiKey, toKeyText } from "../../../src/db/api-keys.ts";
import { findClinic } from "../../../src/db/clinics.ts";
import type { Database } from "../../../src/db/database.ts";
import { beginSession } from "../../../src/db/staff-sessions.ts";
import { transact } from "../../../src/db/transact.ts";
import { type Instant, instant } from "../../../src/domain/calendar.ts";
import type { Role, Scope } from "../../../src/domain/roles.ts";
import { csrfTokenOf, makeStaffCookie } from "../../../src/http/auth/staff-cookie.ts";
import { addStaff } from "../../../src/producers/change-staff.ts";

export type SignedIn = {
  readonly login: string;
  readonly cookie: string;
  readonly csrf: string;
  /** What a script of our own pages sends. */
  readonly headers: Readonly<Record<string, string>>;
};

let people = 0;

/** Adds somebody with this role at the clinic and signs them in, both factors just given. */
export async function signInAs(
  { db, config }: { readonly db: Database; readonly config: { readonly PUBLIC_BASE_URL: string } },
  { clinic: slug = "aspen-ridge", role, now = machineNow() }: { clinic?: string; role: Role; now?: Instant },
): Promise<SignedIn> {
  const clinic = await findClinic(db, slug);
  if (!clinic) throw new Error(`No clinic ${slug}`);
  const login = `${role}-${++people}`;
  const added = await addStaff(db, clinic, { login, name: `The ${role}`, role, actor: "test", now });
  if (added.kind !== "changed") throw new Error("Not added");
  const token = randomBytes(32).toString("base64url");
  await transact(db, async (tx) => beginSession(tx, added.value.staff, { token, stage: "full", now }));
  const [cookie = ""] = makeStaffCookie(config.PUBLIC_BASE_URL).write(token).split(";");
  const csrf = csrfTokenOf(token);
  return { login, cookie, csrf, headers: { cookie, "x-csrf-token": csrf, "sec-fetch-site": "same-origin" } };
}

/** The Authorization header of a program with these scopes at the clinic. */
export async function keyOf(
  { db }: { readonly db: Database },
  { clinic: slug = "aspen-ridge", scopes }: { clinic?: string; scopes: readonly Scope[] },
): Promise<{ readonly authorization: string }> {
  const clinic = await findClinic(db, slug);
  if (!clinic) throw new Error(`No clinic ${slug}`);
  const [id, secret, now] = [newId<"api-key">(), randomBytes(32).toString("base64url"), machineNow()];
  const key = { id, clinicId: clinic.id, name: `key-${id}`, secret, scopes, actor: "test", expiresAt: instant(now + 86_400_000) };
  await transact(db, (tx) => insertApiKey(tx, key, now));
  return { authorization: `Bearer ${toKeyText(id, secret)}` };
}
