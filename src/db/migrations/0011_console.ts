/** What somebody at the console has asked for and can still take back: carried out ten seconds later, by whoever comes first, once. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table console_actions (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      session_id uuid not null references sessions on delete cascade,
      actor text not null,
      verb text not null,
      -- Times, reasons and words: they may tell of somebody's health.
      action_sealed bytea not null,
      -- The plan's revision that the person saw.
      if_revision integer,
      -- Clinic time at which it was asked for: what happened, happened then.
      asked_at timestamptz not null,
      -- Machine time.
      run_at timestamptz not null,
      claimed_at timestamptz,
      done_at timestamptz,
      undone_at timestamptz,
      -- Why it was refused when it was carried out; null: it was not.
      refusal_sealed bytea,
      check (done_at is null or undone_at is null)
    )`.execute(db);
  await sql`create index console_actions_due on console_actions (run_at) where done_at is null and undone_at is null`.execute(db);
  await sql`create index console_actions_actor on console_actions (actor, run_at)`.execute(db);
  // What the pages of a clinic and of one patient ask for.
  await sql`create index series_clinic on series (clinic_id, id)`.execute(db);
  await sql`create index inbound_messages_patient on inbound_messages (patient_id, received_at) where patient_id is not null`.execute(db);
  await sql`create index alerts_of_patient on alerts (patient_id, raised_at)`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  for (const index of ["alerts_of_patient", "inbound_messages_patient", "series_clinic"])
    await sql`drop index ${sql.ref(index)}`.execute(db);
  await sql`drop table console_actions`.execute(db);
}
