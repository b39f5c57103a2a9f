/** Crisis texts to numbers that no series of anybody can answer: nobody's, or of somebody whom no series concerns. One row a text, and nothing else is ever sent from here. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table crisis_answers (
      -- The provider's reports name it, as they name a delivery.
      id uuid primary key,
      -- The text that it answers; the number stands there, sealed.
      inbound_id uuid not null unique references inbound_messages on delete cascade,
      clinic_id uuid not null references clinics,
      sender_id uuid not null references senders,
      locale text not null check (locale in ('en', 'es')),
      state text not null default 'planned' check (state in ('planned', 'sending', 'sent', 'failed', 'unknown')),
      -- Calls so far, and those of them after which nobody knew whether it had been sent.
      attempts smallint not null default 0,
      unanswered smallint not null default 0,
      -- Machine time of the next call; while one is under way, when it is given up for lost.
      try_at timestamptz not null default clock_timestamp(),
      stored_at timestamptz not null default clock_timestamp(),
      -- What its provider reported, as in deliveries.
      rank smallint not null default 0,
      provider_message_id text,
      code text
    )`.execute(db);
  await sql`create index crisis_answers_due on crisis_answers (try_at) where state in ('planned', 'sending')`.execute(db);
}

export async function down(db: Kysely<never>): Promise<void> {
  await sql`drop table crisis_answers`.execute(db);
}
