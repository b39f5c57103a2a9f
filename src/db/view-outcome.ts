/** Scores as the console shows them: of one patient, and of those who answered last at a clinic; reads only. What was answered is opened from its seal, so whoever shows it says so in the audit. */
import { sql } from "kysely";
import { z } from "zod";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId, PatientId, SessionId } from "../domain/ids.ts";
import type { Measure } from "../domain/outcome.ts";
import type { Zone } from "../domain/place-in-time.ts";
import type { Database } from "./database.ts";
import type { Vault } from "./vault.ts";
import type { PageWish } from "./view-lists.ts";

export type ScoredPatient = {
  readonly patientId: PatientId;
  readonly clinicId: ClinicId;
  readonly refSealed: Buffer;
  readonly nameSealed: Buffer;
  readonly phoneSealed: Buffer | null;
  readonly lastAt: Instant;
  readonly order: string;
};

/** Who answered this instrument at the clinic, whoever answered last first. */
export async function listScoredPatients(
  db: Database,
  { clinicId, instrument }: { readonly clinicId: ClinicId; readonly instrument: string },
  { after, limit }: PageWish,
): Promise<ScoredPatient[]> {
  const [at, id] = after ?? [null, null];
  const { rows } = await sql<ScoredPatient>`
    with answered as (
      select patient_id, max(answered_at) as last_at from survey_responses where clinic_id = ${clinicId} and instrument = ${instrument} group by patient_id),
    page as (
      select patient_id, last_at from answered
      where ${at}::timestamptz is null or (last_at, patient_id) < (${at}::timestamptz, ${id}::uuid)
      order by last_at desc, patient_id desc limit ${limit})
    select g.patient_id, ${clinicId}::uuid as clinic_id, p.ref_sealed, p.name_sealed, p.phone_sealed, g.last_at, g.last_at::text as "order"
    from page g join patients p on p.id = g.patient_id order by g.last_at desc, g.patient_id desc`.execute(db);
  return rows;
}

const resultSchema = z.object({ total: z.int().nullable() });

type ResultRow = { readonly id: string; readonly patientId: PatientId; readonly answeredAt: Instant; readonly resultSealed: Buffer };

/** The totals of these patients in order of time; answers without a total are left out. */
export async function loadMeasures(
  { db, vault }: { readonly db: Database; readonly vault: Vault },
  ids: readonly PatientId[],
  instrument: string,
): Promise<ReadonlyMap<PatientId, readonly Measure[]>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<ResultRow>`
    select id, patient_id, answered_at, result_sealed from survey_responses
    where patient_id = any(${[...ids]}::uuid[]) and instrument = ${instrument} order by answered_at, recorded_at, id`.execute(db);
  const opened = rows.flatMap(({ id, patientId, answeredAt, resultSealed }) => {
    const { total } = resultSchema.parse(
      JSON.parse(vault.open(resultSealed, { table: "survey_responses", column: "result_sealed", row: id })),
    );
    return total === null ? [] : [{ patientId, measure: { at: answeredAt, total } }];
  });
  return new Map([...Map.groupBy(opened, ({ patientId }) => patientId)].map(([id, each]) => [id, each.map(({ measure }) => measure)]));
}

/** The first dose of the newest series of each of these patients in which one was given, as `findFirstDose` has it for one. */
export async function loadFirstDoses(db: Database, ids: readonly PatientId[]): Promise<ReadonlyMap<PatientId, Instant>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ patientId: PatientId; at: Instant }>`
    select distinct on (patient_id) patient_id, at from (
      select v.patient_id, s.enqueued_at, min(coalesce(v.dosed_at, v.starts_at)) as at
      from sessions v join series s on s.id = v.series_id
      where v.patient_id = any(${[...ids]}::uuid[]) and v.kind in ('dosing', 'booster') and v.status in ('dosed', 'discharged', 'completed')
      group by v.patient_id, s.id, s.enqueued_at) first
    order by patient_id, enqueued_at desc`.execute(db);
  return new Map(rows.map(({ patientId, at }) => [patientId, at]));
}

export type Dose = { readonly id: SessionId; readonly at: Instant; readonly number: number; readonly kind: string; readonly zone: Zone };

/** Every session of a patient in which a dose was given, in order of time. */
export async function listDoses(db: Database, patientId: PatientId): Promise<Dose[]> {
  const { rows } = await sql<Dose>`
    select id, coalesce(dosed_at, starts_at) as at, number, kind, zone from sessions
    where patient_id = ${patientId} and kind in ('dosing', 'booster') and status in ('dosed', 'discharged', 'completed') order by 2, id`.execute(
    db,
  );
  return rows;
}

export type OutcomePatient = {
  readonly patientId: PatientId;
  readonly refSealed: Buffer;
  readonly nameSealed: Buffer;
  readonly birthDateSealed: Buffer | null;
  readonly phoneSealed: Buffer | null;
};

export async function findOutcomePatient(db: Database, id: PatientId): Promise<OutcomePatient | undefined> {
  const { rows } = await sql<OutcomePatient>`
    select id as patient_id, ref_sealed, name_sealed, birth_date_sealed, phone_sealed from patients where id = ${id}`.execute(db);
  return rows[0];
}
