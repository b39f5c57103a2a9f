/** Who works here: sign-in, second factor, and a role at each clinic. */
import { sql } from "kysely";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, GroupId, StaffId } from "../domain/ids.ts";
import type { Role } from "../domain/roles.ts";
import type { Database, Tx } from "./database.ts";

export type StoredStaff = {
  readonly id: StaffId;
  readonly groupId: GroupId;
  readonly login: string;
  readonly name: string;
  readonly passwordHash: string;
  /** Until when the password they were handed is good for setting up; null once they have set up. */
  readonly setUpUntil: Instant | null;
  readonly totpSealed: Buffer | null;
  readonly disabledAt: Instant | null;
};

export async function findStaff(db: Database, login: string): Promise<StoredStaff | undefined> {
  return db
    .selectFrom("staff")
    .select(["id", "groupId", "login", "name", "passwordHash", "setUpUntil", "totpSealed", "disabledAt"])
    .where("login", "=", login)
    .executeTakeFirst();
}

export type NewStaff = Pick<StoredStaff, "id" | "groupId" | "login" | "name" | "passwordHash"> & { readonly setUpUntil: Instant };

/** False when somebody has this login already, or had it. */
export async function insertStaff(tx: Tx, { setUpUntil, ...staff }: NewStaff): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto("staff")
    .values({ ...staff, setUpUntil: formatInstant(setUpUntil) })
    .onConflict((conflict) => conflict.column("login").doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Gives somebody a role at a clinic, or another one; null takes it away. Returns the one they had. */
export async function setRole(tx: Tx, { staffId, clinicId }: StaffPlace, role: Role | null): Promise<Role | null> {
  const at = sql`where staff_id = ${staffId} and clinic_id = ${clinicId}`;
  const { rows } = await sql<{ role: Role }>`select role from staff_clinics ${at} for update`.execute(tx);
  if (role === null) await sql`delete from staff_clinics ${at}`.execute(tx);
  else
    await sql`
      insert into staff_clinics (staff_id, clinic_id, role) values (${staffId}, ${clinicId}, ${role})
      on conflict (staff_id, clinic_id) do update set role = excluded.role`.execute(tx);
  return rows[0]?.role ?? null;
}

export type StaffPlace = { readonly staffId: StaffId; readonly clinicId: ClinicId };

/** How many others could still give out roles at this clinic. */
export async function countOtherAdmins(tx: Tx, { staffId, clinicId }: StaffPlace): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from staff_clinics c join staff s on s.id = c.staff_id
    where c.clinic_id = ${clinicId} and c.role = 'admin' and c.staff_id <> ${staffId} and s.disabled_at is null`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** A password that was handed over, with which they set up anew; whatever they had before is gone. */
export async function handPassword(tx: Tx, id: StaffId, { passwordHash, until }: { passwordHash: string; until: Instant }): Promise<void> {
  await sql`
    update staff set password_hash = ${passwordHash}, set_up_until = ${formatInstant(until)}, totp_sealed = null, totp_step = 0
    where id = ${id}`.execute(tx);
}

/** The secret that a second factor is about to be tied to. */
export async function offerTotp(tx: Tx, id: StaffId, totpSealed: Buffer): Promise<void> {
  await sql`update staff set totp_sealed = ${totpSealed}, totp_step = 0 where id = ${id} and set_up_until is not null`.execute(tx);
}

export async function finishSetUp(tx: Tx, id: StaffId, passwordHash: string): Promise<void> {
  await sql`update staff set password_hash = ${passwordHash}, set_up_until = null where id = ${id}`.execute(tx);
}

export async function setPassword(tx: Tx, id: StaffId, passwordHash: string): Promise<void> {
  await sql`update staff set password_hash = ${passwordHash} where id = ${id}`.execute(tx);
}

/** Uses up the code of this time step; false when it, or a later one, was used before. */
export async function takeTotpStep(db: Database, id: StaffId, step: number): Promise<boolean> {
  const { rows } = await sql`update staff set totp_step = ${step} where id = ${id} and totp_step < ${step} returning id`.execute(db);
  return rows.length === 1;
}

/** False when they were disabled before. Nobody is ever deleted: the audit names them. */
export async function disableStaff(tx: Tx, id: StaffId): Promise<boolean> {
  const { rows } =
    await sql`update staff set disabled_at = clock_timestamp() where id = ${id} and disabled_at is null returning id`.execute(tx);
  return rows.length === 1;
}

export type StaffView = {
  readonly id: StaffId;
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly hasSetUp: boolean;
  readonly disabledAt: Instant | null;
  readonly seenAt: Instant | null;
};

/** Everybody with a role at this clinic, by login. */
export async function listStaff(db: Database, clinicId: ClinicId): Promise<StaffView[]> {
  const { rows } = await sql<StaffView>`
    select s.id, s.login, s.name, c.role, s.set_up_until is null as has_set_up, s.disabled_at,
      (select max(n.seen_at) from staff_sessions n where n.staff_id = s.id) as seen_at
    from staff_clinics c join staff s on s.id = c.staff_id where c.clinic_id = ${clinicId} order by s.login`.execute(db);
  return rows;
}
