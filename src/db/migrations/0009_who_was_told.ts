/** Which escort a patient has, and which pick-up time an escort was told: so that whoever is new hears what is still of use, and another time is told once more. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table patients
      -- One more for each escort who is taken away or replaced.
      add column escort_number smallint not null default 1,
      -- Clinic time since which the present one is; null: from the beginning.
      add column escort_since timestamptz`.execute(db);
  await sql`
    alter table sessions
      -- The pick-up time that is told, and how often before another one was.
      add column pickup_named_at timestamptz,
      add column pickup_round smallint not null default 0`.execute(db);
  // What came of the call that a touchpoint became is asked at every planning.
  await sql`create index tasks_touchpoint on tasks (touchpoint_id)`.execute(db);
  await sql`update sessions set pickup_named_at = pickup_at where pickup_at is not null`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  await sql`drop index tasks_touchpoint`.execute(db);
  await sql`alter table sessions drop column pickup_named_at, drop column pickup_round`.execute(db);
  await sql`alter table patients drop column escort_number, drop column escort_since`.execute(db);
}
