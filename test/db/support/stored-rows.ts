/** Rows stored by hand, for tests of single statements: a patient with one session, touchpoints of any kind. */
import { createHash, randomBytes } from "node:crypto";
import { sql } from "kysely";
import { newId } from "../../../src/clock.ts";
import { type Database, toMultirange, toTimestamp } from "../../../src/db/database.ts";
import { HOUR, type Instant, instant, MINUTE } from "../../../src/domain/calendar.ts";
import type { LinkId, PatientId, SeriesId, SessionId, TouchpointId } from "../../../src/domain/ids.ts";
import type { Span, TouchpointState } from "../../../src/domain/touchpoint.ts";
import { at, NOW, type StoredClinic } from "./stored-clinic.ts";
import type { Claim } from "../../../src/db/sends.ts";

/** The blind index of the address that a stored touchpoint goes to. */
const addressOf = new Map<TouchpointId, Buffer>();

function addressIndex(patientId: PatientId, recipient: string, channel: string): Buffer {
  return createHash("sha256").update(`${patientId} ${recipient} ${channel}`).digest().subarray(0, 16);
}

export type StoredPerson = StoredClinic & {
  readonly patientId: PatientId;
  readonly seriesId: SeriesId;
  readonly sessionId: SessionId;
  readonly linkId: LinkId;
};

/** A patient who takes texts and email, with an escort who takes texts, one series and one session tomorrow. */
export async function storePerson(db: Database, clinic: StoredClinic): Promise<StoredPerson> {
  const person = {
    ...clinic,
    patientId: newId<"patient">(),
    seriesId: newId<"series">(),
    sessionId: newId<"session">(),
    linkId: newId<"link">(),
  };
  const { clinicId, groupId, approvalId, patientId, seriesId, sessionId, linkId } = person;
  const blob = () => randomBytes(16);
  const quiet = { quietFrom: 1200, quietTo: 540 };
  await db
    .insertInto("patients")
    .values({
      id: patientId,
      groupId,
      refSealed: blob(),
      refIndex: blob(),
      nameSealed: blob(),
      zone: "America/Denver",
      locale: "en",
      ...quiet,
    })
    .execute();
  await sql`
    insert into contact_points (patient_id, person, channel, group_id, address_index, granted)
    select ${patientId}::uuid, p, c, ${groupId}::uuid, substring(sha256(convert_to(${patientId}::text || ' ' || p || ' ' || c, 'UTF8')) for 16), true from unnest(array['patient', 'escort']) p, unnest(array['email', 'sms']) c`.execute(
    db,
  );
  await db
    .insertInto("series")
    .values({
      id: seriesId,
      clinicId,
      patientId,
      approvalId,
      condition: "depression",
      status: "active",
      enqueuedAt: toTimestamp(NOW),
      quietUntil: toTimestamp(NOW),
      contentHash: blob(),
    })
    .execute();
  await db
    .insertInto("sessions")
    .values({
      id: sessionId,
      clinicId,
      patientId,
      seriesId,
      number: 1,
      kind: "dosing",
      setting: "clinic",
      owner: "ours",
      status: "scheduled",
      localStart: "2027-01-12T09:00",
      zone: "America/Denver",
      resolution: "exact",
      tzVersion: "2026a",
      startsAt: toTimestamp(at("2027-01-12T16:00:00Z")),
      endsAt: toTimestamp(at("2027-01-12T17:45:00Z")),
    })
    .execute();
  await db
    .insertInto("links")
    .values({
      id: linkId,
      clinicId,
      patientId,
      kind: "session",
      subjectId: sessionId,
      recipient: "patient",
      generation: 0,
      keyId: "l1",
      tokenHash: blob(),
      expiresAt: toTimestamp(at("2027-01-13T16:00:00Z")),
    })
    .execute();
  return person;
}

export type TouchpointWish = {
  readonly channel?: "email" | "sms" | "task";
  readonly recipient?: "patient" | "escort" | "staff";
  readonly state?: TouchpointState;
  readonly tryAt?: Instant;
  readonly legal?: readonly Span[];
  readonly awaits?: "arrival" | "dosing" | "discharge";
  readonly importance?: "critical" | "high" | "normal" | "low";
};

/** A text to the patient, due for a minute and legal for an hour around {@link NOW}, unless wished otherwise. */
export async function storeTouchpoint(db: Database, person: StoredPerson, wish: TouchpointWish = {}): Promise<TouchpointId> {
  const { channel = "sms", recipient = "patient", state = "planned", importance = "normal" } = wish;
  const id = newId<"touchpoint">();
  const legal = wish.legal ?? [{ from: instant(NOW - HOUR), to: instant(NOW + HOUR) }];
  const tryAt = toTimestamp(wish.tryAt ?? instant(NOW - MINUTE));
  const last = toTimestamp(legal.at(-1)?.to ?? NOW);
  const { clinicId, patientId, seriesId, sessionId } = person;
  addressOf.set(id, addressIndex(patientId, recipient, channel));
  await db
    .insertInto("touchpoints")
    .values({
      id,
      clinicId,
      patientId,
      seriesId,
      sessionId,
      linkId: person.linkId,
      channel,
      recipient,
      state,
      importance,
      senderId: channel === "task" ? null : person.senders[channel],
      dueAt: tryAt,
      tryAt,
      firstTryAt: tryAt,
      sendBy: last,
      expiresAt: last,
      occurrence: 0,
      arming: 0,
      attempts: 0,
      purpose: "reminder",
      onUnknown: "hold",
      locale: "en",
      zone: "America/Denver",
      rule: "day-before",
      template: "day-before",
      awaits: wish.awaits ?? null,
      reason: state === "suppressed" ? "past" : null,
      key: id,
      legalAt: toMultirange(legal),
    })
    .execute();
  return id;
}

/** A stage of a story; due when it says, tried at once unless wished otherwise, and to be sent within the hour. */
export async function storeStage(
  db: Database,
  person: StoredPerson,
  { rule, story, dueAt, ...wish }: TouchpointWish & { readonly rule: string; readonly story: string; readonly dueAt: Instant },
): Promise<TouchpointId> {
  const id = await storeTouchpoint(db, person, { tryAt: instant(NOW - MINUTE), ...wish });
  await db
    .updateTable("touchpoints")
    .set({ rule, story, dueAt: toTimestamp(dueAt) })
    .where("id", "=", id)
    .execute();
  return id;
}

export async function stateOf(db: Database, id: TouchpointId): Promise<TouchpointState> {
  return (await db.selectFrom("touchpoints").select("state").where("id", "=", id).executeTakeFirstOrThrow()).state;
}

/** A claim of a row that the program planned itself, with the address that the recipient has. */
export async function claimNow(db: Database, id: TouchpointId): Promise<Claim> {
  const { rows } = await sql<{ addressIndex: Buffer }>`
    select c.address_index from touchpoints t
    join contact_points c on c.patient_id = t.patient_id and c.person = t.recipient and c.channel = t.channel where t.id = ${id}`.execute(
    db,
  );
  return { ...claimOf(id), addressIndex: rows[0]?.addressIndex ?? Buffer.alloc(0) };
}

export function claimOf(id: TouchpointId): Claim {
  return {
    id,
    deliveryId: newId<"delivery">(),
    contentHash: randomBytes(32),
    addressIndex: addressOf.get(id) ?? Buffer.alloc(0),
    version: null,
  };
}
