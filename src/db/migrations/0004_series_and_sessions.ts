/** Approved protocols, the series pinned to them, and the sessions: local time and zone are the truth, the instant is their cache. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table protocol_approvals (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      protocol text not null,
      version integer not null check (version > 0),
      content jsonb not null,
      templates jsonb not null,
      hash text not null,
      approved_by text not null,
      approved_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index protocol_approvals_in_force on protocol_approvals (clinic_id, protocol, version, approved_at desc)`.execute(db);
  await sql`
    create table series (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      patient_id uuid not null references patients,
      approval_id uuid not null references protocol_approvals,
      condition text not null,
      status text not null check (status in ('enqueued', 'active', 'paused', 'completed', 'stopped', 'void')),
      enqueued_at timestamptz not null,
      quiet_until timestamptz not null,
      external_id_sealed bytea,
      external_id_index bytea,
      content_hash bytea not null,
      cadence jsonb,
      horizon_until date,
      unique (clinic_id, external_id_index)
    )`.execute(db);
  await sql`create index series_patient on series (patient_id)`.execute(db);
  await sql`create index series_horizon on series (horizon_until) where horizon_until is not null and status in ('enqueued', 'active')`.execute(
    db,
  );
  await sql`
    create table sessions (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      patient_id uuid not null references patients,
      series_id uuid not null references series on delete cascade,
      number smallint not null check (number > 0),
      kind text not null check (kind in ('preparation', 'dosing', 'integration', 'assessment', 'booster')),
      setting text not null check (setting in ('clinic', 'home', 'telehealth', 'elsewhere')),
      owner text not null check (owner in ('ours', 'external')),
      status text not null check (status in
        ('scheduled', 'arrived', 'dosed', 'not_dosed', 'discharged', 'completed', 'postponed', 'cancelled', 'no_show')),
      local_start text not null check (local_start ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$'),
      zone text not null,
      resolution text not null check (resolution in ('exact', 'overlap-first', 'overlap-second')),
      tz_version text not null,
      starts_at timestamptz not null,
      -- Planned end, observation included.
      ends_at timestamptz not null,
      arrived_at timestamptz,
      dosed_at timestamptz,
      discharged_at timestamptz,
      outcome_reason text,
      place text,
      with_whom text,
      join_url text,
      external_id_sealed bytea,
      external_id_index bytea,
      arming smallint not null default 0,
      sequence smallint not null default 0,
      check (starts_at < ends_at)
    )`.execute(db);
  await sql`create index sessions_series on sessions (series_id, starts_at)`.execute(db);
  await sql`create index sessions_patient on sessions (patient_id, starts_at)`.execute(db);
  await sql`create index sessions_clinic on sessions (clinic_id, starts_at)`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  for (const table of ["sessions", "series", "protocol_approvals"]) await sql`drop table ${sql.table(table)}`.execute(db);
}
