/** People who write to the clinic's number, and what came of it. */
import { sql } from "kysely";
import { findReceivingSender, insertInbound } from "../../../src/db/inbound-messages.ts";
import type { CarrierKeyword } from "../../../src/domain/classify-reply.ts";
import type { InboundId } from "../../../src/domain/ids.ts";
import { handleReply } from "../../../src/producers/handle-reply.ts";
import { nextNumber } from "../../support/next-number.ts";
import type { World } from "../../support/world.ts";
import type { Enrolled } from "./enrolled.ts";

export type Texting = { readonly media?: number; readonly carrierKeyword?: CarrierKeyword; readonly sid?: string };

/** Stores a text as the webhook does. */
export async function receive(
  world: World,
  from: string,
  body: string,
  { media = 0, carrierKeyword, sid }: Texting = {},
): Promise<InboundId> {
  const { db, vault } = world.deps;
  const sender = await findReceivingSender(db, world.clinic.sms.address);
  if (!sender) throw new Error("The clinic has no number");
  const providerMessageId = sid ?? `SM${nextNumber(world).toString(16).padStart(32, "0")}`;
  const text = { sender, providerMessageId, from, body, media, carrierKeyword: carrierKeyword ?? null };
  const id = await insertInbound(db, text, vault);
  if (id === undefined) throw new Error("It was stored before");
  return id;
}

/** Stores a text and handles it. */
export async function write(world: World, from: string, body: string, texting: Texting = {}): Promise<InboundId> {
  const id = await receive(world, from, body, texting);
  await handleReply(world.deps, id);
  return id;
}

export async function readInbound({ deps: { db } }: World, id: InboundId) {
  return db
    .selectFrom("inboundMessages")
    .select(["kind", "patientId", "sessionId", "inbox", "answer", "handledAt", "offered"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
}

/** Our answers to a text, by template and state. */
export async function answersTo({ deps: { db } }: World, id: InboundId): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select template || ' ' || state as line from touchpoints where key like ${`answer/${id}/%`} order by template`.execute(db);
  return rows.map(({ line }) => line);
}

/** The open tasks about somebody that came of a text, by kind and template. */
export async function workAbout({ deps: { db } }: World, { patientId }: Pick<Enrolled, "patientId">): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select kind || ' ' || template || ' ' || importance as line from tasks
    where patient_id = ${patientId} and state = 'open' and inbound_id is not null order by template`.execute(db);
  return rows.map(({ line }) => line);
}

/** As if the text of that rule about the visit with this number had just been sent. */
export async function sayText({ deps: { db } }: World, { seriesId }: Pick<Enrolled, "seriesId">, rule: string, number = 1): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select t.id from touchpoints t join sessions v on v.id = t.session_id
    where t.series_id = ${seriesId} and t.rule = ${rule} and t.channel = 'sms' and t.recipient = 'patient' and v.number = ${number} and t.state = 'planned'
    order by t.due_at limit 1`.execute(db);
  const [row] = rows;
  if (!row) throw new Error(`Nothing planned: ${rule} of visit ${number}`);
  await sql`update touchpoints set state = 'sending', attempts = 1, claimed_at = clock_timestamp() where id = ${row.id}`.execute(db);
  await sql`update touchpoints set state = 'sent' where id = ${row.id}`.execute(db);
}

export async function answersAbout({ deps: { db } }: World, { patientId }: Pick<Enrolled, "patientId">): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select v.number || ' ' || a.kind || ' ' || a.via as line from session_answers a join sessions v on v.id = a.session_id
    where a.patient_id = ${patientId} order by a.at, a.id`.execute(db);
  return rows.map(({ line }) => line);
}
