import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { insertProviderEvent } from "../../src/db/provider-events.ts";
import type { Instant } from "../../src/domain/calendar.ts";
import type { PatientId, TouchpointId } from "../../src/domain/ids.ts";
import { planPatientsOf } from "../../src/workers/plan-patients.ts";
import { repairReports } from "../../src/workers/record-delivery.ts";
import { openWorld } from "../support/world.ts";
import { enqueueAna, forgetTouchpoints, makeSenders, readTouchpoint } from "./support/clinic-at-work.ts";
import { newestAttempt, readAttempts } from "./support/lost-answers.ts";

const world = await openWorld({ backend: "postgres" });
const { db, vault } = world.deps;

beforeEach(async () => {
  await sql`delete from tasks`.execute(db);
  await sql`delete from provider_events`.execute(db);
  await sql`delete from opt_outs`.execute(db);
  await forgetTouchpoints(world);
});

type Text = { readonly id: TouchpointId; readonly patientId: PatientId; readonly rule: string; readonly sessionId: string };

/** "Home safe" after Ana's first session, which falls back on mail and then on a call; that she has gone home is taken for granted. */
async function sendFirstText(): Promise<Text> {
  const patientId = await enqueueAna(world);
  const { rows } = await sql<Text & { tryAt: Instant }>`
    update touchpoints set awaits = null where id = (
      select id from touchpoints where patient_id = ${patientId} and rule = 'home-safe' and channel = 'sms' and state = 'planned' order by try_at limit 1)
    returning id, patient_id, rule, session_id, try_at`.execute(db);
  const [text] = rows;
  if (!text) expect.unreachable();
  await setSteppedClock(db, text.tryAt);
  expect(await (await makeSenders(world)).sms({ touchpointIds: [text.id] })).toMatchObject({ sent: 1 });
  return text;
}

async function phoneOf(patientId: PatientId): Promise<string> {
  const { phoneSealed } = await db.selectFrom("patients").select("phoneSealed").where("id", "=", patientId).executeTakeFirstOrThrow();
  if (!phoneSealed) expect.unreachable();
  return vault.open(phoneSealed, { table: "patients", column: "phone_sealed", row: patientId });
}

async function report({ id, patientId }: Text, MessageStatus: string, ErrorCode?: string): Promise<void> {
  const MessageSid = (await readAttempts(world, id)).at(-1)?.providerMessageId ?? "";
  const body = JSON.stringify({ MessageSid, MessageStatus, To: await phoneOf(patientId), ...(ErrorCode && { ErrorCode }) });
  const fingerprint = Buffer.from(`${MessageSid}/${MessageStatus}/${ErrorCode}`);
  await insertProviderEvent(db, { provider: "twilio", deliveryId: await newestAttempt(world, id), fingerprint, body }, vault);
  await sql`update provider_events set received_at = received_at - interval '6 seconds' where folded_at is null`.execute(db);
  await repairReports(world.deps);
  await planPatientsOf(world.deps)({ patientIds: [patientId] });
}

async function fallbackOf({ id }: Text) {
  return db.selectFrom("touchpoints").select(["rule", "channel", "state", "sessionId"]).where("fallbackOf", "=", id).execute();
}

async function contactOf({ patientId }: Text) {
  const columns = ["deadAt", "failures", "flaggedAt"] as const;
  return db
    .selectFrom("contactPoints")
    .select(columns)
    .where("patientId", "=", patientId)
    .where("person", "=", "patient")
    .where("channel", "=", "sms")
    .executeTakeFirstOrThrow();
}

const channelsToCome = async ({ patientId }: Text) => {
  const rows = await db
    .selectFrom("touchpoints")
    .select("channel")
    .distinct()
    .where("patientId", "=", patientId)
    .where("recipient", "=", "patient")
    .where("state", "=", "planned")
    .execute();
  return rows.map(({ channel }) => channel).toSorted();
};

describe("a text that was accepted and did not arrive", () => {
  test("stays sent, and its message follows by mail", async () => {
    const text = await sendFirstText();
    expect(await fallbackOf(text)).toEqual([]);
    await report(text, "undelivered", "30003");
    expect(await readTouchpoint(world, text.id)).toMatchObject({ state: "sent" });
    expect(await fallbackOf(text)).toMatchObject([{ rule: text.rule, channel: "email", state: "planned", sessionId: text.sessionId }]);
    expect(await contactOf(text)).toEqual({ deadAt: null, failures: 1, flaggedAt: null });
    expect(await channelsToCome(text)).toContain("sms");
  });

  test("because nobody is there marks the number dead: whatever is to come goes by mail", async () => {
    const text = await sendFirstText();
    await report(text, "undelivered", "30005");
    expect(await contactOf(text)).toMatchObject({ deadAt: expect.any(Number), flaggedAt: expect.any(Number) });
    expect(await fallbackOf(text)).toMatchObject([{ channel: "email" }]);
    expect(await channelsToCome(text)).not.toContain("sms");
    expect(await db.selectFrom("tasks").select("template").where("template", "=", "check-address").execute()).toHaveLength(1);
  });

  test.each(["21610", "30004"])("because its reader opted out (%s) is an opt-out of ours", async (code) => {
    const text = await sendFirstText();
    await report(text, "failed", code);
    const expected = { channel: "sms", source: "carrier", addressIndex: vault.blindIndex("phone", await phoneOf(text.patientId)) };
    expect(await db.selectFrom("optOuts").select(["channel", "source", "addressIndex"]).execute()).toEqual([expected]);
    expect(await fallbackOf(text)).toMatchObject([{ channel: "email" }]);
  });

  test("because of us says nothing of the number, and is said aloud", async () => {
    const text = await sendFirstText();
    await report(text, "undelivered", "30034");
    expect(await contactOf(text)).toEqual({ deadAt: null, failures: 0, flaggedAt: null });
    expect(await fallbackOf(text)).toMatchObject([{ channel: "email" }]);
    expect(world.logged.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining({ msg: "sender.refused", code: "30034" }));
  });

  test("arrives after all: the failures of the number are forgotten, and the mail that was to follow is not sent", async () => {
    const text = await sendFirstText();
    await report(text, "undelivered", "30008");
    expect(await fallbackOf(text)).toMatchObject([{ channel: "email", state: "planned" }]);
    await report(text, "delivered");
    expect(await fallbackOf(text)).toMatchObject([{ channel: "email", state: "superseded" }]);
    expect(await contactOf(text)).toEqual({ deadAt: null, failures: 0, flaggedAt: null });
    expect(await readAttempts(world, text.id)).toMatchObject([{ providerState: "delivered" }]);
  });
});
