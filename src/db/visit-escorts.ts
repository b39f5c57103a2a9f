/** Who takes a patient home after one visit, or stays with them, where the patient named somebody for it. Sealed; written under the patient's lock. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, LinkId, PatientId, SessionId } from "../domain/ids.ts";
import type { NamedCompanion } from "../domain/named-companion.ts";
import type { Zone } from "../domain/place-in-time.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import type { Vault } from "./vault.ts";

type Visit = { readonly id: SessionId; readonly patientId: PatientId; readonly arming: number };

/** Columns of whoever was named for the session `v` as it stands, for the views of staff: `session_escorts x` joined by {@link NAMED_FOR_VISIT}. */
export const NAMED_FOR_VISIT = sql`left join session_escorts x on x.session_id = v.id and x.arming = v.arming`;

/** Opens what a row of `session_escorts` keeps. */
export function openVisitEscort(
  vault: Vault,
  sessionId: SessionId,
  { nameSealed, phoneSealed }: { readonly nameSealed: Buffer; readonly phoneSealed: Buffer | null },
): NamedCompanion {
  const open = (column: string, sealed: Buffer) => vault.open(sealed, { table: "session_escorts", column, row: sessionId });
  return { name: open("name_sealed", nameSealed), phone: phoneSealed && open("phone_sealed", phoneSealed) };
}

/** Whoever the patient named for this visit as it stands: a move makes the question new. */
export async function findVisitEscort(db: Database, { id, arming }: Visit, vault: Vault): Promise<NamedCompanion | undefined> {
  const row = await db
    .selectFrom("sessionEscorts")
    .select(["nameSealed", "phoneSealed"])
    .where("sessionId", "=", id)
    .where("arming", "=", arming)
    .executeTakeFirst();
  return row && openVisitEscort(vault, id, row);
}

export type VisitEscortRow = {
  readonly sessionId: SessionId;
  readonly number: number;
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly nameSealed: Buffer;
  readonly phoneSealed: Buffer | null;
};

/** Whom a patient has named for visits that are still to come, in order of time. */
export async function listVisitEscorts(db: Database, patientId: PatientId): Promise<VisitEscortRow[]> {
  const { rows } = await sql<VisitEscortRow>`
    select v.id as session_id, v.number, v.zone, v.starts_at, x.name_sealed, x.phone_sealed
    from session_escorts x join sessions v on v.id = x.session_id and v.arming = x.arming
    where x.patient_id = ${patientId} and v.status = 'scheduled' and v.ends_at > (select afterglow_now()) order by v.starts_at`.execute(db);
  return rows;
}

/** Names somebody for a visit, in the place of whoever was named before. */
export async function saveVisitEscort(
  tx: Tx,
  { id: sessionId, patientId, arming }: Visit,
  { named, locale, vault }: { readonly named: NamedCompanion; readonly locale: string; readonly vault: Vault },
): Promise<void> {
  const seal = (column: string, text: string) => vault.seal(text, { table: "session_escorts", column, row: sessionId });
  const columns = {
    patientId,
    nameSealed: seal("name_sealed", named.name),
    phoneSealed: named.phone === null ? null : seal("phone_sealed", named.phone),
    emailSealed: null,
    locale,
    arming,
  };
  await tx
    .insertInto("sessionEscorts")
    .values({ sessionId, ...columns })
    .onConflict((conflict) => conflict.column("sessionId").doUpdateSet(columns))
    .execute();
}

export async function removeVisitEscort(tx: Tx, sessionId: SessionId): Promise<void> {
  await tx.deleteFrom("sessionEscorts").where("sessionId", "=", sessionId).execute();
}

/** The links of this visit that somebody other than the patient has lead nowhere any more: whoever has them does not come. Returns whether the patient had one to pass on. */
export async function revokeVisitLinks(tx: Tx, sessionId: SessionId, now: Instant): Promise<"shared" | "none"> {
  const { rows } = await sql<{ kind: string }>`
    update links set revoked_at = ${toTimestamp(now)}::timestamptz where subject_id = ${sessionId} and recipient = 'escort' and revoked_at is null
    returning kind`.execute(tx);
  return rows.some(({ kind }) => kind === "share") ? "shared" : "none";
}

/** The visits to come of a patient for which there was a link to pass on, and none stands. */
export async function listUnshared(tx: Tx, patientId: PatientId): Promise<{ id: SessionId; clinicId: ClinicId; endsAt: Instant }[]> {
  const { rows } = await sql<{ id: SessionId; clinicId: ClinicId; endsAt: Instant }>`
    select v.id, v.clinic_id, v.ends_at from sessions v
    where v.patient_id = ${patientId} and v.status = 'scheduled' and v.ends_at > (select afterglow_now())
      and exists (select from links l where l.subject_id = v.id and l.kind = 'share')
      and not exists (select from links l where l.subject_id = v.id and l.kind = 'share' and l.revoked_at is null)`.execute(tx);
  return rows;
}

export type EscortOptIn = {
  readonly id: string;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly sessionId: SessionId;
  readonly linkId: LinkId;
  readonly scope: "visit" | "all";
  readonly locale: string;
  readonly wording: string;
  readonly standing: "taken" | "review";
  readonly addressIndex: Buffer;
  readonly at: Instant;
};

export type StoredOptIn = Pick<EscortOptIn, "linkId" | "scope" | "standing" | "addressIndex"> & {
  readonly id: string;
  readonly nameSealed: Buffer;
  readonly phoneSealed: Buffer;
  /** The number wants no texts, whoever wrote it down. */
  readonly optedOut: boolean;
};

/** What was written on the page of the visit so far, the newest first. */
export async function listOptIns(db: Database, sessionId: SessionId): Promise<StoredOptIn[]> {
  const { rows } = await sql<StoredOptIn>`
    select o.id, o.link_id, o.scope, o.standing, o.address_index, o.name_sealed, o.phone_sealed,
      exists (select from opt_outs n where n.group_id = p.group_id and n.channel = 'sms' and n.address_index = o.address_index) as opted_out
    from escort_opt_ins o join patients p on p.id = o.patient_id where o.session_id = ${sessionId} order by o.at desc, o.id desc`.execute(
    db,
  );
  return rows;
}

/** Opens what somebody wrote of themselves. */
export function openOptIn(vault: Vault, { id, nameSealed, phoneSealed }: Pick<StoredOptIn, "id" | "nameSealed" | "phoneSealed">) {
  const open = (column: string, sealed: Buffer) => vault.open(sealed, { table: "escort_opt_ins", column, row: id });
  return { name: open("name_sealed", nameSealed), phone: open("phone_sealed", phoneSealed) };
}

/** Adds it; nothing that was written before is changed. `phone` as E.164. */
export async function insertOptIn(
  tx: Tx,
  { at, ...row }: EscortOptIn,
  { name, phone, vault }: { readonly name: string; readonly phone: string; readonly vault: Vault },
): Promise<void> {
  const seal = (column: string, text: string) => vault.seal(text, { table: "escort_opt_ins", column, row: row.id });
  await tx
    .insertInto("escortOptIns")
    .values({ ...row, nameSealed: seal("name_sealed", name), phoneSealed: seal("phone_sealed", phone), at: toTimestamp(at) })
    .execute();
}
