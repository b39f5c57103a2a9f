/**
 * Staff make a sign-in their own: with the password they were handed they choose another one and tie an app that computes codes.
 *
 * Trigger: the person, signed in with that password. Re-checks: that they are still to set up, the new password, and a code of the app. Effect: from now on their
 * password and their app sign them in, and they are. A repeat is refused: they have set up.
 */
import { appendEvents } from "../db/events.ts";
import { hashPassword, isPassword } from "../db/password.ts";
import { endSessionsOf, type SignedIn } from "../db/staff-sessions.ts";
import { finishSetUp, setPassword } from "../db/staff.ts";
import { transact } from "../db/transact.ts";
import type { Instant } from "../domain/calendar.ts";
import { parsePassword } from "../domain/parse-login.ts";
import { refuse, type Refused } from "./change-facts.ts";
import { takeCode } from "./second-factor.ts";
import { type Confirmed, enter, type SignInDeps, tryAgain, type TurnedAway } from "./sign-in.ts";

type SetUp = { readonly token: string; readonly password: string; readonly code: string; readonly now: Instant };

/** A password that is not good enough is said as a fault; a wrong code is turned away and counted. */
export async function setUpStaff(
  deps: SignInDeps,
  session: SignedIn,
  { token, password: text, code, now }: SetUp,
): Promise<Confirmed | { readonly kind: "faulty"; readonly refused: Refused }> {
  const password = parsePassword(text, session);
  if (!password.ok) return { kind: "faulty", refused: refuse("password", undefined, password.expected) };
  const staff = await tryAgain(deps, session, now);
  if ("kind" in staff) return staff;
  if (staff.setUpUntil === null || !(await takeCode(deps.db, staff, { code, now, vault: deps.vault }))) return { kind: "refused" };
  const hash = await hashPassword(password.value);
  await transact(deps.db, async (tx) => {
    await finishSetUp(tx, staff.id, hash);
    await endSessionsOf(tx, staff.id);
    await appendEvents(tx, [{ kind: "staff.set-up", clinicId: null, subjectId: staff.id, actor: `staff:${staff.login}` }]);
  });
  return { kind: "signed-in", token: await enter(deps, staff, { before: token, now }) };
}

type NewPassword = { readonly token: string; readonly current: string; readonly password: string; readonly now: Instant };

/** Another password; whoever else is signed in as this person is not any more. */
export async function changePassword(
  deps: SignInDeps,
  session: SignedIn,
  { token, current, password: text, now }: NewPassword,
): Promise<Exclude<Confirmed, TurnedAway> | TurnedAway | { readonly kind: "faulty"; readonly refused: Refused }> {
  const password = parsePassword(text, session);
  if (!password.ok) return { kind: "faulty", refused: refuse("password", undefined, password.expected) };
  const staff = await tryAgain(deps, session, now);
  if ("kind" in staff) return staff;
  if (!(await isPassword(current.normalize("NFC"), staff.passwordHash))) return { kind: "refused" };
  const hash = await hashPassword(password.value);
  await transact(deps.db, async (tx) => {
    await setPassword(tx, staff.id, hash);
    await endSessionsOf(tx, staff.id);
    await appendEvents(tx, [{ kind: "staff.password-changed", clinicId: null, subjectId: staff.id, actor: `staff:${staff.login}` }]);
  });
  return { kind: "signed-in", token: await enter(deps, staff, { before: token, now }) };
}
