/** What the desk is told before days on which nobody is there: how many visits of the next working day are not ready. Counts only, and who was mailed. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table digests (
      clinic_id uuid not null references clinics on delete cascade,
      -- The working day that it is about; one a clinic and such day.
      about date not null,
      unready smallint not null,
      visits smallint not null,
      written_at timestamptz not null,
      primary key (clinic_id, about)
    )`.execute(db);
  await sql`
    create table digest_mails (
      id uuid primary key,
      clinic_id uuid not null,
      about date not null,
      -- As the roster names them; the address stands there, sealed.
      person text not null,
      state text not null default 'planned' check (state in ('planned', 'sending', 'sent', 'failed', 'unknown')),
      attempts smallint not null default 0,
      -- Machine time of the next call; while one is under way, when it is given up for lost.
      try_at timestamptz not null default clock_timestamp(),
      stored_at timestamptz not null default clock_timestamp(),
      provider_message_id text,
      code text,
      foreign key (clinic_id, about) references digests on delete cascade,
      unique (clinic_id, about, person)
    )`.execute(db);
  await sql`create index digest_mails_due on digest_mails (try_at) where state in ('planned', 'sending')`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  await sql`drop table digest_mails, digests`.execute(db);
}
