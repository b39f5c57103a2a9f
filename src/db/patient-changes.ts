/** What staff change of a patient: holds, watch, verification, the escort. Called under the patient's lock. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, GroupId, PatientId } from "../domain/ids.ts";
import type { HoldCode } from "../domain/patient-facts.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";

export type PatientToChange = {
  readonly id: PatientId;
  readonly groupId: GroupId;
  /** The clinic of the newest series: under which changes are audited. */
  readonly clinicId: ClinicId | null;
  readonly phoneSealed: Buffer | null;
  readonly emailSealed: Buffer | null;
  readonly locale: string;
  readonly detailAccepted: boolean;
  readonly watched: boolean;
  readonly holdCode: HoldCode | null;
  readonly holdReasonSealed: Buffer | null;
  readonly heldAt: Instant | null;
  readonly verifiedAt: Instant | null;
  /** Booked sessions of all series that have not begun. */
  readonly sessionsToCome: number;
};

/** The patient as they stand at this moment; undefined when there is none with this id. */
export async function findPatientToChange(tx: Tx, id: PatientId, now: Instant): Promise<PatientToChange | undefined> {
  const { rows } = await sql<PatientToChange>`
    select p.id, p.group_id, p.phone_sealed, p.email_sealed, p.locale, p.detail_accepted, p.watched, p.hold_code, p.hold_reason_sealed, p.held_at, p.verified_at,
      (select s.clinic_id from series s where s.patient_id = p.id order by s.enqueued_at desc, s.id desc limit 1) as clinic_id,
      (select count(*) from sessions v where v.patient_id = p.id and v.status = 'scheduled' and v.starts_at > ${toTimestamp(now)}::timestamptz) as sessions_to_come
    from patients p where p.id = ${id}`.execute(tx);
  return rows[0];
}

/** The slug of the clinic of a patient's newest series: whose country and zone count where nobody names a clinic. */
export async function findClinicOfPatient(db: Database, id: PatientId): Promise<string | undefined> {
  const { rows } = await sql<{ slug: string }>`
    select c.slug from series s join clinics c on c.id = s.clinic_id where s.patient_id = ${id} order by s.enqueued_at desc, s.id desc limit 1`.execute(
    db,
  );
  return rows[0]?.slug;
}

export type Hold = { readonly code: HoldCode; readonly reasonSealed: Buffer; readonly at: Instant };

/** Puts the patient on hold, or lifts it with null. */
export async function setHold(tx: Tx, id: PatientId, hold: Hold | null): Promise<void> {
  const columns = hold
    ? { holdCode: hold.code, holdReasonSealed: hold.reasonSealed, heldAt: toTimestamp(hold.at) }
    : { holdCode: null, holdReasonSealed: null, heldAt: null };
  await tx.updateTable("patients").set(columns).where("id", "=", id).execute();
}

export async function setWatched(tx: Tx, id: PatientId, watched: PatientToChange["watched"]): Promise<void> {
  await tx.updateTable("patients").set({ watched }).where("id", "=", id).execute();
}

/** Staff have checked contact, consent, escort and version with the patient. */
export async function setVerified(tx: Tx, id: PatientId, at: Instant): Promise<void> {
  await tx
    .updateTable("patients")
    .set({ verifiedAt: toTimestamp(at) })
    .where("id", "=", id)
    .execute();
}
