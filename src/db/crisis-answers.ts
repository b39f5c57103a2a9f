/**
 * The crisis text to a number to which no touchpoint can carry it, because no chart has the number or nobody there has a series. Kept here from the moment the text
 * came in to what its carrier says of it; like every answer to a cry for help it asks neither for consent nor for the hour, and waits only for safe mode.
 */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import type { Locale } from "../domain/clinic.ts";
import type { ProviderReport } from "../domain/fold-provider-report.ts";
import type { AlertId, ClinicId, CrisisAnswerId, GroupId, InboundId } from "../domain/ids.ts";
import { providerRank, UNDELIVERED_RANKS } from "../domain/provider-rank.ts";
import type { Database, Tx } from "./database.ts";
import type { InboundRow } from "./inbound-messages.ts";
import { unnest } from "./rows.ts";

/** A number is answered once in so long: a robot that repeats itself gets nothing more, a person who writes again later is answered again. */
export const ANSWERED_ONCE_IN_MINUTES = 10;

/** Stores the answer as due now, in the transaction of its alert; false when the number was answered just before, or the text has been. */
export async function insertCrisisAnswer(
  tx: Tx,
  { id, clinicId, senderId, groupId, fromIndex }: InboundRow,
  locale: Locale,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into crisis_answers (id, inbound_id, clinic_id, sender_id, locale)
    select ${newId<never>()}, ${id}, ${clinicId}, ${senderId}, ${locale}
    where not exists (
      select from crisis_answers a join inbound_messages m on m.id = a.inbound_id
      where m.group_id = ${groupId} and m.from_index = ${fromIndex} and m.id <> ${id}
        and m.received_at > (select afterglow_now()) - make_interval(mins => ${ANSWERED_ONCE_IN_MINUTES}))
    on conflict (inbound_id) do nothing`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}

export type DueCrisisAnswer = {
  readonly id: CrisisAnswerId;
  readonly inboundId: InboundId;
  readonly alertId: AlertId | null;
  readonly groupId: GroupId;
  readonly clinicId: ClinicId;
  readonly fromIndex: Buffer;
  readonly fromSealed: Buffer;
  readonly locale: Locale;
  readonly attempts: number;
  /** Calls of which nobody knows whether they sent it, the last one included where its process died. */
  readonly unanswered: number;
  readonly ageSeconds: number;
  readonly from: { readonly name: string; readonly address: string };
};

/** How long a call that was begun and of which nothing is heard belongs to whoever began it; above the channel's own deadline. */
const LEASE_SECONDS = 60;
const CLAIMED_AT_ONCE = 20;

/** Takes what is due, the longest waiting first; what a process took and did not live to record is due again, as a call that nobody answered. */
export async function claimCrisisAnswers(db: Database): Promise<DueCrisisAnswer[]> {
  const { rows } = await sql<DueCrisisAnswer>`
    with due as (
      select id from crisis_answers
      where state in ('planned', 'sending') and try_at <= (select clock_timestamp()) and (select safe_mode_since is null from clinic_clock)
      order by try_at limit ${CLAIMED_AT_ONCE} for update skip locked),
    claimed as (
      update crisis_answers a set attempts = attempts + 1, unanswered = unanswered + case state when 'sending' then 1 else 0 end, state = 'sending',
        try_at = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
      from due where a.id = due.id returning a.*)
    select a.id, a.inbound_id, a.clinic_id, a.locale, a.attempts, a.unanswered, m.group_id, m.from_index, m.from_sealed,
      (select l.id from alerts l where l.source_id = a.inbound_id order by l.raised_at limit 1) as alert_id,
      extract(epoch from clock_timestamp() - a.stored_at)::float8 as age_seconds, jsonb_build_object('name', d.name, 'address', d.address) as "from"
    from claimed a join inbound_messages m on m.id = a.inbound_id join senders d on d.id = a.sender_id`.execute(db);
  return rows;
}

export type CrisisAnswerEnd = {
  readonly state: "planned" | "sent" | "failed" | "unknown";
  readonly unanswered: number;
  readonly providerMessageId: string | null;
  readonly code: string | null;
  /** Of one that is planned again: machine time until then. */
  readonly againInSeconds: number;
};

/** What became of a call. False when another process has taken it for lost meanwhile and called again: what that one hears counts. */
export async function recordCrisisAnswer(
  tx: Tx,
  { id, attempts }: Pick<DueCrisisAnswer, "id" | "attempts">,
  { state, unanswered, providerMessageId, code, againInSeconds }: CrisisAnswerEnd,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update crisis_answers set state = ${state}, unanswered = ${unanswered}, provider_message_id = coalesce(${providerMessageId}, provider_message_id),
      code = ${code}, try_at = clock_timestamp() + make_interval(secs => ${againInSeconds})
    where id = ${id} and state = 'sending' and attempts = ${attempts}`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Folds what a carrier reports of such texts, by the ladder of all deliveries; a report at all proves that it was sent. Ids of anything else change nothing. */
export async function foldCrisisAnswers(
  tx: Tx,
  reports: readonly { readonly deliveryId: string; readonly report: ProviderReport }[],
): Promise<void> {
  if (reports.length === 0) return;
  const rows = unnest(reports, {
    id: ["uuid", ({ deliveryId }) => deliveryId],
    rank: ["smallint", ({ report }) => providerRank(report.state)],
    code: ["text", ({ report }) => report.code],
  });
  await sql`
    update crisis_answers a set rank = r.rank, code = case when r.rank >= ${UNDELIVERED_RANKS.to} then null else coalesce(r.code, a.code) end,
      state = case a.state when 'unknown' then 'sent' else a.state end
    from (select distinct on (id) id, rank, code from ${rows} as v (id, rank, code) order by id, rank desc) r
    where a.id = r.id and r.rank > a.rank`.execute(tx);
}
