/** How long attempts and pages took, of a span of time, for histograms. Ids are ordered by the moment at which they were made, so the primary keys find them. */
import { sql } from "kysely";
import type { Instant } from "../domain/calendar.ts";
import type { Database } from "./database.ts";
import { atMost, firstIdOf } from "./measures.ts";

/** In seconds of machine time; null where it never came so far. */
export type AttemptTimings = {
  readonly channel: string;
  /** From its moment to the first call. */
  readonly lateness: number | null;
  /** From the claim to the call. */
  readonly claim: number | null;
  /** From the call to the provider's answer. */
  readonly send: number | null;
};

export type MadeWithin = { readonly from: Instant; readonly to: Instant };

/** Of attempts that were claimed within the span, the first 50,000. */
export async function readAttemptTimings(db: Database, { from, to }: MadeWithin): Promise<AttemptTimings[]> {
  const { rows } = await sql<AttemptTimings>`
    select channel, (case when attempt = 1 then lateness_ms end)::double precision / 1000 as lateness,
      extract(epoch from called_at - claimed_at)::double precision as claim, extract(epoch from answered_at - called_at)::double precision as send
    from deliveries where id >= ${firstIdOf(from)}::uuid and id < ${firstIdOf(to)}::uuid order by id limit ${atMost}`.execute(db);
  return rows;
}

/** From an alert to the first page about it that was handed to a provider, in seconds, of pages that began within the span. */
export async function readPageTimings(db: Database, { from, to }: MadeWithin): Promise<number[]> {
  const { rows } = await sql<{ seconds: number }>`
    select extract(epoch from p.answered_at - a.stored_at)::double precision as seconds
    from alert_pages p join alerts a on a.id = p.alert_id
    where p.id >= ${firstIdOf(from)}::uuid and p.id < ${firstIdOf(to)}::uuid and p.outcome = 'sent' and p.answered_at is not null
      and not exists (select from alert_pages o where o.alert_id = p.alert_id and o.outcome = 'sent' and o.id < p.id)
    order by p.id limit ${atMost}`.execute(db);
  return rows.map(({ seconds }) => seconds);
}
