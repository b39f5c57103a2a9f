/** Signs a visitor of the demo in at the console: a clinician of the example clinic who exists in no other database. */
import { randomBytes } from "node:crypto";
import { machineNow } from "../clock.ts";
import type { StoredClinic } from "../db/clinics.ts";
import type { Database } from "../db/database.ts";
import { findStaff } from "../db/staff.ts";
import { beginSession, confirmSession, findSignedIn } from "../db/staff-sessions.ts";
import { transact } from "../db/transact.ts";
import { makeStaffCookie } from "../http/auth/staff-cookie.ts";
import { addStaff } from "../producers/change-staff.ts";

const LOGIN = "newcomer";

/** Given the Cookie header, returns the Set-Cookie that signs in; null for somebody who is signed in, whose factors count as given again just now. */
export type EnterConsole = (cookieHeader: string | undefined) => Promise<string | null>;

/** Adds the visitor to the staff. Only for a database of environment `demo`. */
export async function openConsole(
  db: Database,
  clinic: Pick<StoredClinic, "id" | "groupId">,
  publicBaseUrl: string,
): Promise<EnterConsole> {
  await addStaff(db, clinic, { login: LOGIN, name: "You, a newcomer", role: "clinician", actor: "staff:demo", now: machineNow() });
  const staff = await findStaff(db, LOGIN);
  if (!staff) throw new Error("The demo's visitor is not among the staff");
  const cookie = makeStaffCookie(publicBaseUrl);
  return async (header) => {
    const now = machineNow();
    const held = cookie.read(header);
    const isIn = held !== undefined && (await findSignedIn(db, held, now))?.stage === "full";
    const token = isIn ? held : randomBytes(32).toString("base64url");
    await transact(db, async (tx) => {
      if (isIn) await confirmSession(tx, token, now);
      else await beginSession(tx, staff.id, { token, stage: "full", now });
    });
    return isIn ? null : cookie.write(token);
  };
}
