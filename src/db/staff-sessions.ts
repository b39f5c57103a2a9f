/** Who is signed in: by the hash of a token that only their browser has. Machine time, which the caller gives. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, GroupId, StaffId } from "../domain/ids.ts";
import type { Role } from "../domain/roles.ts";
import type { Database, Tx } from "./database.ts";

export type SessionStage = "password" | "full";

/** Ended by nobody for so long, in minutes. */
export const IDLE_MINUTES = 15;
/** However busy somebody is, in hours. */
export const ABSOLUTE_HOURS = 12;
/** Between the password and the code, in minutes. */
const PASSWORD_MINUTES = 10;
/** How far `seen_at` may lag behind, so that not every request writes. */
const SEEN_EVERY_SECONDS = 20;

export function hashSessionToken(token: string): Buffer {
  return createHash("sha256").update(`staff-session\0${token}`).digest();
}

type NewSession = { readonly token: string; readonly stage: SessionStage; readonly now: Instant };

/** A session of somebody who has just proved who they are; what of them ran out is thrown away. */
export async function beginSession(tx: Tx, staffId: StaffId, { token, stage, now }: NewSession): Promise<void> {
  await sql`delete from staff_sessions where staff_id = ${staffId} and not (${isLive(now)})`.execute(tx);
  const at = formatInstant(now);
  await sql`
    insert into staff_sessions (token_hash, staff_id, stage, began_at, seen_at, confirmed_at)
    values (${hashSessionToken(token)}, ${staffId}, ${stage}, ${at}, ${at}, ${stage === "full" ? at : null})`.execute(tx);
}

function isLive(now: Instant) {
  const at = formatInstant(now);
  return sql`seen_at > ${at}::timestamptz - make_interval(mins => ${IDLE_MINUTES}) and began_at > ${at}::timestamptz
    - case stage when 'full' then make_interval(hours => ${ABSOLUTE_HOURS}) else make_interval(mins => ${PASSWORD_MINUTES}) end`;
}

export type SignedIn = {
  readonly staffId: StaffId;
  readonly groupId: GroupId;
  readonly login: string;
  readonly name: string;
  readonly stage: SessionStage;
  readonly beganAt: Instant;
  readonly seenAt: Instant;
  readonly confirmedAt: Instant | null;
  readonly roles: ReadonlyMap<ClinicId, Role>;
};

type Row = Omit<SignedIn, "roles"> & { readonly clinicIds: ClinicId[]; readonly roleNames: Role[] };

/** Whose session this is, if it is still one. */
export async function findSignedIn(db: Database, token: string, now: Instant): Promise<SignedIn | undefined> {
  const hash = hashSessionToken(token);
  const { rows } = await sql<Row>`
    select n.staff_id, s.group_id, s.login, s.name, n.stage, n.began_at, n.seen_at, n.confirmed_at,
      array(select c.clinic_id::text from staff_clinics c where c.staff_id = s.id order by c.clinic_id) as clinic_ids,
      array(select c.role from staff_clinics c where c.staff_id = s.id order by c.clinic_id) as role_names
    from staff_sessions n join staff s on s.id = n.staff_id
    where n.token_hash = ${hash} and s.disabled_at is null and ${isLive(now)}`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { clinicIds, roleNames, ...session } = row;
  return { ...session, roles: new Map(clinicIds.flatMap((id, index) => (roleNames[index] ? [[id, roleNames[index]]] : []))) };
}

/** Somebody is at work with it: it runs out later. Written now and then, not at every request. */
export async function keepAwake(db: Database, token: string, { seenAt, now }: { seenAt: Instant; now: Instant }): Promise<void> {
  if (now - seenAt <= SEEN_EVERY_SECONDS * 1_000) return;
  await sql`update staff_sessions set seen_at = greatest(seen_at, ${formatInstant(now)}) where token_hash = ${hashSessionToken(token)}`.execute(
    db,
  );
}

/** Both factors were given again just now. */
export async function confirmSession(tx: Tx, token: string, now: Instant): Promise<void> {
  await sql`update staff_sessions set confirmed_at = ${formatInstant(now)} where token_hash = ${hashSessionToken(token)}`.execute(tx);
}

export async function endSession(tx: Tx, token: string): Promise<void> {
  await sql`delete from staff_sessions where token_hash = ${hashSessionToken(token)}`.execute(tx);
}

/** Signs somebody out everywhere; returns of how many sessions. */
export async function endSessionsOf(tx: Tx, staffId: StaffId): Promise<number> {
  const { rows } = await sql`delete from staff_sessions where staff_id = ${staffId} returning stage`.execute(tx);
  return rows.length;
}
