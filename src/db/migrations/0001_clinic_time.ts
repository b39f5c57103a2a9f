/** Clinic time. `afterglow_now()` is the one clock of due, legal moments and expiry; it equals machine time until a demo or a simulation moves it. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table clinic_clock (
      only_one boolean primary key default true check (only_one),
      environment text not null check (environment in ('production', 'demo', 'test')),
      mode text not null default 'real' check (mode in ('real', 'stepped', 'scaled')),
      -- Clinic time and machine time at the last step; meaningless while the mode is real.
      clinic_at timestamptz not null default now(),
      machine_at timestamptz not null default now(),
      scale double precision not null default 1 check (scale > 0 and scale <= 600),
      check (mode = 'real' or environment <> 'production')
    )`.execute(db);
  // STABLE, and always wrapped in a scalar subquery where it is compared: a volatile function would be called a row and keep indexes unused.
  await sql`
    create function afterglow_now() returns timestamptz language sql stable parallel safe as $$
      select case mode
        when 'real' then statement_timestamp()
        when 'stepped' then clinic_at
        else clinic_at + (statement_timestamp() - machine_at) * scale
      end from clinic_clock
    $$`.execute(db);
  await sql`
    create function machine_time_of(clinic timestamptz) returns timestamptz language sql stable parallel safe as $$
      select case mode
        when 'real' then clinic
        when 'stepped' then machine_at
        else machine_at + (clinic - clinic_at) / scale
      end from clinic_clock
    $$`.execute(db);
  await sql`
    create table workers (
      id uuid primary key,
      role text not null,
      host text not null,
      pid integer not null,
      version text not null,
      tz_version text not null,
      started_at timestamptz not null default clock_timestamp(),
      beat_at timestamptz not null default clock_timestamp(),
      stopped_at timestamptz
    )`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  await sql`drop table workers`.execute(db);
  await sql`drop function machine_time_of(timestamptz)`.execute(db);
  await sql`drop function afterglow_now()`.execute(db);
  await sql`drop table clinic_clock`.execute(db);
}
