/**
 * Says who works at a clinic and as what.
 *
 * Trigger: an administrator. Re-checks: that the login is free or belongs to the same group, and that a clinic which has an administrator keeps one. Effect: the
 * person, their role, the audit; whoever is disabled or set back is signed out everywhere. A repeat finds it done already.
 */
import { randomBytes } from "node:crypto";
import { newId } from "../clock.ts";
import type { StoredClinic } from "../db/clinics.ts";
import type { Database, Tx } from "../db/database.ts";
import { appendEvents } from "../db/events.ts";
import { hashPassword } from "../db/password.ts";
import { endSessionsOf } from "../db/staff-sessions.ts";
import { countOtherAdmins, disableStaff, findStaff, handPassword, insertStaff, setRole, type StoredStaff } from "../db/staff.ts";
import { transact } from "../db/transact.ts";
import { type Instant, instant } from "../domain/calendar.ts";
import type { ClinicId, StaffId } from "../domain/ids.ts";
import type { Role } from "../domain/roles.ts";
import { refuse, type Refused } from "./change-facts.ts";

export type StaffChanged<Value> = { readonly kind: "changed"; readonly value: Value } | { readonly kind: "same" } | Refused;

/** How long a password that was handed over is good for setting up. */
const SET_UP_DAYS = 7;

/** Four groups of five letters and digits, without those that are taken for one another: 98 bits. */
function makePassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const drawn = Array.from(randomBytes(20), (byte) => letters[byte % letters.length]).join("");
  return drawn.match(/.{5}/g)?.join("-") ?? drawn;
}

function setUpUntil(now: Instant): Instant {
  return instant(now + SET_UP_DAYS * 86_400_000);
}

type Adding = { readonly login: string; readonly name: string; readonly role: Role; readonly actor: string; readonly now: Instant };

export type AddedStaff = {
  readonly staff: StaffId;
  readonly login: string;
  readonly role: Role;
  /** To be handed over; null when they sign in already, at another clinic of the group. */
  readonly password: string | null;
};

/** Somebody new, or somebody of the group who from now on works here too. `now` is machine time, here and below. */
export async function addStaff(
  db: Database,
  clinic: Pick<StoredClinic, "id" | "groupId">,
  { login, name, role, actor, now }: Adding,
): Promise<StaffChanged<AddedStaff>> {
  const password = makePassword();
  const passwordHash = await hashPassword(password);
  return transact(db, async (tx): Promise<StaffChanged<AddedStaff>> => {
    const id = newId<"staff">();
    const isNew = await insertStaff(tx, { id, groupId: clinic.groupId, login, name, passwordHash, setUpUntil: setUpUntil(now) });
    const staff = await findStaff(tx, login);
    if (!staff || staff.groupId !== clinic.groupId || staff.disabledAt !== null)
      return refuse("login", login, "a login that nobody has or had");
    const place = { staffId: staff.id, clinicId: clinic.id };
    const before = await setRole(tx, place, role);
    if (before === role) return { kind: "same" };
    if (before !== null)
      throw new Undone(refuse("login", login, "somebody who does not work here yet; staff role gives them another role"));
    await tell(tx, { kind: "staff.added", ...place, actor, data: { role } });
    return { kind: "changed", value: { staff: staff.id, login, role, password: isNew ? password : null } };
  }).catch(readUndone);
}

type OfStaff = { readonly login: string; readonly clinicId: ClinicId; readonly actor: string };

/** Another role at this clinic; null: none any more. */
export async function changeRole(
  db: Database,
  { login, clinicId, actor }: OfStaff,
  role: Role | null,
): Promise<StaffChanged<{ readonly login: string; readonly role: Role | null; readonly before: Role }>> {
  return transact(db, async (tx) => {
    const staff = await findStaff(tx, login);
    const before = staff && (await setRole(tx, { staffId: staff.id, clinicId }, role));
    if (!staff || before === null || before === undefined) throw new Undone(refuseStranger(login));
    if (before === role) return { kind: "same" } as const;
    const place = { staffId: staff.id, clinicId };
    if (before === "admin" && (await countOtherAdmins(tx, place)) === 0) throw new Undone(refuseLast(login));
    await tell(tx, { kind: "staff.role-changed", ...place, actor, data: { role: role ?? "none", before } });
    return { kind: "changed", value: { login, role, before } } as const;
  }).catch(readUndone);
}

/** A password to set up with anew: for somebody who lost their phone or forgot theirs. */
export async function resetSignIn(
  db: Database,
  { login, clinicId, actor }: OfStaff,
  now: Instant,
): Promise<StaffChanged<{ readonly login: string; readonly password: string }>> {
  const password = makePassword();
  const passwordHash = await hashPassword(password);
  return transact(db, async (tx) => {
    const staff = await findColleague(tx, { login, clinicId });
    if (!staff || staff.disabledAt !== null) return refuseStranger(login);
    await handPassword(tx, staff.id, { passwordHash, until: setUpUntil(now) });
    await endSessionsOf(tx, staff.id);
    await tell(tx, { kind: "staff.set-back", staffId: staff.id, clinicId, actor });
    return { kind: "changed", value: { login, password } } as const;
  });
}

/** From now on they sign in nowhere; those who are signed in are not any more. */
export async function disableSignIn(
  db: Database,
  { login, clinicId, actor }: OfStaff,
): Promise<StaffChanged<{ readonly login: string; readonly signedOut: number }>> {
  return transact(db, async (tx) => {
    const staff = await findColleague(tx, { login, clinicId });
    if (!staff) throw new Undone(refuseStranger(login));
    if (!(await disableStaff(tx, staff.id))) return { kind: "same" } as const;
    if (staff.role === "admin" && (await countOtherAdmins(tx, { staffId: staff.id, clinicId })) === 0) throw new Undone(refuseLast(login));
    const signedOut = await endSessionsOf(tx, staff.id);
    await tell(tx, { kind: "staff.disabled", staffId: staff.id, clinicId, actor });
    return { kind: "changed", value: { login, signedOut } } as const;
  }).catch(readUndone);
}

async function findColleague(
  tx: Tx,
  { login, clinicId }: { login: string; clinicId: ClinicId },
): Promise<(StoredStaff & { role: string }) | undefined> {
  const staff = await findStaff(tx, login);
  if (!staff) return undefined;
  const place = await tx
    .selectFrom("staffClinics")
    .select("role")
    .where("staffId", "=", staff.id)
    .where("clinicId", "=", clinicId)
    .forUpdate()
    .executeTakeFirst();
  return place && { ...staff, role: place.role };
}

function refuseStranger(login: string): Refused {
  return refuse("login", login, "the login of somebody who works at this clinic (staff list)");
}

function refuseLast(login: string): Refused {
  return refuse("login", login, "a clinic that keeps an administrator: make somebody else one first");
}

type Told = {
  readonly kind: string;
  readonly staffId: StaffId;
  readonly clinicId: ClinicId;
  readonly actor: string;
  readonly data?: { readonly role: string; readonly before?: string };
};

async function tell(tx: Tx, { kind, staffId, clinicId, actor, data = { role: "" } }: Told): Promise<void> {
  await appendEvents(tx, [{ kind, clinicId, subjectId: staffId, actor, data: data.role === "" ? {} : data }]);
}

/** Carries a refusal out of a transaction that is taken back. */
class Undone extends Error {
  readonly refused: Refused;
  constructor(refused: Refused) {
    super("Nothing was stored");
    this.name = "Undone";
    this.refused = refused;
  }
}

function readUndone(error: unknown): Refused {
  if (error instanceof Undone) return error.refused;
  throw error;
}
