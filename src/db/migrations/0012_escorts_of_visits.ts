/** Escorts of one visit, and what whoever drives writes on the page behind a link that the patient has passed on. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table escorts
      -- The patient named them for this visit alone; null: for every visit.
      add column only_session_id uuid references sessions on delete cascade`.execute(db);
  await sql`create index escorts_only_session on escorts (only_session_id) where only_session_id is not null`.execute(db);
  await sql`
    alter table contact_points
      -- The person has agreed to be written to about this visit alone; null: about every visit.
      add column only_session_id uuid`.execute(db);
  // The session's arming when they were named: a move makes the question new.
  await sql`alter table session_escorts add column arming smallint not null default 0`.execute(db);
  await sql`
    create table escort_opt_ins (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      patient_id uuid not null references patients on delete cascade,
      session_id uuid not null references sessions on delete cascade,
      link_id uuid not null,
      -- About this visit, or about every visit.
      scope text not null check (scope in ('visit', 'all')),
      name_sealed bytea not null,
      phone_sealed bytea not null,
      address_index bytea not null,
      locale text not null check (locale in ('en', 'es')),
      wording text not null,
      -- taken: texts may come; review: staff look at it first.
      standing text not null check (standing in ('taken', 'review')),
      at timestamptz not null
    )`.execute(db);
  await sql`create index escort_opt_ins_session on escort_opt_ins (session_id, at)`.execute(db);
  await sql`create index escort_opt_ins_patient on escort_opt_ins (patient_id)`.execute(db);
  await sql`create trigger escort_opt_ins_append_only before update on escort_opt_ins for each row execute function refuse_change()`.execute(
    db,
  );
}

export async function down(db: Kysely<never>): Promise<void> {
  await sql`drop table escort_opt_ins`.execute(db);
  await sql`alter table session_escorts drop column arming`.execute(db);
  await sql`alter table contact_points drop column only_session_id`.execute(db);
  await sql`alter table escorts drop column only_session_id`.execute(db);
}
