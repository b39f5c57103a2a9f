/** Addresses of patients and escorts that change after enqueueing. Called under the patient's lock. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { GroupId, PatientId, SessionId } from "../domain/ids.ts";
import { ESCORT_REPLACED } from "../domain/task.ts";
import { toTimestamp, type Tx } from "./database.ts";

export type Person = "patient" | "escort";

/** A person's place for one channel: what was there and what shall be. */
export type ContactPoint = { readonly patientId: PatientId; readonly person: Person; readonly channel: "email" | "sms" };

export type ContactPointState = {
  readonly addressIndex: Buffer | null;
  readonly granted: boolean;
  readonly deadAt: Instant | null;
  /** The address wants no messages on this channel, whosever it is. */
  readonly optedOut: boolean;
};

/** Without an address and without consent where nothing is stored. */
export async function loadContactPoint(tx: Tx, { patientId, person, channel }: ContactPoint): Promise<ContactPointState> {
  const { rows } = await sql<ContactPointState>`
    select c.address_index, c.granted, c.dead_at,
      exists (select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index) as opted_out
    from contact_points c where c.patient_id = ${patientId} and c.person = ${person} and c.channel = ${channel}`.execute(tx);
  return rows[0] ?? { addressIndex: null, granted: false, deadAt: null, optedOut: false };
}

/** Another address stands for a person from now on: nobody has agreed to it, and nothing has failed at it. */
export async function setAddress(
  tx: Tx,
  { patientId, person, channel }: ContactPoint,
  { groupId, addressIndex }: { groupId: GroupId; addressIndex: Buffer | null },
): Promise<void> {
  await sql`
    insert into contact_points (patient_id, person, channel, group_id, address_index) values (${patientId}, ${person}, ${channel}, ${groupId}, ${addressIndex})
    on conflict (patient_id, person, channel) do update
      set address_index = excluded.address_index, granted = false, only_session_id = null, dead_at = null, failures = 0, flagged_at = null`.execute(
    tx,
  );
}

/**
 * Personal links that were sent, or may have been, to this person over this channel lead nowhere any more, nor does the one to the preferences, to which all of
 * them lead. Returns how many were in messages.
 */
export async function revokeLinks(tx: Tx, { patientId, person, channel }: ContactPoint, now: Instant): Promise<number> {
  await sql`
    update links set revoked_at = ${toTimestamp(now)}::timestamptz
    where patient_id = ${patientId} and recipient = ${person} and kind = 'preferences' and revoked_at is null and exists (
      select from touchpoints t where t.patient_id = ${patientId} and t.recipient = ${person} and t.channel = ${channel} and t.attempts > 0)`.execute(
    tx,
  );
  const { numAffectedRows } = await sql`
    update links l set revoked_at = ${toTimestamp(now)}::timestamptz
    where l.patient_id = ${patientId} and l.recipient = ${person} and l.revoked_at is null
      and l.id in (
        select t.link_id from touchpoints t join series s on s.id = t.series_id
        where s.patient_id = ${patientId} and t.recipient = ${person} and t.channel = ${channel} and t.attempts > 0)`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** Every personal link of the escort leads nowhere any more. */
export async function revokeEscortLinks(tx: Tx, patientId: PatientId, now: Instant): Promise<number> {
  const { numAffectedRows } = await sql`
    update links set revoked_at = ${toTimestamp(now)}::timestamptz where patient_id = ${patientId} and recipient = 'escort' and revoked_at is null`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0);
}

/** What the patient is reached at, sealed; a field that is left out stays. */
export async function setPatientContact(
  tx: Tx,
  id: PatientId,
  sealed: { readonly phoneSealed?: Buffer | null; readonly emailSealed?: Buffer | null },
): Promise<void> {
  await tx.updateTable("patients").set(sealed).where("id", "=", id).execute();
}

export type SealedEscort = {
  readonly nameSealed: Buffer;
  readonly phoneSealed: Buffer | null;
  readonly emailSealed: Buffer | null;
  readonly locale: string;
  /** The one visit for which the patient named them; null or left out: for every visit. */
  readonly onlySessionId?: SessionId | null;
};

export async function findEscort(tx: Tx, patientId: PatientId): Promise<SealedEscort | undefined> {
  return tx
    .selectFrom("escorts")
    .select(["nameSealed", "phoneSealed", "emailSealed", "locale", "onlySessionId"])
    .where("patientId", "=", patientId)
    .executeTakeFirst();
}

/** Who escorts from now on did not do so before. */
export async function setEscortSince(tx: Tx, patientId: PatientId, now: Instant): Promise<void> {
  await tx
    .updateTable("patients")
    .set({ escortSince: toTimestamp(now) })
    .where("id", "=", patientId)
    .execute();
}

/** Names the escort, or another one. */
export async function saveEscort(tx: Tx, patientId: PatientId, escort: SealedEscort): Promise<void> {
  await tx
    .insertInto("escorts")
    .values({ patientId, ...escort })
    .onConflict((conflict) => conflict.column("patientId").doUpdateSet({ onlySessionId: null, ...escort }))
    .execute();
}

/** Whoever escorts from now on is somebody else: what was planned for the one before is not said, and calls to them are off the list. */
export async function countEscort(tx: Tx, patientId: PatientId, now: Instant): Promise<void> {
  await tx.updateTable("patients").set({ escortNumber: sql<number>`escort_number + 1` }).where("id", "=", patientId).execute();
  await sql`
    with closed as (
      update tasks k set state = 'cancelled', outcome = ${ESCORT_REPLACED}, closed_by = 'afterglow', closed_at = ${toTimestamp(now)}::timestamptz,
        revision = k.revision + 1
      from touchpoints t
      where k.patient_id = ${patientId} and k.state in ('open', 'taken') and k.kind = 'call' and t.id = k.touchpoint_id and t.recipient = 'escort'
      returning k.id, k.clinic_id, k.kind, k.outcome)
    insert into events (clinic_at, clinic_id, actor, kind, subject_id, data)
    select ${toTimestamp(now)}::timestamptz, clinic_id, 'afterglow', 'task.cancelled', id, jsonb_build_object('kind', kind, 'because', outcome) from closed`.execute(
    tx,
  );
}

/** Forgets the escort and how to reach them; the ledger of consents keeps what was agreed. */
export async function removeEscort(tx: Tx, patientId: PatientId): Promise<void> {
  await tx.deleteFrom("contactPoints").where("patientId", "=", patientId).where("person", "=", "escort").execute();
  await tx.deleteFrom("escorts").where("patientId", "=", patientId).execute();
}
