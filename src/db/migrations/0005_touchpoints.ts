/**
 * The schedule. Rows hold it, years ahead if need be; states and their legal changes are a closed table held by a trigger; one view says which rows may go out,
 * and claim, sweep, `explain` and ledger all read that one.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table links (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      patient_id uuid not null references patients,
      kind text not null check (kind in ('session', 'survey', 'preferences', 'share')),
      subject_id uuid not null,
      recipient text not null check (recipient in ('patient', 'escort')),
      generation smallint not null default 0,
      key_id text not null,
      token_hash bytea not null unique,
      expires_at timestamptz not null,
      revoked_at timestamptz,
      unique (subject_id, kind, recipient, generation)
    )`.execute(db);
  await sql`
    create table touchpoints (
      id uuid primary key,
      -- The series' own; its foreign key stands for theirs, and each would cost a sixth of the insert.
      clinic_id uuid not null,
      patient_id uuid not null,
      series_id uuid not null references series on delete cascade,
      session_id uuid,
      sender_id uuid,
      link_id uuid,
      merged_into uuid,
      fallback_of uuid,
      worker_id uuid,
      due_at timestamptz not null,
      try_at timestamptz not null,
      -- The first value of try_at: lateness is measured from it.
      first_try_at timestamptz not null,
      send_by timestamptz not null,
      expires_at timestamptz not null,
      task_due_by timestamptz,
      hinted_at timestamptz,
      claimed_at timestamptz,
      ended_at timestamptz,
      unwanted_at timestamptz,
      occurrence smallint not null,
      arming smallint not null,
      attempts smallint not null default 0,
      state text not null check (state in
        ('planned', 'sending', 'unknown', 'held', 'sent', 'failed', 'suppressed', 'expired', 'superseded', 'cancelled', 'tasked')),
      awaits text check (awaits in ('arrival', 'dosing', 'discharge')),
      channel text not null check (channel in ('email', 'sms', 'task')),
      recipient text not null check (recipient in ('patient', 'escort', 'staff')),
      purpose text not null check (purpose in ('notice', 'reminder', 'preparation', 'check-in', 'survey', 'urgent-change', 'staff-task')),
      importance text not null check (importance in ('critical', 'high', 'normal', 'low')),
      on_unknown text not null check (on_unknown in ('hold', 'resend')),
      locale text not null check (locale in ('en', 'es')),
      task_kind text check (task_kind in ('call', 'record-outcome', 'find-driver', 'file-form', 'review')),
      zone text not null,
      rule text not null,
      template text not null,
      reason text,
      key text not null,
      legal_at tstzmultirange not null,
      unique (series_id, key),
      check ((channel = 'task') = (sender_id is null)),
      check (state in ('suppressed', 'superseded', 'cancelled') or not isempty(legal_at)),
      check (state <> 'suppressed' or reason is not null)
    ) with (fillfactor = 85)`.execute(db);
  await sql`create index touchpoints_try on touchpoints (try_at) where state = 'planned' and awaits is null`.execute(db);
  await sql`create index touchpoints_awaiting on touchpoints (send_by) where state = 'planned' and awaits is not null`.execute(db);
  await sql`create index touchpoints_in_flight on touchpoints (worker_id) where state = 'sending'`.execute(db);
  await sql`create index touchpoints_unsettled on touchpoints (state) where state in ('unknown', 'held')`.execute(db);
  await sql`
    create function check_touchpoint_transition() returns trigger language plpgsql as $$
      begin
        if not (case old.state
          when 'planned' then new.state in ('sending', 'held', 'suppressed', 'expired', 'superseded', 'cancelled', 'tasked')
          when 'sending' then new.state in ('sent', 'failed', 'unknown', 'planned', 'superseded', 'cancelled')
          when 'unknown' then new.state in ('sent', 'failed', 'planned', 'held', 'superseded', 'cancelled')
          when 'held' then new.state in ('planned', 'sent', 'failed', 'suppressed', 'expired', 'superseded', 'cancelled')
          else false
        end) then
          raise exception 'touchpoint %: % -> % is not a legal transition', old.id, old.state, new.state using errcode = 'AG001';
        end if;
        if new.state = 'planned' and new.unwanted_at is not null then
          raise exception 'touchpoint %: an unwanted touchpoint never returns to planned', old.id using errcode = 'AG001';
        end if;
        if new.state in ('sent', 'failed', 'suppressed', 'expired', 'superseded', 'cancelled', 'tasked') then
          new.ended_at := clock_timestamp();
        end if;
        return new;
      end $$`.execute(db);
  await sql`
    create trigger touchpoints_transition before update of state on touchpoints for each row
      when (old.state is distinct from new.state) execute function check_touchpoint_transition()`.execute(db);
  // Consent and opt-outs are a second guard: the fact that forbids a send also touches the live rows in its own transaction.
  await sql`
    create view claimable_touchpoints as
      select t.* from touchpoints t
      where t.state = 'planned' and t.awaits is null and t.unwanted_at is null
        and (t.recipient = 'staff' or exists (select from patients p where p.id = t.patient_id and p.hold_code is null))
        and (t.channel = 'task' or exists (
          select from contact_points c
          where c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel
            and c.granted and c.dead_at is null and c.address_index is not null
            and not exists (
              select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index)))`.execute(
    db,
  );
}

export async function down(db: Kysely<never>): Promise<void> {
  await sql`drop view claimable_touchpoints`.execute(db);
  await sql`drop table touchpoints`.execute(db);
  await sql`drop function check_touchpoint_transition()`.execute(db);
  await sql`drop table links`.execute(db);
}
