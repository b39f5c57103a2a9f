/** The statements that settle what became of sends whose answer was lost. Rows of touchpoints are changed only under the locks of their patients, as plans change them. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, DeliveryId, PatientId, SessionId, SeriesId, TouchpointId } from "../domain/ids.ts";
import type { UnknownTouchpoint } from "../domain/decide-unknown.ts";
import type { TouchpointState } from "../domain/touchpoint.ts";
import { type Database, toTimestamp, type Tx } from "./database.ts";

/** One settler at a time; the lock ends with the transaction. */
export async function tryLockSettling(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(hashtext('afterglow settle')) as locked`.execute(tx);
  return rows[0]?.locked ?? false;
}

/** Longer than any call lasts, and than its outcome is tried to be stored; and time for the provider to list it. */
const SETTLE_AFTER_SECONDS = 60;
/** Between a look that found nothing and the next one; and after one that could not be made. */
const LOOK_AGAIN_SECONDS = 120;
const RETRY_LOOK_SECONDS = 30;
/** When the provider could not be asked for so long, staff decide. What comes later still settles it. */
const GIVE_UP_SECONDS = 900;

export type UnknownRow = {
  readonly id: TouchpointId;
  readonly patientId: PatientId;
  readonly channel: "email" | "sms";
  readonly recipient: "patient" | "escort";
  readonly attempt: number;
  readonly deliveryId: DeliveryId;
  readonly claimedAt: Instant;
  readonly contentHash: Buffer;
  /** Looks so far that found nothing. */
  readonly looks: number;
  /** Nobody could be asked for too long. */
  readonly isOld: boolean;
  /** Where a text went to; sealed. */
  readonly phoneSealed: Buffer | null;
  /** The person's number or address has been changed since. */
  readonly isElsewhere: boolean;
};

const AT_ONCE = 100;
/** Facts after which a person may be reached at another number than the one that was written to. */
const ELSEWHERE = ["patient.contact-changed", "patient.escort-named", "patient.escort-removed"];

/** Unknowns about which something can be found out now, marked as being looked at. */
export async function takeUnknowns(tx: Tx): Promise<UnknownRow[]> {
  const { rows } = await sql<UnknownRow>`
    with due as (
      select t.id, t.patient_id, t.channel, t.recipient, t.attempts as attempt, d.id as delivery_id, d.claimed_at, d.content_hash, d.looks,
        d.claimed_at < clock_timestamp() - make_interval(secs => ${GIVE_UP_SECONDS}) as is_old,
        case t.recipient when 'escort' then e.phone_sealed else p.phone_sealed end as phone_sealed,
        exists (select from events v where v.subject_id = t.patient_id and v.kind = any(${ELSEWHERE}::text[]) and v.recorded_at > d.claimed_at) as is_elsewhere
      from touchpoints t
        join deliveries d on d.touchpoint_id = t.id and d.attempt = t.attempts
        join patients p on p.id = t.patient_id
        left join escorts e on e.patient_id = t.patient_id
      where t.state = 'unknown' and d.claimed_at < clock_timestamp() - make_interval(secs => ${SETTLE_AFTER_SECONDS})
        and (d.looked_at is null
          or d.looked_at < clock_timestamp() - make_interval(secs => (case d.looks when 0 then ${RETRY_LOOK_SECONDS} else ${LOOK_AGAIN_SECONDS} end)::double precision))
      order by d.claimed_at limit ${AT_ONCE}),
    marked as (update deliveries d set looked_at = clock_timestamp() from due where d.id = due.delivery_id)
    select * from due`.execute(tx);
  return rows;
}

/** A look that found nothing counts; one that could not be made does not. */
export async function countLooks(db: Database, ids: readonly DeliveryId[]): Promise<void> {
  if (ids.length > 0) await sql`update deliveries set looks = looks + 1 where id = any(${ids}::uuid[])`.execute(db);
}

/** Which of these texts of a provider belong to a delivery. */
export async function findTaken(db: Database, sids: readonly string[]): Promise<Set<string>> {
  if (sids.length === 0) return new Set();
  const { rows } = await sql<{ sid: string }>`
    select provider_message_id as sid from deliveries where channel = 'sms' and provider_message_id = any(${sids}::text[])`.execute(db);
  return new Set(rows.map(({ sid }) => sid));
}

export type LockedUnknown = UnknownTouchpoint & {
  readonly id: TouchpointId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId | null;
  readonly template: string;
  readonly locale: string;
  readonly importance: string;
  readonly expiresAt: Instant;
  readonly attempt: number;
};

/** Those that are still unknown, as they are now, locked; the patients are locked before. */
export async function lockUnknowns(tx: Tx, ids: readonly TouchpointId[]): Promise<LockedUnknown[]> {
  const { rows } = await sql<LockedUnknown>`
    select id, clinic_id, patient_id, series_id, session_id, template, locale, importance, expires_at, on_unknown, resends, send_by, attempts as attempt,
      unwanted_at is not null as is_unwanted
    from touchpoints where id = any(${ids}::uuid[]) and state = 'unknown' order by id for update`.execute(tx);
  return rows;
}

/** The one automatic re-send: tried as soon as it is legal, with the same Message-ID. */
export async function planAgain(tx: Tx, ids: readonly TouchpointId[], now: Instant): Promise<void> {
  if (ids.length > 0)
    await sql`
      update touchpoints set state = 'planned', reason = null, resends = resends + 1, try_at = ${toTimestamp(now)}, hinted_at = null
      where id = any(${ids}::uuid[])`.execute(tx);
}

export async function holdUnknowns(tx: Tx, ids: readonly TouchpointId[]): Promise<void> {
  if (ids.length > 0) await sql`update touchpoints set state = 'held', reason = 'unknown' where id = any(${ids}::uuid[])`.execute(tx);
}

export async function supersedeUnknowns(tx: Tx, ids: readonly TouchpointId[]): Promise<void> {
  if (ids.length > 0) await sql`update touchpoints set state = 'superseded', reason = null where id = any(${ids}::uuid[])`.execute(tx);
}

/** The provider has been asked twice and has none: these attempts were not sent. */
export async function recordAbsent(tx: Tx, ids: readonly DeliveryId[]): Promise<void> {
  if (ids.length > 0)
    await sql`update deliveries set state = 'not-sent', code = 'not-found' where id = any(${ids}::uuid[]) and state = 'unknown'`.execute(
      tx,
    );
}

/**
 * Ends as sent what is proven to have been sent, whether it is still unknown, held, or planned again for its re-send; returns what it ended. A planned row becomes
 * sent by way of held: a claim that comes at the same moment finds it locked.
 */
export async function endAsSent(
  tx: Tx,
  ids: readonly TouchpointId[],
): Promise<{ id: TouchpointId; clinicId: ClinicId; attempt: number }[]> {
  if (ids.length === 0) return [];
  await sql`update touchpoints set state = 'held', reason = 'unknown' where id = any(${ids}::uuid[]) and state = 'planned'`.execute(tx);
  const { rows } = await sql<{ id: TouchpointId; clinicId: ClinicId; attempt: number }>`
    update touchpoints set state = 'sent', reason = null where id = any(${ids}::uuid[]) and state in ('unknown', 'held')
    returning id, clinic_id, attempts as attempt`.execute(tx);
  return rows;
}

/** Touchpoints that an attempt of theirs is known to have sent, while they themselves wait: for a settlement, or for a re-send. */
export async function findProven(tx: Tx): Promise<{ id: TouchpointId; patientId: PatientId }[]> {
  const { rows } = await sql<{ id: TouchpointId; patientId: PatientId }>`
    select t.id, t.patient_id from touchpoints t
    where (t.state = 'unknown' or (t.state = 'held' and t.reason = 'unknown') or (t.state = 'planned' and t.resends > 0))
      and exists (select from deliveries d where d.touchpoint_id = t.id and d.state = 'sent') limit 1000`.execute(tx);
  return rows;
}

export type Unsettled = {
  readonly id: TouchpointId;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly state: TouchpointState;
  readonly reason: string | null;
  readonly isUnwanted: boolean;
  readonly sendBy: Instant;
};

/** One touchpoint as somebody settles it. */
export async function findUnsettled(db: Database, id: TouchpointId): Promise<Unsettled | undefined> {
  const { rows } = await sql<Unsettled>`
    select id, clinic_id, patient_id, state, reason, unwanted_at is not null as is_unwanted, send_by from touchpoints where id = ${id}`.execute(
    db,
  );
  return rows[0];
}

/** The same, locked until the transaction ends. */
export async function lockUnsettled(tx: Tx, id: TouchpointId): Promise<Unsettled | undefined> {
  await sql`select id from touchpoints where id = ${id} for update`.execute(tx);
  return findUnsettled(tx, id);
}

/** Somebody has said it by voice. An unknown becomes suppressed by way of held. */
export async function endAsTold(tx: Tx, id: TouchpointId): Promise<void> {
  await sql`update touchpoints set state = 'held', reason = 'unknown' where id = ${id} and state = 'unknown'`.execute(tx);
  await sql`update touchpoints set state = 'suppressed', reason = 'already-told' where id = ${id} and state = 'held'`.execute(tx);
}

/** Somebody wants it sent again: as soon as it is legal. Not counted among the automatic re-sends. */
export async function planByHand(tx: Tx, id: TouchpointId, now: Instant): Promise<void> {
  await sql`
    update touchpoints set state = 'planned', reason = null, try_at = ${toTimestamp(now)}, hinted_at = null
    where id = ${id} and state in ('unknown', 'held')`.execute(tx);
}
