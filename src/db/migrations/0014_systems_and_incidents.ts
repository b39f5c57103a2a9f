/** A task about another system that was not told what happened; what came of a privacy incident; and the lists of the API by index. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table tasks
      drop constraint tasks_kind_check,
      add constraint tasks_kind_check check (kind in
        ('call', 'record-outcome', 'find-driver', 'file-form', 'review', 'settle-unknown', 'verify', 'reply', 'survey', 'decide', 'tell-system'))`.execute(
    db,
  );
  await sql`create index webhook_events_dead on webhook_events (endpoint_id) where state = 'dead'`.execute(db);
  await sql`
    alter table privacy_incidents
      add column outcome text check (outcome in ('nothing-read', 'low-risk', 'notified', 'right-number')),
      add column note_sealed bytea,
      add constraint privacy_incidents_closed check ((closed_at is null) = (closed_by is null) and (outcome is null or closed_at is not null))`.execute(
    db,
  );
  await sql`create index tasks_closed on tasks (clinic_id, due_by, id) where state in ('done', 'dropped', 'cancelled')`.execute(db);
  await sql`create index privacy_incidents_clinic on privacy_incidents (clinic_id, at, id)`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  await sql`drop index privacy_incidents_clinic, tasks_closed, webhook_events_dead`.execute(db);
  await sql`alter table privacy_incidents drop constraint privacy_incidents_closed, drop column outcome, drop column note_sealed`.execute(
    db,
  );
  await sql`delete from tasks where kind = 'tell-system'`.execute(db);
  await sql`
    alter table tasks
      drop constraint tasks_kind_check,
      add constraint tasks_kind_check check (kind in
        ('call', 'record-outcome', 'find-driver', 'file-form', 'review', 'settle-unknown', 'verify', 'reply', 'survey', 'decide'))`.execute(
    db,
  );
}
