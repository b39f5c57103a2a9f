/** Patients and whom they named. What identifies a person is sealed (AES-256-GCM) and found again by a keyed blind index; the consent ledger feeds one current row a channel. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table patients (
      id uuid primary key,
      group_id uuid not null references groups,
      ref_sealed bytea not null,
      ref_index bytea not null,
      name_sealed bytea not null,
      birth_date_sealed bytea,
      phone_sealed bytea,
      email_sealed bytea,
      address_sealed bytea,
      emergency_contact_sealed bytea,
      hold_reason_sealed bytea,
      zone text not null,
      locale text not null check (locale in ('en', 'es')),
      quiet_from smallint not null check (quiet_from between 0 and 1439),
      quiet_to smallint not null check (quiet_to between 0 and 1439),
      detail_accepted boolean not null default false,
      watched boolean not null default false,
      hold_code text,
      plan_revision integer not null default 0,
      planned_revision integer not null default 0,
      -- Machine time of the newest unplanned fact: how long a plan has been waiting.
      unplanned_since timestamptz,
      created_at timestamptz not null default clock_timestamp(),
      unique (group_id, ref_index),
      check (planned_revision <= plan_revision)
    )`.execute(db);
  await sql`create index patients_unplanned on patients (unplanned_since) where plan_revision <> planned_revision`.execute(db);
  await sql`
    create table escorts (
      patient_id uuid primary key references patients on delete cascade,
      name_sealed bytea not null,
      phone_sealed bytea,
      email_sealed bytea,
      locale text not null check (locale in ('en', 'es'))
    )`.execute(db);
  await sql`
    create table contact_points (
      patient_id uuid not null references patients on delete cascade,
      person text not null check (person in ('patient', 'escort')),
      channel text not null check (channel in ('email', 'sms')),
      group_id uuid not null references groups,
      address_index bytea,
      granted boolean not null default false,
      dead_at timestamptz,
      primary key (patient_id, person, channel)
    )`.execute(db);
  await sql`create index contact_points_address on contact_points (group_id, channel, address_index)`.execute(db);
  await sql`
    create table consents (
      id uuid primary key,
      group_id uuid not null references groups,
      patient_id uuid not null references patients,
      person text not null check (person in ('patient', 'escort')),
      channel text not null check (channel in ('email', 'sms', 'detail')),
      action text not null check (action in ('granted', 'revoked')),
      address_index bytea,
      wording text,
      source text not null,
      actor text not null,
      at timestamptz not null,
      recorded_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index consents_patient on consents (patient_id)`.execute(db);
  await sql`
    create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception '% is append-only', tg_table_name using errcode = 'AG002';
      end $$`.execute(db);
  await sql`create trigger consents_append_only before update or delete on consents for each row execute function refuse_change()`.execute(
    db,
  );
  await sql`
    create table opt_outs (
      group_id uuid not null references groups,
      channel text not null check (channel in ('email', 'sms')),
      address_index bytea not null,
      source text not null,
      at timestamptz not null,
      primary key (group_id, channel, address_index)
    )`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  for (const table of ["opt_outs", "consents", "contact_points", "escorts", "patients"])
    await sql`drop table ${sql.table(table)}`.execute(db);
  await sql`drop function refuse_change()`.execute(db);
}
