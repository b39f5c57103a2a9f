/**
 * What changes a plan after it was made: moves with what the patient had been told of them, pauses, holds, closures, published wordings, switches that stop
 * sending, and what providers reported of a delivery.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table sessions
      -- Clinic time of the last move, postponement or cancellation.
      add column changed_at timestamptz,
      add column changed_because text check (changed_because in ('patient', 'clinic')),
      -- The start that the patient had been told when it changed; null when nothing had been announced.
      add column told_starts_at timestamptz,
      -- True when they had been told last that it does not take place, and it came back.
      add column told_off boolean not null default false,
      -- Clinic time at which the present outcome was recorded.
      add column outcome_at timestamptz,
      -- Why somebody went home before the observation was over.
      add column outcome_note_sealed bytea,
      -- "Ready": from when the escort may come, and when that was said.
      add column pickup_at timestamptz,
      add column ready_at timestamptz,
      add column form_filed_at timestamptz,
      add column form_filed_by text`.execute(db);
  await sql`create unique index sessions_external_id on sessions (clinic_id, external_id_index) where external_id_index is not null`.execute(
    db,
  );
  await sql`
    alter table series
      add column paused_at timestamptz,
      -- Clinic time at which it was stopped or voided.
      add column ended_at timestamptz,
      add column replaced_by uuid`.execute(db);
  await sql`
    alter table patients
      -- Clinic time at which staff last checked contact, consent, escort and version with the patient.
      add column verified_at timestamptz,
      add column held_at timestamptz`.execute(db);
  await sql`alter table clinics add column revision integer not null default 0, add column texts_per_week smallint not null default 6`.execute(
    db,
  );
  await sql`
    create table clinic_closures (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      from_at timestamptz not null,
      to_at timestamptz not null check (from_at < to_at),
      whole_day date,
      reason text not null,
      actor text not null,
      closed_at timestamptz not null,
      reopened_at timestamptz
    )`.execute(db);
  await sql`
    create table template_releases (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      stem text not null,
      sources jsonb not null,
      hash text not null,
      approved_by text not null,
      released_at timestamptz not null default clock_timestamp(),
      rolled_back_at timestamptz
    )`.execute(db);
  await sql`create index template_releases_newest on template_releases (clinic_id, stem, released_at desc) where rolled_back_at is null`.execute(
    db,
  );
  await sql`
    create table switches (
      id uuid primary key,
      scope text not null check (scope in ('everything', 'clinic', 'channel', 'template', 'patient')),
      clinic_id uuid references clinics,
      -- The channel, the template's stem or the patient's id.
      subject text,
      reason text not null,
      actor text not null,
      off_at timestamptz not null default clock_timestamp(),
      on_at timestamptz,
      check ((scope = 'everything') = (clinic_id is null and subject is null)),
      check ((scope in ('channel', 'template', 'patient')) = (subject is not null))
    )`.execute(db);
  await sql`create unique index switches_off on switches (scope, clinic_id, subject) nulls not distinct where on_at is null`.execute(db);
  await sql`
    alter table touchpoints
      -- The rule's group: stages of one story, of which only the newest is still sent after an outage.
      add column story text,
      add column resends smallint not null default 0 check (resends between 0 and 1)`.execute(db);
  // Twilio's sids are unique. A mail server's queue ids come back after a while, and one that gives none leaves the Message-ID, which a re-send shares.
  await sql`drop index deliveries_provider_message`.execute(db);
  await sql`
    create unique index deliveries_provider_message on deliveries (channel, provider_message_id) where channel = 'sms' and provider_message_id is not null`.execute(
    db,
  );
  // The sweep ends what is still held at its last moment.
  await sql`create index touchpoints_held on touchpoints (send_by) where state = 'held'`.execute(db);
  await sql`
    alter table deliveries
      add column provider_state text,
      add column provider_code text,
      add column provider_at timestamptz,
      -- How often the provider was asked in vain for an attempt whose answer was lost, and when it was last asked.
      add column looks smallint not null default 0,
      add column looked_at timestamptz`.execute(db);
  await sql`create index touchpoints_resent on touchpoints (id) where resends > 0`.execute(db);
  await sql`create index provider_events_unfolded on provider_events (received_at) where folded_at is null`.execute(db);
  await sql`alter table contact_points add column failures smallint not null default 0, add column flagged_at timestamptz`.execute(db);
  await sql`alter table workers add column skew_ms integer not null default 0`.execute(db);
  await sql`
    alter table tasks
      drop constraint tasks_state_check,
      drop constraint tasks_kind_check,
      alter column series_id drop not null,
      add column assignee text,
      add column outcome text,
      add column note_sealed bytea,
      add column revision integer not null default 0,
      add constraint tasks_state_check check (state in ('open', 'taken', 'done', 'dropped', 'cancelled')),
      add constraint tasks_kind_check check (kind in ('call', 'record-outcome', 'find-driver', 'file-form', 'review', 'settle-unknown', 'verify'))`.execute(
    db,
  );
  await sql`drop index tasks_open`.execute(db);
  await sql`create index tasks_open on tasks (clinic_id, due_by) where state in ('open', 'taken')`.execute(db);
  await sql`create index tasks_patient on tasks (patient_id)`.execute(db);
  // Work about a patient as such has neither: two patients need each their own.
  await sql`alter table tasks drop constraint tasks_session_id_template_touchpoint_id_key`.execute(db);
  await sql`
    create unique index tasks_once on tasks (session_id, template, touchpoint_id) nulls not distinct
    where session_id is not null or touchpoint_id is not null`.execute(db);
  await sql`alter table touchpoints drop constraint touchpoints_task_kind_check`.execute(db);
  await sql`
    alter table touchpoints add constraint touchpoints_task_kind_check
      check (task_kind in ('call', 'record-outcome', 'find-driver', 'file-form', 'review', 'settle-unknown', 'verify'))`.execute(db);
  await sql`
    alter table clinic_clock
      -- Which server and timeline the rows live on: after a restore they differ, and nothing is sent until somebody has looked.
      add column home text,
      add column safe_mode_since timestamptz,
      add column safe_mode_reason text`.execute(db);
  // A procedural function called for each row took a tenth of a send; now it is called where a change is illegal, or its end has no time yet.
  await sql`
    create function is_legal_transition(old_state text, new_state text) returns boolean language sql immutable parallel safe as $$
      select case old_state
        when 'planned' then new_state in ('sending', 'held', 'suppressed', 'expired', 'superseded', 'cancelled', 'tasked')
        when 'sending' then new_state in ('sent', 'failed', 'unknown', 'planned', 'superseded', 'cancelled')
        when 'unknown' then new_state in ('sent', 'failed', 'planned', 'held', 'superseded', 'cancelled')
        when 'held' then new_state in ('planned', 'sent', 'failed', 'suppressed', 'expired', 'superseded', 'cancelled')
        else false
      end
    $$`.execute(db);
  await sql`drop trigger touchpoints_transition on touchpoints`.execute(db);
  await sql`
    create trigger touchpoints_transition before update of state on touchpoints for each row
      when (old.state is distinct from new.state and (
        not is_legal_transition(old.state, new.state)
        or (new.state = 'planned' and new.unwanted_at is not null)
        or (new.ended_at is null and new.state not in ('planned', 'sending', 'unknown', 'held'))))
      execute function check_touchpoint_transition()`.execute(db);
  // The series' own, and the patient's; each of these keys looked its parent up once more for every row.
  for (const [table, column] of IMPLIED)
    await sql`alter table ${sql.table(table)} drop constraint ${sql.ref(`${table}_${column}_fkey`)}`.execute(db);
  await sql`drop view claimable_touchpoints`.execute(db);
  await claimableWithSwitches.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  // A view lists the table's columns as they were when it was made, and holds on to them.
  await sql`drop view claimable_touchpoints`.execute(db);
  await sql`alter table clinic_clock drop column home, drop column safe_mode_since, drop column safe_mode_reason`.execute(db);
  await sql`drop index touchpoints_held`.execute(db);
  await sql`drop index deliveries_provider_message`.execute(db);
  await sql`
    update deliveries d set provider_message_id = null
    where exists (select from deliveries o where o.channel = d.channel and o.provider_message_id = d.provider_message_id and o.id < d.id)`.execute(
    db,
  );
  await sql`create unique index deliveries_provider_message on deliveries (channel, provider_message_id) where provider_message_id is not null`.execute(
    db,
  );
  await sql`alter table touchpoints drop constraint touchpoints_task_kind_check, drop column resends, drop column story`.execute(db);
  await sql`
    alter table touchpoints add constraint touchpoints_task_kind_check
      check (task_kind in ('call', 'record-outcome', 'find-driver', 'file-form', 'review'))`.execute(db);
  await sql`drop index tasks_open, tasks_patient, tasks_once`.execute(db);
  await sql`
    delete from tasks where kind in ('settle-unknown', 'verify') or series_id is null or (session_id is null and touchpoint_id is null)`.execute(
    db,
  );
  await sql`
    alter table tasks add constraint tasks_session_id_template_touchpoint_id_key unique nulls not distinct (session_id, template, touchpoint_id)`.execute(
    db,
  );
  await sql`update tasks set state = 'open' where state = 'taken'`.execute(db);
  await sql`update tasks set state = 'cancelled' where state = 'dropped'`.execute(db);
  await sql`
    alter table tasks
      drop constraint tasks_state_check, drop constraint tasks_kind_check,
      drop column assignee, drop column outcome, drop column note_sealed, drop column revision,
      alter column series_id set not null,
      add constraint tasks_state_check check (state in ('open', 'done', 'cancelled')),
      add constraint tasks_kind_check check (kind in ('call', 'record-outcome', 'find-driver', 'file-form', 'review'))`.execute(db);
  await sql`create index tasks_open on tasks (clinic_id, due_by) where state = 'open'`.execute(db);
  await sql`alter table workers drop column skew_ms`.execute(db);
  await sql`alter table contact_points drop column failures, drop column flagged_at`.execute(db);
  await sql`drop index provider_events_unfolded`.execute(db);
  await sql`
    alter table deliveries
      drop column provider_state, drop column provider_code, drop column provider_at, drop column looks, drop column looked_at`.execute(db);
  for (const table of ["switches", "template_releases", "clinic_closures"]) await sql`drop table ${sql.table(table)}`.execute(db);
  await sql`alter table clinics drop column revision, drop column texts_per_week`.execute(db);
  await sql`alter table patients drop column verified_at, drop column held_at`.execute(db);
  await sql`alter table series drop column paused_at, drop column ended_at, drop column replaced_by`.execute(db);
  await sql`drop index sessions_external_id`.execute(db);
  await sql`
    alter table sessions drop column changed_at, drop column changed_because, drop column told_starts_at, drop column told_off,
      drop column outcome_at, drop column outcome_note_sealed,
      drop column pickup_at, drop column ready_at, drop column form_filed_at, drop column form_filed_by`.execute(db);
  for (const [table, column, parent] of IMPLIED)
    await sql`alter table ${sql.table(table)} add constraint ${sql.ref(`${table}_${column}_fkey`)} foreign key (${sql.ref(column)}) references ${sql.table(parent)}`.execute(
      db,
    );
  await claimableBefore.execute(db);
  await sql`drop trigger touchpoints_transition on touchpoints`.execute(db);
  await sql`drop function is_legal_transition(text, text)`.execute(db);
  await sql`
    create trigger touchpoints_transition before update of state on touchpoints for each row
      when (old.state is distinct from new.state) execute function check_touchpoint_transition()`.execute(db);
}

/** Foreign keys that another key of the same row implies. */
const IMPLIED = [
  ["sessions", "clinic_id", "clinics"],
  ["sessions", "patient_id", "patients"],
  ["links", "clinic_id", "clinics"],
  ["consents", "group_id", "groups"],
  ["contact_points", "group_id", "groups"],
] as const;

const claimableBefore = sql`
  create view claimable_touchpoints as
    select t.* from touchpoints t
    where t.state = 'planned' and t.awaits is null and t.unwanted_at is null
      and (t.recipient = 'staff' or exists (select from patients p where p.id = t.patient_id and p.hold_code is null))
      and (t.channel = 'task' or exists (
        select from contact_points c
        where c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel
          and c.granted and c.dead_at is null and c.address_index is not null
          and not exists (
            select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index)))`;

/** Switches and safe mode stop what would leave the house; work for staff goes on. Nearly always there is no switch, which is asked once a statement and not once a row. */
const claimableWithSwitches = sql`
  create view claimable_touchpoints as
    select t.* from touchpoints t
    where t.state = 'planned' and t.awaits is null and t.unwanted_at is null
      and (t.recipient = 'staff' or exists (select from patients p where p.id = t.patient_id and p.hold_code is null))
      and (t.channel = 'task' or (
        (select safe_mode_since is null from clinic_clock)
        and (not (select exists (select from switches where on_at is null)) or not exists (
          select from switches s
          where s.on_at is null and (s.clinic_id is null or s.clinic_id = t.clinic_id)
            and case s.scope
              when 'channel' then s.subject = t.channel
              when 'template' then s.subject = t.template
              when 'patient' then s.subject = t.patient_id::text
              else true end))
        and exists (
          select from contact_points c
          where c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel
            and c.granted and c.dead_at is null and c.address_index is not null
            and not exists (
              select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index))))`;
