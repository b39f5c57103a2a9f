/**
 * Who works here and what they may do, the keys of programs, what an idempotency key was answered with, and the systems that are told of what happened. Secrets of
 * sign-in are hashes, second factors and signing secrets are sealed, answers that are kept are sealed because they may hold health information.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table staff (
      id uuid primary key,
      group_id uuid not null references groups,
      -- What they sign in with, in lower case; stands in the audit, so it is never given to somebody else.
      login text not null unique check (login = lower(login)),
      name text not null,
      -- Holds its method and its costs: they can be raised without asking anybody for a new password.
      password_hash text not null,
      -- Until when the password they were handed lets them choose their own and tie a second factor; null once they have.
      set_up_until timestamptz,
      totp_sealed bytea,
      -- The newest time step whose code was used: no code is taken twice.
      totp_step bigint not null default 0,
      created_at timestamptz not null default clock_timestamp(),
      disabled_at timestamptz
    )`.execute(db);
  await sql`
    create table staff_clinics (
      staff_id uuid not null references staff on delete cascade,
      clinic_id uuid not null references clinics,
      role text not null check (role in ('viewer', 'front-desk', 'nurse', 'clinician', 'admin', 'auditor')),
      primary key (staff_id, clinic_id)
    )`.execute(db);
  await sql`
    create table staff_sessions (
      token_hash bytea primary key,
      staff_id uuid not null references staff on delete cascade,
      -- password: the first factor was right; full: both were.
      stage text not null check (stage in ('password', 'full')),
      began_at timestamptz not null,
      seen_at timestamptz not null,
      -- When both factors were last given again.
      confirmed_at timestamptz
    )`.execute(db);
  await sql`create index staff_sessions_staff on staff_sessions (staff_id)`.execute(db);
  // By a keyed hash of what was typed as a login, whether somebody has it or not: an answer tells nobody which logins there are.
  await sql`
    create table sign_in_failures (
      login_index bytea primary key,
      failures smallint not null,
      failed_at timestamptz not null,
      locked_until timestamptz
    )`.execute(db);
  await sql`
    create table api_keys (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      name text not null,
      secret_hash bytea not null,
      scopes text[] not null,
      created_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      expires_at timestamptz not null,
      revoked_at timestamptz,
      last_used_at timestamptz
    )`.execute(db);
  await sql`create index api_keys_name on api_keys (clinic_id, name)`.execute(db);
  await sql`
    create table idempotency_keys (
      -- Whose key it is: two callers may choose the same one.
      caller text not null,
      key text not null,
      request_hash bytea not null,
      began_at timestamptz not null default clock_timestamp(),
      -- Null while the first request is under way.
      status smallint,
      answer_sealed bytea,
      etag text,
      primary key (caller, key)
    )`.execute(db);
  await sql`create index idempotency_keys_age on idempotency_keys (began_at)`.execute(db);
  await sql`
    create table webhook_endpoints (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      url text not null,
      secret_sealed bytea not null,
      -- The secret before the last rotation signs beside the present one until then.
      former_sealed bytea,
      former_until timestamptz,
      kinds text[] not null,
      created_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      removed_at timestamptz
    )`.execute(db);
  await sql`create index webhook_endpoints_clinic on webhook_endpoints (clinic_id) where removed_at is null`.execute(db);
  await sql`
    create table webhook_events (
      id uuid primary key,
      endpoint_id uuid not null references webhook_endpoints on delete cascade,
      clinic_id uuid not null references clinics,
      kind text not null,
      -- Which fact this tells, so that no endpoint is told of it twice.
      fact text not null,
      -- Prefixed ids, nothing else.
      data jsonb not null,
      -- Clinic time.
      happened_at timestamptz not null,
      -- Machine time, as all that follow: when it was put here, and when it is tried next. A claim moves try_at ahead, so that the rows of a process that died come back.
      told_at timestamptz not null default clock_timestamp(),
      try_at timestamptz not null default clock_timestamp(),
      attempts smallint not null default 0,
      state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
      -- What the last try was answered with; a failure is a code, never a text of theirs.
      status smallint,
      failure text,
      ended_at timestamptz,
      unique (endpoint_id, fact)
    )`.execute(db);
  await sql`create index webhook_events_due on webhook_events (endpoint_id, try_at) where state = 'waiting'`.execute(db);
  await sql`create index webhook_events_ended on webhook_events (ended_at) where state <> 'waiting'`.execute(db);
  // How far the audit was read. What was given an id and is not committed yet comes later under a smaller one: seen_id is where the audit ended when it was last
  // looked at, holders the transactions that may have owed an entry up to there.
  await sql`
    create table webhook_relay (
      only_one boolean primary key default true check (only_one),
      event_id bigint not null,
      seen_id bigint,
      holders text[] not null default '{}'
    )`.execute(db);
  await sql`insert into webhook_relay (event_id) values (0)`.execute(db);
  await sql`create index events_clinic on events (clinic_id, id)`.execute(db);
  await sql`create index patients_group on patients (group_id, id)`.execute(db);
  await sql`create index survey_invitations_clinic on survey_invitations (clinic_id, asked_at, id)`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  for (const index of ["survey_invitations_clinic", "patients_group", "events_clinic"]) await sql`drop index ${sql.ref(index)}`.execute(db);
  for (const table of [
    "webhook_relay",
    "webhook_events",
    "webhook_endpoints",
    "idempotency_keys",
    "api_keys",
    "sign_in_failures",
    "staff_sessions",
    "staff_clinics",
    "staff",
  ])
    await sql`drop table ${sql.table(table)}`.execute(db);
}
