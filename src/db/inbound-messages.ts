/**
 * Texts that came in: kept as they came, sealed and once each, before anybody makes anything of them. What is not handled is found again here, so a lost hint costs
 * seconds. The words stay: they are part of what the clinic was told.
 */
import { sql } from "kysely";
import { newId } from "../clock.ts";
import type { CarrierKeyword } from "../domain/classify-reply.ts";
import { formatInstant, type Instant } from "../domain/calendar.ts";
import type { ClinicId, GroupId, InboundId, PatientId, SenderId, SessionId, TouchpointId } from "../domain/ids.ts";
import type { Database, Tx } from "./database.ts";
import type { Place, Vault } from "./vault.ts";

export type ReceivingSender = { readonly id: SenderId; readonly clinicId: ClinicId; readonly groupId: GroupId };

/** The clinic's number that was written to; undefined when no clinic has it. */
export async function findReceivingSender(db: Database, number: string): Promise<ReceivingSender | undefined> {
  const { rows } = await sql<ReceivingSender>`
    select d.id, d.clinic_id, c.group_id from senders d join clinics c on c.id = d.clinic_id where d.channel = 'sms' and d.address = ${number}`.execute(
    db,
  );
  return rows[0];
}

export type NewInbound = {
  readonly sender: ReceivingSender;
  /** Twilio's MessageSid: a second text with the same is the same text. */
  readonly providerMessageId: string;
  readonly from: string;
  readonly body: string;
  readonly media: number;
  readonly carrierKeyword: CarrierKeyword | null;
};

/** Keeps a text, received now; one that was seen before, be it years ago, changes nothing and gives undefined. */
export async function insertInbound(db: Database, text: NewInbound, vault: Vault): Promise<InboundId | undefined> {
  const { sender, providerMessageId, from, body, media, carrierKeyword } = text;
  const id = newId<"inbound">();
  const { rows } = await sql`
    insert into inbound_messages
      (id, group_id, clinic_id, sender_id, provider_message_id, from_index, from_sealed, body_sealed, media, carrier_keyword, received_at)
    values (${id}, ${sender.groupId}, ${sender.clinicId}, ${sender.id}, ${providerMessageId}, ${vault.blindIndex("phone", from)},
      ${vault.seal(from, placeOfFrom(id))}, ${vault.seal(body, placeOfBody(id))}, ${media}, ${carrierKeyword}, (select afterglow_now()))
    on conflict (provider_message_id) do nothing returning id`.execute(db);
  return rows.length > 0 ? id : undefined;
}

/** Where the words of a text are sealed. */
export function placeOfBody(id: InboundId): Place {
  return { table: "inbound_messages", column: "body_sealed", row: id };
}

/** Where the number it came from is sealed. */
export function placeOfFrom(id: InboundId): Place {
  return { table: "inbound_messages", column: "from_sealed", row: id };
}

export type InboundRow = {
  readonly id: InboundId;
  readonly groupId: GroupId;
  readonly clinicId: ClinicId;
  readonly senderId: SenderId;
  readonly fromIndex: Buffer;
  readonly bodySealed: Buffer;
  readonly media: number;
  readonly carrierKeyword: CarrierKeyword | null;
  readonly receivedAt: Instant;
  /** Seconds of machine time since it was stored. */
  readonly ageSeconds: number;
};

/** What waits of the number that sent this text, up to this one and in the order in which it came: a STOP counts before the START that followed it. */
export async function listWaiting(db: Database, id: InboundId): Promise<InboundRow[]> {
  const { rows } = await sql<InboundRow>`
    select w.id, w.group_id, w.clinic_id, w.sender_id, w.from_index, w.body_sealed, w.media, w.carrier_keyword, w.received_at,
      extract(epoch from clock_timestamp() - w.stored_at)::float8 as age_seconds
    from inbound_messages m
      join inbound_messages w on w.group_id = m.group_id and w.from_index = m.from_index and w.handled_at is null
        and (w.received_at, w.id) <= (m.received_at, m.id)
    where m.id = ${id} order by w.received_at, w.id`.execute(db);
  return rows;
}

/** Texts that nobody has handled for a while, oldest first. */
export async function findUnhandled(
  db: Database,
  { olderThanSeconds, limit }: { olderThanSeconds: number; limit: number },
): Promise<InboundId[]> {
  const { rows } = await sql<{ id: InboundId }>`
    select id from inbound_messages
    where handled_at is null and stored_at < (select clock_timestamp()) - make_interval(secs => ${olderThanSeconds})
    order by stored_at limit ${limit}`.execute(db);
  return rows.map(({ id }) => id);
}

/** One handler at a time for a number; the lock ends with the transaction. Taken before any patient is locked. */
export async function lockNumber(tx: Tx, { groupId, fromIndex }: Pick<InboundRow, "groupId" | "fromIndex">): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${groupId} ${fromIndex.toString("hex")}`}, 8))`.execute(tx);
}

export type Handled = {
  readonly kind: string;
  readonly patientId: PatientId | null;
  readonly touchpointId: TouchpointId | null;
  readonly sessionId: SessionId | null;
  readonly answer: string | null;
  readonly offered: readonly SessionId[];
  readonly inbox: "open" | null;
};

/** Says what was made of it; false when somebody else has handled it. */
export async function markHandled(tx: Tx, id: InboundId, handled: Handled): Promise<boolean> {
  const { kind, patientId, touchpointId, sessionId, answer, offered, inbox } = handled;
  const { numAffectedRows } = await sql`
    update inbound_messages set handled_at = clock_timestamp(), kind = ${kind}, patient_id = ${patientId}, touchpoint_id = ${touchpointId},
      session_id = ${sessionId}, answer = ${answer}, offered = ${offered}::uuid[], inbox = ${inbox}
    where id = ${id} and handled_at is null`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

export type EarlierText = {
  readonly id: InboundId;
  readonly kind: string | null;
  readonly bodySealed: Buffer;
  readonly answer: string | null;
  readonly offered: readonly SessionId[];
  readonly receivedAt: Instant;
};

/** What came from the same number before this text, since a moment; newest first. */
export async function listEarlier(
  db: Database,
  { id, groupId, fromIndex, receivedAt }: InboundRow,
  since: Instant,
): Promise<EarlierText[]> {
  const { rows } = await sql<EarlierText>`
    select id, kind, body_sealed, answer, offered, received_at from inbound_messages
    where group_id = ${groupId} and from_index = ${fromIndex} and received_at >= ${formatInstant(since)}::timestamptz
      and (received_at, id) < (${formatInstant(receivedAt)}::timestamptz, ${id}::uuid)
    order by received_at desc, id desc limit 50`.execute(db);
  return rows;
}
