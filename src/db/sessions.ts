/** Sessions as staff change them: how they stand, what was said of them, and the statements of each change. Called under the patients' locks. */
import { sql } from "kysely";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { Said } from "../domain/announced.ts";
import type { ApprovalId, ClinicId, PatientId, SeriesId, SessionId } from "../domain/ids.ts";
import type { SeriesStatus, SessionStatus } from "../domain/patient-facts.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { SessionKind, Setting } from "../domain/protocol.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";
import { CALLED, CALLED_AT } from "./called.ts";
import { unnest } from "./rows.ts";

export type StoredSession = {
  readonly id: SessionId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly seriesStatus: SeriesStatus;
  readonly approvalId: ApprovalId;
  readonly number: number;
  readonly kind: SessionKind;
  readonly setting: Setting;
  readonly owner: "ours" | "external";
  readonly status: SessionStatus;
  /** Where it happens. */
  readonly zone: Zone;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly arrivedAt: Instant | null;
  readonly dosedAt: Instant | null;
  readonly dischargedAt: Instant | null;
  readonly pickupAt: Instant | null;
  /** The pick-up time that is told, and how often before another one was. */
  readonly pickupNamedAt: Instant | null;
  readonly pickupRound: number;
  readonly formFiledAt: Instant | null;
  readonly formFiledBy: string | null;
  readonly arming: number;
  readonly sequence: number;
  readonly toldStartsAt: Instant | null;
  readonly toldOff: boolean;
  readonly hasNote: boolean;
  readonly externalIdIndex: Buffer | null;
  /** Machine time of its last move, postponement or cancellation. */
  readonly alteredAt: Instant | null;
};

/** Whose session it is; undefined when there is none with this id. It never changes hands. */
export async function findSessionPatient(db: Database, id: SessionId): Promise<PatientId | undefined> {
  return (await db.selectFrom("sessions").select("patientId").where("id", "=", id).executeTakeFirst())?.patientId;
}

/** All sessions of these patients, in order of time, over all series. */
export async function loadSessionsOf(tx: Tx, patientIds: readonly PatientId[]): Promise<StoredSession[]> {
  const { rows } = await sql<StoredSession>`
    select v.id, v.clinic_id, v.patient_id, v.series_id, s.status as series_status, s.approval_id, v.number, v.kind, v.setting, v.owner, v.status, v.zone,
      v.starts_at, v.ends_at, v.arrived_at, v.dosed_at, v.discharged_at, v.pickup_at, v.pickup_named_at, v.pickup_round, v.form_filed_at, v.form_filed_by, v.arming, v.sequence,
      v.told_starts_at, v.told_off, v.outcome_note_sealed is not null as has_note, v.external_id_index,
      (select max(e.recorded_at) from events e where e.subject_id = v.id and e.kind in ('session.moved', 'session.postponed', 'session.cancelled')) as altered_at
    from sessions v join series s on s.id = v.series_id
    where v.patient_id = any(${patientIds}::uuid[]) order by v.starts_at, v.number, v.id`.execute(tx);
  return rows;
}

/**
 * What has reached people about these series, or may have. The rows that could still be claimed are locked first: a claim that is about to commit is waited for
 * and counts, one that comes later finds what the change has made of its row.
 */
export async function loadSaid(tx: Tx, seriesIds: readonly SeriesId[]): Promise<Said[]> {
  await sql`
    select from touchpoints where series_id = any(${seriesIds}::uuid[]) and recipient <> 'staff' and channel <> 'task' and state in ('planned', 'sending')
    order by id for update`.execute(tx);
  const { rows } = await sql<Said>`
    select t.series_id, t.session_id, t.rule, t.recipient, t.purpose, t.arming, t.due_at,
      coalesce(${CALLED_AT}, t.claimed_at, t.ended_at, clock_timestamp()) as said_at
    from touchpoints t
    where t.series_id = any(${seriesIds}::uuid[]) and t.recipient <> 'staff' and (
      t.state in ('sending', 'unknown', 'sent') or (t.state = 'held' and t.reason = 'unknown') or (${CALLED}) is not null)`.execute(tx);
  return rows;
}

/** A session as a move, a postponement or a cancellation leaves it. */
export type AlteredSession = {
  readonly id: SessionId;
  readonly seriesId: SeriesId;
  readonly status: SessionStatus;
  /** Null: where and as long as it was. */
  readonly time: AlteredTime | null;
  readonly arming: number;
  readonly because: "patient" | "clinic" | null;
  readonly toldStartsAt: Instant | null;
  readonly toldOff: boolean;
};

export type AlteredTime = {
  readonly localStart: string;
  readonly resolution: "exact" | "overlap-first" | "overlap-second";
  readonly startsAt: Instant;
  readonly endsAt: Instant;
};

/** Writes them, each with the next sequence, and numbers the sessions of their series by time again. */
export async function alterSessions(tx: Tx, altered: readonly AlteredSession[], now: Instant): Promise<void> {
  if (altered.length === 0) return;
  const maybe = (at: Instant | null | undefined) => (at === null || at === undefined ? null : toTimestamp(at));
  const rows = unnest(altered, {
    id: ["uuid", ({ id }) => id],
    status: ["text", ({ status }) => status],
    local_start: ["text", ({ time }) => time?.localStart ?? null],
    resolution: ["text", ({ time }) => time?.resolution ?? null],
    starts_at: ["timestamptz", ({ time }) => maybe(time?.startsAt)],
    ends_at: ["timestamptz", ({ time }) => maybe(time?.endsAt)],
    arming: ["smallint", ({ arming }) => arming],
    because: ["text", ({ because }) => because],
    told_starts_at: ["timestamptz", ({ toldStartsAt }) => maybe(toldStartsAt)],
    told_off: ["boolean", ({ toldOff }) => toldOff],
  });
  await sql`
    update sessions v set status = a.status, local_start = coalesce(a.local_start, v.local_start), resolution = coalesce(a.resolution, v.resolution),
      tz_version = ${process.versions.tz ?? "unknown"}, starts_at = coalesce(a.starts_at, v.starts_at), ends_at = coalesce(a.ends_at, v.ends_at),
      arming = a.arming, sequence = v.sequence + 1, changed_at = ${toTimestamp(now)}::timestamptz, changed_because = a.because,
      told_starts_at = a.told_starts_at, told_off = a.told_off
    from ${rows} as a (id, status, local_start, resolution, starts_at, ends_at, arming, because, told_starts_at, told_off) where v.id = a.id`.execute(
    tx,
  );
  await numberSessions(tx, [...new Set(altered.map(({ seriesId }) => seriesId))]);
}

/** Another length, at the same start: nobody is told, and the calendar entry follows with the next mail. */
export async function resizeSession(tx: Tx, id: SessionId, endsAt: Instant): Promise<void> {
  await sql`update sessions set ends_at = ${toTimestamp(endsAt)}::timestamptz, sequence = sequence + 1 where id = ${id}`.execute(tx);
}

/** Numbers the sessions of these series by time, from 1. */
export async function numberSessions(tx: Tx, seriesIds: readonly SeriesId[]): Promise<void> {
  await sql`
    update sessions v set number = n.number
    from (
      select id, row_number() over (partition by series_id order by starts_at, number, id) as number
      from sessions where series_id = any(${seriesIds}::uuid[])) n
    where v.id = n.id and v.number <> n.number`.execute(tx);
}

export type OutcomeColumns = {
  readonly status: SessionStatus;
  readonly arrivedAt?: Instant;
  readonly dosedAt?: Instant;
  readonly dischargedAt?: Instant;
  readonly reason?: string;
  readonly noteSealed?: Buffer | null;
};

/** What happened, and at which clinic time that was recorded. */
export async function writeOutcome(
  tx: Tx,
  id: SessionId,
  { now, status, reason, noteSealed, ...moments }: OutcomeColumns & { now: Instant },
): Promise<void> {
  const { arrivedAt, dosedAt, dischargedAt } = moments;
  await tx
    .updateTable("sessions")
    .set({
      status,
      outcomeAt: formatInstant(now),
      ...(arrivedAt !== undefined && { arrivedAt: formatInstant(arrivedAt) }),
      ...(dosedAt !== undefined && { dosedAt: formatInstant(dosedAt) }),
      ...(dischargedAt !== undefined && { dischargedAt: formatInstant(dischargedAt) }),
      ...(reason !== undefined && { outcomeReason: reason }),
      ...(noteSealed && { outcomeNoteSealed: noteSealed }),
    })
    .where("id", "=", id)
    .execute();
}

/** Why somebody went home early, told later. */
export async function writeNote(tx: Tx, id: SessionId, noteSealed: Buffer): Promise<void> {
  await tx.updateTable("sessions").set({ outcomeNoteSealed: noteSealed }).where("id", "=", id).execute();
}

/** When the escort may come, and which time they are told: the same one, or that of another round. */
export type Pickup = { readonly pickupAt: Instant; readonly namedAt: Instant; readonly round: number };

/** From when the escort may come, said now. */
export async function writePickup(tx: Tx, id: SessionId, { pickupAt, namedAt, round, now }: Pickup & { now: Instant }): Promise<void> {
  await tx
    .updateTable("sessions")
    .set({ pickupAt: formatInstant(pickupAt), pickupNamedAt: formatInstant(namedAt), pickupRound: round, readyAt: formatInstant(now) })
    .where("id", "=", id)
    .execute();
}

/** The monitoring form is filed. */
export async function writeFormFiled(tx: Tx, id: SessionId, { by, at }: { by: string; at: Instant }): Promise<void> {
  await tx
    .updateTable("sessions")
    .set({ formFiledBy: by, formFiledAt: formatInstant(at) })
    .where("id", "=", id)
    .execute();
}

/** Whether the patient has named somebody who takes them home. */
export async function findEscort(db: Database, patientId: PatientId): Promise<boolean> {
  return (await db.selectFrom("escorts").select("patientId").where("patientId", "=", patientId).executeTakeFirst()) !== undefined;
}
