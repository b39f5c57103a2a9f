/**
 * Signs staff in: the password first, then a code.
 *
 * Trigger: somebody at a browser. Re-checks: that the login is not locked, each factor, and that they are not disabled. Effect: a session, of which only their
 * browser has the token; the second step gives it another one. A repeat begins another session. Every try is counted before it is judged, and an answer never says
 * what of a login and a password was wrong.
 */
import { randomBytes } from "node:crypto";
import type { Database } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { isPassword } from "../db/password.ts";
import { forgetTries, takeTry } from "../db/sign-in-tries.ts";
import { findStaff, type StoredStaff } from "../db/staff.ts";
import { beginSession, confirmSession, endSession, type SignedIn } from "../db/staff-sessions.ts";
import { transact } from "../db/transact.ts";
import type { Vault } from "../db/vault.ts";
import type { Instant } from "../domain/calendar.ts";
import { parseLogin } from "../domain/parse-login.ts";
import { offerSecondFactor, takeCode, type TotpOffer } from "./second-factor.ts";

export type SignInDeps = { readonly db: Database; readonly vault: Vault };

export type TurnedAway = { readonly kind: "refused" } | { readonly kind: "locked"; readonly until: Instant };

export type PasswordTaken =
  | TurnedAway
  /** The code of their app is next. */
  | { readonly kind: "code"; readonly token: string }
  /** They choose a password and tie an app first. */
  | { readonly kind: "set-up"; readonly token: string; readonly totp: TotpOffer };

const REFUSED: TurnedAway = { kind: "refused" };

/** The first step. `now` is machine time, here and below. */
export async function takePassword(
  { db, vault }: SignInDeps,
  { login: text, password, now }: { login: string; password: string; now: Instant },
): Promise<PasswordTaken> {
  const { login, index } = readLogin(text, vault);
  const lockedUntil = await takeTry(db, index, now);
  if (lockedUntil !== undefined) return { kind: "locked", until: lockedUntil };
  const staff = await findStaff(db, login);
  const isRight = await isPassword(password.normalize("NFC"), staff?.passwordHash);
  if (!staff || !isRight || staff.disabledAt !== null) return REFUSED;
  if (staff.setUpUntil !== null && staff.setUpUntil <= now) return REFUSED;
  const token = makeSessionToken();
  return transact(db, async (tx): Promise<PasswordTaken> => {
    await beginSession(tx, staff.id, { token, stage: "password", now });
    if (staff.setUpUntil === null) return { kind: "code", token };
    return { kind: "set-up", token, totp: await offerSecondFactor(tx, staff, vault) };
  });
}

export type Confirmed = TurnedAway | { readonly kind: "signed-in"; readonly token: string };

/** The second step; `token` is of the first, and is good for nothing afterwards. */
export async function takeSecondStep(
  { db, vault }: SignInDeps,
  session: SignedIn,
  { token, code, now }: { token: string; code: string; now: Instant },
): Promise<Confirmed> {
  const tried = await tryAgain({ db, vault }, session, now);
  if ("kind" in tried) return tried;
  if (tried.setUpUntil !== null || !(await takeCode(db, tried, { code, now, vault }))) return REFUSED;
  return { kind: "signed-in", token: await enter({ db, vault }, tried, { before: token, now }) };
}

/** Somebody signed in gives both factors once more, for what asks for that. */
export async function confirmAgain(
  { db, vault }: SignInDeps,
  session: SignedIn,
  { token, password, code, now }: { token: string; password: string; code: string; now: Instant },
): Promise<TurnedAway | { readonly kind: "confirmed" }> {
  const tried = await tryAgain({ db, vault }, session, now);
  if ("kind" in tried) return tried;
  const isRight = await isPassword(password.normalize("NFC"), tried.passwordHash);
  if (!isRight || !(await takeCode(db, tried, { code, now, vault }))) return REFUSED;
  await transact(db, async (tx) => confirmSession(tx, token, now));
  await forgetTries(db, readLogin(tried.login, vault).index, now);
  return { kind: "confirmed" };
}

/** Counts a try of somebody whose session is known. */
export async function tryAgain({ db, vault }: SignInDeps, { login }: SignedIn, now: Instant): Promise<StoredStaff | TurnedAway> {
  const lockedUntil = await takeTry(db, readLogin(login, vault).index, now);
  if (lockedUntil !== undefined) return { kind: "locked", until: lockedUntil };
  const staff = await findStaff(db, login);
  return staff && staff.disabledAt === null ? staff : REFUSED;
}

/** A whole session in the place of the one with the password alone: a token that was seen before signing in must not be worth anything after. */
export async function enter(
  { db, vault }: SignInDeps,
  staff: StoredStaff,
  { before, now }: { before: string; now: Instant },
): Promise<string> {
  const token = makeSessionToken();
  await transact(db, async (tx) => {
    await endSession(tx, before);
    await beginSession(tx, staff.id, { token, stage: "full", now });
    await appendEvents(tx, [{ kind: "staff.signed-in", clinicId: null, subjectId: staff.id, actor: `staff:${staff.login}` }]);
  });
  await forgetTries(db, readLogin(staff.login, vault).index, now);
  return token;
}

/** 256 bits. */
function makeSessionToken(): string {
  return randomBytes(32).toString("base64url");
}

/** A text that is no login at all is counted like one. */
function readLogin(text: string, vault: Vault): { login: string; index: Buffer } {
  const read = parseLogin(text);
  const login = read.ok ? read.value : text.slice(0, 200);
  return { login, index: vault.keyedHash("login", login) };
}
