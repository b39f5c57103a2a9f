/**
 * The audit as it is read for other systems, entry after entry and none left out. Ids are given when an entry is written and seen when it is committed, which is
 * not the same order: an entry may appear below one that was read long ago, and even below one of an older transaction. So the place up to which the audit is done
 * with moves only to where it ended at a moment of which every transaction that was writing it then is over, as `create index concurrently` waits.
 */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { ClinicId } from "../domain/ids.ts";
import type { Tx } from "./database.ts";

type Stand = { readonly eventId: number; readonly seenId: number | null; readonly holders: string[] };

/** From which entry on the audit is to be read, and up to which it is complete; undefined when another process reads. */
export async function openRelay(tx: Tx): Promise<{ readonly from: number; readonly complete: number } | undefined> {
  const { rows } = await sql<Stand>`select event_id, seen_id, holders from webhook_relay for update skip locked`.execute(tx);
  const [stand] = rows;
  if (!stand) return undefined;
  const { eventId, seenId, holders } = stand;
  if (seenId === null) return { from: eventId, complete: await look(tx, eventId) };
  if ((await findWriters(tx, holders)).length > 0) return { from: eventId, complete: eventId };
  return { from: eventId, complete: await look(tx, seenId) };
}

/** Looks where the audit ends now. If nobody is writing, it is complete up to there, else up to where it was known to be. */
async function look(tx: Tx, known: number): Promise<number> {
  // The end before the writers: whoever was given an id up to there has the lock already, or is done.
  const { rows } = await sql<{ end: number }>`select case when is_called then last_value else 0 end as end from events_id_seq`.execute(tx);
  const end = rows[0]?.end ?? 0;
  if (end === known) return known;
  const writers = await findWriters(tx, null);
  if (writers.length === 0) {
    await sql`update webhook_relay set seen_id = null, holders = '{}' where seen_id is not null`.execute(tx);
    return end;
  }
  await sql`update webhook_relay set seen_id = ${end}, holders = ${writers}`.execute(tx);
  return known;
}

/** The transactions that write the audit; of these, where they are named. */
async function findWriters(tx: Tx, among: readonly string[] | null): Promise<string[]> {
  const { rows } = await sql<{ writer: string }>`
    select distinct virtualtransaction as writer from pg_locks
    where locktype = 'relation' and relation = 'events'::regclass and mode = 'RowExclusiveLock' and pid is distinct from pg_backend_pid()
      and database = (select oid from pg_database where datname = current_database())
      and (${among}::text[] is null or virtualtransaction = any(${among}::text[]))`.execute(tx);
  return rows.map(({ writer }) => writer);
}

export type ToldEvent = {
  readonly id: number;
  readonly kind: string;
  readonly clinicId: ClinicId;
  readonly answer: string | null;
  readonly happenedAt: Instant;
  readonly recordedAt: Instant;
  readonly session: string | null;
  readonly series: string | null;
  readonly alert: string | null;
  readonly invitation: string | null;
  readonly patient: string | null;
};

/** Entries of these kinds after one, in order, with whom and what they are about. */
export async function readEvents(
  tx: Tx,
  { kinds, after, limit }: { kinds: readonly string[]; after: number; limit: number },
): Promise<ToldEvent[]> {
  const { rows } = await sql<ToldEvent>`
    select e.id, e.kind, e.clinic_id, e.data->>'answer' as answer, e.clinic_at as happened_at, e.recorded_at,
      coalesce(s.id, a.session_id, i.session_id) as session, coalesce(s.series_id, r.id, a.series_id, i.series_id) as series, a.id as alert, i.id as invitation,
      coalesce(s.patient_id, r.patient_id, a.patient_id, i.patient_id, p.id) as patient
    from (select * from events where id > ${after} and kind = any(${kinds}::text[]) and clinic_id is not null order by id limit ${limit}) e
    left join sessions s on s.id = e.subject_id left join series r on r.id = e.subject_id left join alerts a on a.id = e.subject_id
    left join survey_invitations i on i.id = e.subject_id left join patients p on p.id = e.subject_id
    order by e.id`.execute(tx);
  return rows;
}

/** The audit is done with up to this entry. */
export async function closeRelay(tx: Tx, complete: number): Promise<void> {
  await sql`update webhook_relay set event_id = ${complete} where event_id < ${complete}`.execute(tx);
}
