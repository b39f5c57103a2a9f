/**
 * What patients answer and what follows: texts that came in, answers about a visit, surveys and their results, alerts and who was paged, an escort of one visit,
 * and messages that are not of the plan: answers to a text, and what staff write.
 */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table clinics
      -- Roster, timers, who signed what: see src/domain/safety-settings.ts.
      add column safety_sealed bytea,
      add column surveys_enabled boolean not null default false`.execute(db);
  await sql`
    alter table patients
      -- Optional streams that the patient does not want.
      add column unsubscribed text[] not null default '{}' check (unsubscribed <@ '{surveys,tips}'),
      -- The quiet hours as staff set them, where the patient has asked for longer ones.
      add column given_quiet_from smallint check (given_quiet_from between 0 and 1439),
      add column given_quiet_to smallint check (given_quiet_to between 0 and 1439),
      add check ((given_quiet_from is null) = (given_quiet_to is null))`.execute(db);
  // Wrong years of birth, so that a page that asks for it cannot be guessed.
  await sql`alter table links add column failures smallint not null default 0, add column failed_at timestamptz`.execute(db);
  await sql`
    create table inbound_messages (
      id uuid primary key,
      group_id uuid not null references groups,
      clinic_id uuid not null references clinics,
      sender_id uuid not null,
      provider_message_id text not null unique,
      from_index bytea not null,
      from_sealed bytea not null,
      body_sealed bytea not null,
      media smallint not null default 0,
      -- What the carrier made of it (Twilio's OptOutType); null: nothing.
      carrier_keyword text check (carrier_keyword in ('stop', 'start', 'help')),
      received_at timestamptz not null,
      stored_at timestamptz not null default clock_timestamp(),
      handled_at timestamptz,
      -- What classify-reply said.
      kind text,
      patient_id uuid references patients,
      -- The question it answers, and the visit it is about.
      touchpoint_id uuid,
      session_id uuid,
      -- Stem of our automatic answer; of a question back the sessions it offered, in the order of their letters.
      answer text,
      offered uuid[] not null default '{}',
      -- Whether a person has to read it.
      inbox text check (inbox in ('open', 'closed')),
      closed_at timestamptz,
      closed_by text
    )`.execute(db);
  await sql`create index inbound_messages_unhandled on inbound_messages (stored_at) where handled_at is null`.execute(db);
  await sql`create index inbound_messages_from on inbound_messages (group_id, from_index, received_at)`.execute(db);
  await sql`create index inbound_messages_inbox on inbound_messages (clinic_id, received_at) where inbox = 'open'`.execute(db);
  await sql`
    create table session_answers (
      id uuid primary key,
      clinic_id uuid not null,
      patient_id uuid not null references patients,
      session_id uuid not null references sessions on delete cascade,
      -- The session's arming when it was said: a move makes the question new.
      arming smallint not null,
      kind text not null check (kind in
        ('confirmed', 'asks-to-move', 'driver-named', 'driver-missing', 'fasting-acknowledged', 'location-confirmed', 'home-safe', 'home-trouble', 'session-over')),
      via text not null check (via in ('sms', 'page', 'staff')),
      actor text not null,
      detail_sealed bytea,
      at timestamptz not null
    )`.execute(db);
  await sql`create index session_answers_session on session_answers (session_id, at)`.execute(db);
  await sql`create trigger session_answers_append_only before update on session_answers for each row execute function refuse_change()`.execute(
    db,
  );
  await sql`
    create table session_escorts (
      session_id uuid primary key references sessions on delete cascade,
      patient_id uuid not null references patients,
      name_sealed bytea not null,
      phone_sealed bytea,
      email_sealed bytea,
      locale text not null check (locale in ('en', 'es'))
    )`.execute(db);
  await sql`
    create table series_requirements (
      series_id uuid not null references series on delete cascade,
      requirement text not null check (requirement in ('enrolment', 'authorisation')),
      met_on date not null,
      -- Last day on which it holds; null: no end.
      expires_on date,
      actor text not null,
      primary key (series_id, requirement)
    )`.execute(db);
  await sql`
    create table privacy_incidents (
      id uuid primary key,
      group_id uuid not null references groups,
      clinic_id uuid not null references clinics,
      patient_id uuid references patients,
      kind text not null check (kind in ('wrong-number')),
      address_index bytea,
      inbound_id uuid references inbound_messages,
      at timestamptz not null,
      closed_at timestamptz,
      closed_by text
    )`.execute(db);
  await sql`
    create table survey_invitations (
      id uuid primary key,
      clinic_id uuid not null,
      patient_id uuid not null references patients,
      series_id uuid not null references series on delete cascade,
      session_id uuid,
      -- Identity within the series: rule, session or series, occurrence, arming.
      key text not null,
      instrument text not null,
      instrument_version smallint not null,
      asked_at timestamptz not null,
      closes_at timestamptz not null,
      -- Answers of a page that was begun and not sent off.
      draft_sealed bytea,
      drafted_at timestamptz,
      answered_at timestamptz,
      unique (series_id, key)
    )`.execute(db);
  await sql`create index survey_invitations_patient on survey_invitations (patient_id)`.execute(db);
  await sql`
    create table survey_responses (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      patient_id uuid not null references patients,
      series_id uuid references series,
      session_id uuid,
      -- The first valid answer wins; what is imported or told by phone has no invitation.
      invitation_id uuid unique references survey_invitations,
      source text not null check (source in ('patient', 'staff', 'import')),
      actor text not null,
      instrument text not null,
      instrument_version smallint not null,
      locale text not null check (locale in ('en', 'es')),
      answered_at timestamptz not null,
      answers_sealed bytea,
      result_sealed bytea not null,
      recorded_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index survey_responses_patient on survey_responses (patient_id, answered_at)`.execute(db);
  await sql`create index survey_responses_clinic on survey_responses (clinic_id, answered_at)`.execute(db);
  await sql`create trigger survey_responses_append_only before update or delete on survey_responses for each row execute function refuse_change()`.execute(
    db,
  );
  await sql`
    create table assessments (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      patient_id uuid not null references patients,
      session_id uuid,
      kind text not null,
      made_at timestamptz not null,
      made_by text not null,
      result_sealed bytea not null,
      actor text not null,
      recorded_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`create index assessments_patient on assessments (patient_id, made_at)`.execute(db);
  await sql`
    create table alerts (
      id uuid primary key,
      clinic_id uuid not null references clinics,
      -- Null: words from a number that no chart has.
      patient_id uuid references patients,
      series_id uuid,
      session_id uuid,
      kind text not null,
      level text not null check (level in ('critical', 'high', 'medium')),
      state text not null default 'open' check (state in ('open', 'acknowledged', 'closed')),
      -- The answer, text or touchpoint it comes from: one alert a source and kind.
      source text not null check (source in ('survey-response', 'inbound-message', 'touchpoint', 'session', 'staff')),
      source_id uuid not null,
      -- Clinic time, and the machine time from which escalation counts.
      raised_at timestamptz not null,
      stored_at timestamptz not null default clock_timestamp(),
      -- Machine time of the next page; null: nobody is to be paged (again).
      page_at timestamptz,
      step integer not null default 0,
      owner text,
      acknowledged_at timestamptz,
      acknowledged_by text,
      closed_at timestamptz,
      closed_by text,
      outcome text check (outcome in ('reached', 'not-reached', 'welfare-check', '911', 'hospital', 'false-alarm')),
      note_sealed bytea,
      revision integer not null default 0,
      check ((state = 'closed') = (closed_at is not null)),
      unique (source_id, kind)
    )`.execute(db);
  await sql`create index alerts_open on alerts (clinic_id, raised_at) where state <> 'closed'`.execute(db);
  await sql`create index alerts_patient on alerts (patient_id) where state <> 'closed'`.execute(db);
  await sql`create index alerts_paging on alerts (page_at) where page_at is not null`.execute(db);
  await sql`
    create table alert_pages (
      id uuid primary key,
      alert_id uuid not null references alerts on delete cascade,
      step integer not null,
      person text not null,
      channel text not null check (channel in ('sms', 'email')),
      outcome text not null check (outcome in ('sending', 'sent', 'refused', 'not-sent', 'unknown')),
      provider_message_id text,
      code text,
      began_at timestamptz not null default clock_timestamp(),
      answered_at timestamptz
    )`.execute(db);
  await sql`create index alert_pages_alert on alert_pages (alert_id, began_at)`.execute(db);
  // What staff wrote to a person; the touchpoint carries it as any other message.
  await sql`
    create table staff_messages (
      touchpoint_id uuid primary key references touchpoints on delete cascade,
      body_sealed bytea not null,
      actor text not null
    )`.execute(db);
  // released_at: staff have let it go although an alert is open.
  await sql`alter table touchpoints drop constraint touchpoints_purpose_check, add column released_at timestamptz`.execute(db);
  // answer: not of the plan. An automatic answer to a text, what staff write or send again.
  await sql`
    alter table touchpoints add constraint touchpoints_purpose_check
      check (purpose in ('notice', 'reminder', 'preparation', 'check-in', 'survey', 'urgent-change', 'staff-task', 'answer')),
      drop constraint touchpoints_task_kind_check,
      add constraint touchpoints_task_kind_check check (task_kind in
        ('call', 'record-outcome', 'find-driver', 'file-form', 'review', 'settle-unknown', 'verify', 'reply', 'survey', 'decide'))`.execute(
    db,
  );
  await sql`
    alter table tasks
      drop constraint tasks_kind_check,
      add column inbound_id uuid references inbound_messages,
      -- Clinic time at which the desk is paged, should nobody have taken it by then; null: it is not, or has been.
      add column page_at timestamptz,
      add constraint tasks_kind_check check (kind in
        ('call', 'record-outcome', 'find-driver', 'file-form', 'review', 'settle-unknown', 'verify', 'reply', 'survey', 'decide'))`.execute(
    db,
  );
  await sql`create index tasks_paging on tasks (page_at) where page_at is not null and state = 'open'`.execute(db);
  await sql`create unique index tasks_inbound on tasks (inbound_id, template, patient_id) where inbound_id is not null`.execute(db);
  await sql`drop view claimable_touchpoints`.execute(db);
  await claimableWithAnswers.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  await sql`drop view claimable_touchpoints`.execute(db);
  await sql`drop index tasks_inbound`.execute(db);
  await sql`delete from tasks where kind in ('reply', 'survey', 'decide')`.execute(db);
  await sql`
    alter table tasks
      drop column inbound_id,
      drop column page_at,
      drop constraint tasks_kind_check,
      add constraint tasks_kind_check check (kind in ('call', 'record-outcome', 'find-driver', 'file-form', 'review', 'settle-unknown', 'verify'))`.execute(
    db,
  );
  await sql`delete from touchpoints where purpose = 'answer' or task_kind in ('reply', 'survey', 'decide')`.execute(db);
  await sql`alter table touchpoints drop constraint touchpoints_purpose_check, drop column released_at`.execute(db);
  await sql`
    alter table touchpoints add constraint touchpoints_purpose_check
      check (purpose in ('notice', 'reminder', 'preparation', 'check-in', 'survey', 'urgent-change', 'staff-task')),
      drop constraint touchpoints_task_kind_check,
      add constraint touchpoints_task_kind_check check (task_kind in
        ('call', 'record-outcome', 'find-driver', 'file-form', 'review', 'settle-unknown', 'verify'))`.execute(db);
  for (const table of [
    "staff_messages",
    "alert_pages",
    "alerts",
    "assessments",
    "survey_responses",
    "survey_invitations",
    "privacy_incidents",
    "series_requirements",
    "session_escorts",
    "session_answers",
    "inbound_messages",
  ])
    await sql`drop table ${sql.table(table)}`.execute(db);
  await sql`alter table links drop column failures, drop column failed_at`.execute(db);
  await sql`alter table patients drop column unsubscribed, drop column given_quiet_from, drop column given_quiet_to`.execute(db);
  await sql`alter table clinics drop column safety_sealed, drop column surveys_enabled`.execute(db);
  await claimableWithSwitches.execute(db);
}

const NOT_SWITCHED_OFF = sql`
  (not (select exists (select from switches where on_at is null)) or not exists (
    select from switches s
    where s.on_at is null and (s.clinic_id is null or s.clinic_id = t.clinic_id)
      and case s.scope
        when 'channel' then s.subject = t.channel
        when 'template' then s.subject = t.template
        when 'patient' then s.subject = t.patient_id::text
        else true end))`;

const claimableWithSwitches = sql`
  create view claimable_touchpoints as
    select t.* from touchpoints t
    where t.state = 'planned' and t.awaits is null and t.unwanted_at is null
      and (t.recipient = 'staff' or exists (select from patients p where p.id = t.patient_id and p.hold_code is null))
      and (t.channel = 'task' or (
        (select safe_mode_since is null from clinic_clock)
        and ${NOT_SWITCHED_OFF}
        and exists (
          select from contact_points c
          where c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel
            and c.granted and c.dead_at is null and c.address_index is not null
            and not exists (
              select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index))))`;

/**
 * Two answers go although nothing else may: the one word that says that texts have stopped, and the crisis text to a person who has just written to us, which no
 * hold, switch or opt-out stops. Both only ever answer a text of that person.
 */
const claimableWithAnswers = sql`
  create view claimable_touchpoints as
    select t.* from touchpoints t
    where t.state = 'planned' and t.awaits is null and t.unwanted_at is null
      and (t.recipient = 'staff' or exists (select from patients p where p.id = t.patient_id and p.hold_code is null)
        or (t.purpose = 'answer' and t.template = 'answer-crisis'))
      and (t.channel = 'task' or (
        (select safe_mode_since is null from clinic_clock)
        and (${NOT_SWITCHED_OFF} or (t.purpose = 'answer' and t.template = 'answer-crisis'))
        and exists (
          select from contact_points c
          where c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel and c.address_index is not null
            and ((t.purpose = 'answer' and t.template in ('answer-crisis', 'answer-stopped'))
              or (c.granted and c.dead_at is null and not exists (
                select from opt_outs o where o.group_id = c.group_id and o.channel = c.channel and o.address_index = c.address_index))))))`;
