/** What became of a touchpoint: attempts, the provider's own reports as they came in, work for the front desk, and the append-only audit. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table deliveries (
      id uuid primary key,
      -- No foreign key: it is written by the claim of that very row, and checking it would lock the row once more.
      touchpoint_id uuid not null,
      clinic_id uuid not null,
      worker_id uuid not null,
      attempt smallint not null check (attempt > 0),
      -- Rank of the newest provider report, so that late and repeated ones never go backwards.
      rank smallint not null default 0,
      channel text not null check (channel in ('email', 'sms')),
      state text not null check (state in ('sending', 'sent', 'refused', 'not-sent', 'unknown')),
      claimed_at timestamptz not null default clock_timestamp(),
      called_at timestamptz,
      answered_at timestamptz,
      lateness_ms integer,
      content_hash bytea not null,
      provider_message_id text,
      code text,
      unique (touchpoint_id, attempt)
    ) with (fillfactor = 80)`.execute(db);
  await sql`create unique index deliveries_provider_message on deliveries (channel, provider_message_id) where provider_message_id is not null`.execute(
    db,
  );
  await sql`
    create table provider_events (
      id uuid primary key,
      provider text not null check (provider in ('twilio', 'smtp')),
      delivery_id uuid,
      fingerprint bytea not null unique,
      body_sealed bytea not null,
      received_at timestamptz not null default clock_timestamp(),
      folded_at timestamptz
    )`.execute(db);
  await sql`
    create table tasks (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      patient_id uuid not null references patients,
      series_id uuid not null references series on delete cascade,
      session_id uuid,
      touchpoint_id uuid references touchpoints on delete cascade,
      kind text not null check (kind in ('call', 'record-outcome', 'find-driver', 'file-form', 'review')),
      template text not null,
      locale text not null check (locale in ('en', 'es')),
      state text not null default 'open' check (state in ('open', 'done', 'cancelled')),
      importance text not null check (importance in ('critical', 'high', 'normal', 'low')),
      opened_at timestamptz not null,
      due_by timestamptz not null,
      closed_at timestamptz,
      closed_by text,
      unique nulls not distinct (session_id, template, touchpoint_id)
    )`.execute(db);
  await sql`create index tasks_open on tasks (clinic_id, due_by) where state = 'open'`.execute(db);
  await sql`create unique index tasks_no_outcome on tasks (session_id) where template = 'no-outcome-call'`.execute(db);
  await sql`
    create table events (
      id bigint generated always as identity primary key,
      recorded_at timestamptz not null default clock_timestamp(),
      clinic_at timestamptz not null,
      clinic_id uuid,
      actor text not null,
      kind text not null,
      subject_id uuid not null,
      data jsonb not null default '{}'
    )`.execute(db);
  await sql`create index events_subject on events (subject_id, id)`.execute(db);
  await sql`create trigger events_append_only before update or delete on events for each row execute function refuse_change()`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  for (const table of ["events", "tasks", "provider_events", "deliveries"]) await sql`drop table ${sql.table(table)}`.execute(db);
}
