/**
 * What providers say of addresses, as facts: one where nobody is reached is dead until staff change it, one that opted out stays so, and one that fails again and
 * again is flagged. A fact is about the address that was written to, so a report that comes after staff have changed it touches nobody's new one.
 */
import { sql } from "kysely";
import { HOUR, type Instant, instant } from "../domain/calendar.ts";
import type { DeliveryFailure } from "../domain/fold-provider-report.ts";
import type { ClinicId, PatientId, SeriesId, TouchpointId } from "../domain/ids.ts";
import { addStaffedTime } from "../domain/staffed-time.ts";
import type { Tx } from "./database.ts";
import { readClinicTime } from "./clinic-clock.ts";
import { appendEvents } from "./events.ts";
import { unnest } from "./rows.ts";
import { loadStaffedClinics } from "./staffed-clinics.ts";
import { openStaffTasks } from "./staff-tasks.ts";

export type AddressFailure = {
  readonly touchpointId: TouchpointId;
  /** Blind index of the address that was written to; null: the one that is stored now. */
  readonly addressIndex: Buffer | null;
  readonly why: Exclude<DeliveryFailure, "ours">;
};

/** Failures in a row after which somebody should look at an address. */
export const FLAGGED_AT = 3;
/** The script of the task that asks for it. */
export const CHECK_ADDRESS = "check-address";
/** A working day. */
const CHECK_WITHIN_MS = 8 * HOUR;

/** Records the failures and opens one task an address that is flagged by them. Returns the patients whom a dead or silenced address concerns. */
export async function failAddresses(tx: Tx, failures: readonly AddressFailure[]): Promise<PatientId[]> {
  if (failures.length === 0) return [];
  const optedOut = await addOptOuts(
    tx,
    failures.filter(({ why }) => why === "opted-out"),
  );
  const counted = await countFailures(
    tx,
    failures.filter(({ why }) => why !== "opted-out"),
  );
  const flagged = counted.filter(({ isFlagged }) => isFlagged);
  if (flagged.length > 0) await openChecks(tx, [...new Map(flagged.map((each) => [each.touchpointId, each])).values()]);
  const dead = counted.filter(({ isDead }) => isDead);
  return [...new Set([...optedOut, ...dead.map(({ patientId }) => patientId)])];
}

/** A text that arrived shows that its address works. */
export async function clearFailures(
  tx: Tx,
  addresses: readonly { touchpointId: TouchpointId; addressIndex: Buffer | null }[],
): Promise<void> {
  if (addresses.length === 0) return;
  await sql`
    with a as (${resolved(addresses)})
    update contact_points c set failures = 0, flagged_at = null
    from a where c.group_id = a.group_id and c.channel = a.channel and c.address_index = a.address_index and c.dead_at is null and c.failures > 0`.execute(
    tx,
  );
}

/**
 * Each with the group, the channel and the address it was written to. Reports of texts are signed; a bounce anybody can write, so it only ever speaks of the
 * address that the message's own recipient has now.
 */
function resolved(failures: readonly { touchpointId: TouchpointId; addressIndex: Buffer | null }[]) {
  const rows = unnest(failures, {
    touchpoint_id: ["uuid", ({ touchpointId }) => touchpointId],
    address_index: ["bytea", ({ addressIndex }) => addressIndex],
  });
  return sql`
    select v.touchpoint_id, k.group_id, t.channel, coalesce(v.address_index, k.address_index) as address_index
    from ${rows} as v (touchpoint_id, address_index)
      join touchpoints t on t.id = v.touchpoint_id
      join contact_points k on k.patient_id = t.patient_id and k.person = t.recipient and k.channel = t.channel
    where coalesce(v.address_index, k.address_index) is not null and (t.channel = 'sms' or coalesce(v.address_index, k.address_index) = k.address_index)`;
}

async function addOptOuts(tx: Tx, failures: readonly AddressFailure[]): Promise<PatientId[]> {
  if (failures.length === 0) return [];
  const { rows } = await sql<{ patientId: PatientId }>`
    with a as (${resolved(failures)}),
    added as (
      insert into opt_outs (group_id, channel, address_index, source, at)
      select distinct group_id, channel, address_index, 'carrier', (select afterglow_now()) from a on conflict do nothing)
    select distinct c.patient_id from contact_points c
      join a on c.group_id = a.group_id and c.channel = a.channel and c.address_index = a.address_index`.execute(tx);
  return rows.map(({ patientId }) => patientId);
}

type Counted = {
  readonly touchpointId: TouchpointId;
  readonly patientId: PatientId;
  readonly isDead: boolean;
  /** By this failure, and not before. */
  readonly isFlagged: boolean;
};

async function countFailures(tx: Tx, failures: readonly AddressFailure[]): Promise<Counted[]> {
  if (failures.length === 0) return [];
  const dead = failures.filter(({ why }) => why === "bad-address").map(({ touchpointId }) => touchpointId);
  const { rows } = await sql<Counted>`
    with a as (${resolved(failures)}),
    addresses as (
      select group_id, channel, address_index, count(*) as failures, bool_or(touchpoint_id = any(${dead}::uuid[])) as is_dead, min(touchpoint_id::text)::uuid as touchpoint_id
      from a group by group_id, channel, address_index),
    before as (
      select c.patient_id, c.person, c.channel, c.flagged_at, a.touchpoint_id, a.is_dead, a.failures from contact_points c
      join addresses a on c.group_id = a.group_id and c.channel = a.channel and c.address_index = a.address_index
      order by c.patient_id, c.person, c.channel for update of c),
    counted as (
      update contact_points c set
        failures = least(32000, c.failures + b.failures),
        dead_at = case when b.is_dead then coalesce(c.dead_at, (select afterglow_now())) else c.dead_at end,
        flagged_at = case when b.is_dead or c.failures + b.failures >= ${FLAGGED_AT} then coalesce(c.flagged_at, (select afterglow_now())) else c.flagged_at end
      from before b where c.patient_id = b.patient_id and c.person = b.person and c.channel = b.channel
      returning b.touchpoint_id, c.patient_id, b.is_dead, b.flagged_at is null and c.flagged_at is not null as is_flagged)
    select * from counted`.execute(tx);
  return rows;
}

type Failed = { id: TouchpointId; clinicId: ClinicId; patientId: PatientId; seriesId: SeriesId; channel: string; locale: string };

/** One task for the message that tripped it, whoever else has the address. */
async function openChecks(tx: Tx, flagged: readonly Counted[]): Promise<void> {
  const { rows } = await sql<Failed>`
    select t.id, t.clinic_id, t.patient_id, t.series_id, t.channel, c.locale from touchpoints t join clinics c on c.id = t.clinic_id
    where t.id = any(${flagged.map(({ touchpointId }) => touchpointId)}::uuid[])`.execute(tx);
  const clinics = await loadStaffedClinics(
    tx,
    rows.map(({ clinicId }) => clinicId),
  );
  const { now } = await readClinicTime(tx);
  const dueBy = (clinicId: ClinicId): Instant => {
    const clinic = clinics.get(clinicId);
    return clinic ? addStaffedTime(clinic, now, CHECK_WITHIN_MS) : instant(now + CHECK_WITHIN_MS);
  };
  const tasks = rows.map(({ id, clinicId, patientId, seriesId, locale }) => ({
    clinicId,
    patientId,
    seriesId,
    locale,
    kind: "review" as const,
    template: CHECK_ADDRESS,
    touchpointId: id,
    sessionId: null,
    importance: "normal",
    dueBy: dueBy(clinicId),
  }));
  await openStaffTasks(tx, tasks, now);
  await appendEvents(
    tx,
    rows.map(({ clinicId, patientId, channel }) => ({
      kind: "address.flagged",
      clinicId,
      subjectId: patientId,
      actor: "afterglow",
      data: { channel },
    })),
  );
}
