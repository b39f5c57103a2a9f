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
import { type Database, toTimestamp, type Tx } from "./database.ts";
import type { InboundRow } from "./inbound-messages.ts";
import { unnest } from "./rows.ts";

/** A number is answered once in so long: a robot that repeats itself gets nothing more, a person who writes again later is answered again. */
const ANSWERED_ONCE_IN_MINUTES = 10;

/**
 * Stores the answer as due now and says so of its text, in the transaction of its alert and under the number's lock; false when another text that this number sent
 * within ten minutes of it has been answered so, by a touchpoint or from here.
 */
export async function insertCrisisAnswer(
  tx: Tx,
  { id, clinicId, senderId, groupId, fromIndex, receivedAt }: InboundRow,
  locale: Locale,
): Promise<boolean> {
  const [at, near] = [sql`${toTimestamp(receivedAt)}::timestamptz`, sql`make_interval(mins => ${ANSWERED_ONCE_IN_MINUTES})`];
  const { numAffectedRows } = await sql`
    with stored as (
      insert into crisis_answers (id, inbound_id, clinic_id, sender_id, locale)
      select ${newId<never>()}, ${id}, ${clinicId}, ${senderId}, ${locale}
      where not exists (
        select from inbound_messages m
        where m.group_id = ${groupId} and m.from_index = ${fromIndex} and m.id <> ${id} and m.answer = 'answer-crisis'
          and m.received_at between ${at} - ${near} and ${at} + ${near})
      on conflict (inbound_id) do nothing returning inbound_id)
    update inbound_messages m set answer = 'answer-crisis' from stored where m.id = stored.inbound_id`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}

export type DueCrisisAnswer = {
  readonly id: CrisisAnswerId;
  readonly inboundId: InboundId;
  /** The alert that the text raised, and the clinic that has it: whose patient wrote, which need not be the clinic that was written to. */
  readonly alertId: AlertId | null;
  readonly alertClinicId: ClinicId | null;
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

/** It may have been sent, and is called for once more; of a second call that nobody answered nothing follows. */
export const MOST_UNANSWERED = 2;

/**
 * Takes what is due, the longest waiting first. What a process took and did not live to record is due again, as a call that nobody answered; after the second such
 * call it is unknown, and nobody is called for.
 */
export async function claimCrisisAnswers(db: Database): Promise<DueCrisisAnswer[]> {
  const { rows } = await sql<DueCrisisAnswer>`
    with due as (
      select id, unanswered + case state when 'sending' then 1 else 0 end as unanswered from crisis_answers
      where state in ('planned', 'sending') and try_at <= (select clock_timestamp()) and (select safe_mode_since is null from clinic_clock)
      order by try_at limit ${CLAIMED_AT_ONCE} for update skip locked),
    claimed as (
      update crisis_answers a set unanswered = due.unanswered, state = case when due.unanswered < ${MOST_UNANSWERED} then 'sending' else 'unknown' end,
        code = case when due.unanswered < ${MOST_UNANSWERED} then a.code else 'lost' end,
        attempts = a.attempts + case when due.unanswered < ${MOST_UNANSWERED} then 1 else 0 end,
        try_at = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
      from due where a.id = due.id returning a.*)
    select a.id, a.inbound_id, a.clinic_id, a.locale, a.attempts, a.unanswered, m.group_id, m.from_index, m.from_sealed,
      l.id as alert_id, l.clinic_id as alert_clinic_id, extract(epoch from clock_timestamp() - a.stored_at)::float8 as age_seconds, jsonb_build_object('name', d.name, 'address', d.address) as "from"
    from claimed a join inbound_messages m on m.id = a.inbound_id join senders d on d.id = a.sender_id
      left join lateral (select id, clinic_id from alerts where source_id = a.inbound_id order by raised_at limit 1) l on true
    where a.state = 'sending'`.execute(db);
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

/**
 * What became of a call. False when another process has taken it for lost meanwhile and called again: what that one hears counts. What the carrier has reported
 * in the meantime stands.
 */
export async function recordCrisisAnswer(
  tx: Tx,
  { id, attempts }: Pick<DueCrisisAnswer, "id" | "attempts">,
  { state, unanswered, providerMessageId, code, againInSeconds }: CrisisAnswerEnd,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update crisis_answers set state = case when rank > 0 then 'sent' else ${state}::text end, code = case when rank > 0 then code else ${code}::text end,
      unanswered = ${unanswered}, provider_message_id = coalesce(${providerMessageId}, provider_message_id),
      try_at = clock_timestamp() + make_interval(secs => ${againInSeconds})
    where id = ${id} and attempts = ${attempts} and (state = 'sending' or (state = 'sent' and rank > 0))`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}

/**
 * Folds what a carrier reports of such texts, by the ladder of all deliveries. A report at all proves that it was sent: it goes to nobody a second time, whatever was
 * heard of the call. Ids of anything else change nothing.
 */
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
      state = case when a.state in ('planned', 'sending', 'unknown') then 'sent' else a.state end
    from (select distinct on (id) id, rank, code from ${rows} as v (id, rank, code) order by id, rank desc) r
    where a.id = r.id and r.rank > a.rank`.execute(tx);
}
