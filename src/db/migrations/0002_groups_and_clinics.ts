/** Groups share patients, phones and opt-outs; a clinic has its zone, hours, closures and senders; a sender has its rate. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`create table groups (id uuid primary key, slug text not null unique, created_at timestamptz not null default clock_timestamp())`.execute(
    db,
  );
  await sql`
    create table clinics (
      id uuid primary key,
      group_id uuid not null references groups,
      slug text not null unique,
      name text not null,
      phone text not null,
      country text not null check (country ~ '^[A-Z]{2}$'),
      zone text not null,
      locale text not null check (locale in ('en', 'es')),
      address text,
      staffed_hours jsonb not null,
      closures date[] not null default '{}',
      quiet_from smallint not null check (quiet_from between 0 and 1439),
      quiet_to smallint not null check (quiet_to between 0 and 1439),
      undo_minutes smallint not null default 10 check (undo_minutes between 0 and 1440),
      created_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`
    create table senders (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      channel text not null check (channel in ('email', 'sms')),
      address text not null,
      name text not null,
      unique (channel, address),
      unique (clinic_id, channel)
    )`.execute(db);
  await sql`
    create table rate_buckets (
      sender_id uuid primary key references senders on delete cascade,
      per_second double precision not null check (per_second > 0),
      burst double precision not null check (burst >= 1),
      tokens double precision not null,
      refilled_at timestamptz not null default clock_timestamp()
    )`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  for (const table of ["rate_buckets", "senders", "clinics", "groups"]) await sql`drop table ${sql.table(table)}`.execute(db);
}
