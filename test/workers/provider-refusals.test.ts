import { beforeEach, describe, expect, test } from "vitest";
import { readClinicTime, stepClock } from "../../src/db/clinic-clock.ts";
import { instant } from "../../src/domain/calendar.ts";
import type { PatientId, TouchpointId } from "../../src/domain/ids.ts";
import { planPatientsOf } from "../../src/workers/plan-patients.ts";
import { openWorld } from "../support/world.ts";
import { enqueueAna, findWelcomes, forgetTouchpoints, makeSenders, readTouchpoint, WELCOME_AT } from "./support/clinic-at-work.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
let ana: PatientId;
let welcomes: { email: TouchpointId; sms: TouchpointId };

async function begin(contact: { phone?: string; email?: string } = {}): Promise<void> {
  ana = await enqueueAna(world, contact);
  const [[email], [sms]] = [await findWelcomes(world, [ana], "email"), await findWelcomes(world, [ana], "sms")];
  if (!email || !sms) expect.unreachable();
  welcomes = { email, sms };
}

beforeEach(async () => {
  await forgetTouchpoints(world);
});

const readDelivery = async (id: TouchpointId) =>
  db
    .selectFrom("deliveries")
    .select(["state", "code", "providerMessageId"])
    .where("touchpointId", "=", id)
    .orderBy("attempt", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
const contactOf = (channel: string) =>
  db
    .selectFrom("contactPoints")
    .select(["granted", "deadAt"])
    .where("patientId", "=", ana)
    .where("person", "=", "patient")
    .where("channel", "=", channel)
    .executeTakeFirstOrThrow();
const isStale = async () => {
  const { planRevision, plannedRevision } = await db
    .selectFrom("patients")
    .select(["planRevision", "plannedRevision"])
    .where("id", "=", ana)
    .executeTakeFirstOrThrow();
  return planRevision !== plannedRevision;
};
const sendSms = async () => (await makeSenders(world)).sms({ touchpointIds: [welcomes.sms] });
const sendEmail = async () => (await makeSenders(world)).email({ touchpointIds: [welcomes.email] });

describe("a text", () => {
  test("to a number that does not exist fails, the number is dead, and what was still planned for it is not sent there", async () => {
    await begin();
    world.twilio.setFaults([{ does: "refuse", code: 21211 }]);
    expect(await sendSms()).toEqual({ refused: 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.sms)).toMatchObject({ state: "failed", reason: "bad-address" });
    expect(await readDelivery(welcomes.sms)).toEqual({ state: "refused", code: "21211", providerMessageId: null });
    expect((await contactOf("sms")).deadAt).toBe(WELCOME_AT);
    expect(await isStale()).toBe(true);
    await planPatientsOf(world.deps)({ patientIds: [ana] });
    const planned = await db
      .selectFrom("touchpoints")
      .select(["rule", "channel"])
      .where("patientId", "=", ana)
      .where("recipient", "=", "patient")
      .where("state", "=", "planned")
      .execute();
    expect(planned.filter(({ channel }) => channel === "sms")).toEqual([]);
    expect(planned.filter(({ rule }) => rule === "home-safe").map(({ channel }) => channel)).toEqual(Array(6).fill("email"));
  });

  test("of somebody who opted out with the carrier fails, and the opt-out is ours from then on", async () => {
    await begin();
    world.twilio.setFaults([{ does: "refuse", code: 21610 }]);
    expect(await sendSms()).toEqual({ refused: 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.sms)).toMatchObject({ state: "failed", reason: "opted-out" });
    expect(await db.selectFrom("optOuts").select(["channel", "source"]).execute()).toEqual([{ channel: "sms", source: "carrier" }]);
    expect(await isStale()).toBe(true);
    await db.deleteFrom("optOuts").execute();
  });

  test("that is throttled stays planned until the provider says so", async () => {
    await begin();
    world.twilio.setFaults([{ does: "throttle", retryAfterSeconds: 90, times: 1 }]);
    expect(await sendSms()).toEqual({ "not-yet": 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.sms)).toMatchObject({ state: "planned", attempts: 1, tryAt: WELCOME_AT + 90_000 });
    expect(await readDelivery(welcomes.sms)).toMatchObject({ state: "not-sent" });
    expect(world.twilio.messages()).toEqual([]);
  });

  test.each([
    ["a broken connection after it was accepted", { does: "drop", when: "after-accepting" }, 1],
    ["a broken connection before it was accepted", { does: "drop", when: "before-accepting" }, 0],
    ["a server error", { does: "fail", when: "after-accepting" }, 1],
  ] as const)("whose answer is lost to %s is unknown, and nobody sends it again", async (_, fault, accepted) => {
    await begin();
    world.twilio.setFaults([fault]);
    expect(await sendSms()).toEqual({ unknown: 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.sms)).toMatchObject({ state: "unknown", reason: "no-answer" });
    expect(await readDelivery(welcomes.sms)).toMatchObject({ state: "unknown", providerMessageId: null });
    world.twilio.setFaults([]);
    expect(await sendSms()).toEqual({ skipped: 1 });
    expect(world.twilio.messages()).toHaveLength(accepted);
  });

  test.each([30007, 14107])("whose words are at fault (%d) fails aloud, and says nothing of the number", async (code) => {
    await begin();
    world.twilio.setFaults([{ does: "refuse", code }]);
    expect(await sendSms()).toEqual({ refused: 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.sms)).toMatchObject({ state: "failed", reason: "content-refused" });
    expect(await contactOf("sms")).toMatchObject({ deadAt: null });
    expect(world.logged.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ level: "error", msg: "content.refused", kind: "sms", code: String(code) }),
    );
  });

  test.each([20003, 21606])("refused because of us (%d) waits for somebody to mend it", async (code) => {
    await begin();
    world.twilio.setFaults([{ does: "refuse", code }]);
    expect(await sendSms()).toEqual({ "not-yet": 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.sms)).toMatchObject({ state: "planned", attempts: 1 });
    expect(await readDelivery(welcomes.sms)).toMatchObject({ code: String(code) });
    expect((await contactOf("sms")).deadAt).toBeNull();
  });
});

describe("a mail", () => {
  test("to a mailbox that does not exist fails, and the address is dead", async () => {
    await begin();
    world.smtp.setFaults([{ does: "refuse", at: "rcpt", code: 550 }]);
    expect(await sendEmail()).toEqual({ refused: 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.email)).toMatchObject({ state: "failed", reason: "bad-address" });
    expect((await contactOf("email")).deadAt).toBe(WELCOME_AT);
    expect(await isStale()).toBe(true);
  });

  test("that a greylisting server turns away is tried again half a minute later, then after twice as long, and sent once", async () => {
    await begin();
    world.smtp.setFaults([{ does: "refuse", at: "rcpt", code: 450, times: 2 }]);
    expect(await sendEmail()).toEqual({ "not-yet": 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.email)).toMatchObject({
      state: "planned",
      attempts: 1,
      tryAt: WELCOME_AT + 30_000,
      hintedAt: null,
    });
    await stepBy(30_000);
    expect(await sendEmail()).toEqual({ "not-yet": 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.email)).toMatchObject({ attempts: 2, tryAt: WELCOME_AT + 90_000 });
    expect(await sendEmail()).toEqual({ skipped: 1 });
    await stepBy(60_000);
    expect(await sendEmail()).toEqual({ sent: 1, skipped: 0 });
    expect(world.smtp.mails()).toHaveLength(1);
  });

  test.each([
    ["after it was accepted", [{ does: "drop-after-accepting" }], 1],
    ["at the final dot", [{ does: "drop", at: "dot" }], 0],
  ] as const)("whose connection breaks %s is unknown, and nobody sends it again", async (_, faults, accepted) => {
    await begin();
    world.smtp.setFaults(faults);
    expect(await sendEmail()).toEqual({ unknown: 1, skipped: 0 });
    world.smtp.setFaults([]);
    expect(await readTouchpoint(world, welcomes.email)).toMatchObject({ state: "unknown" });
    expect(await sendEmail()).toEqual({ skipped: 1 });
    expect(world.smtp.mails()).toHaveLength(accepted);
  });

  test("whose connection breaks before its first byte was provably not sent, and is tried again", async () => {
    await begin();
    world.smtp.setFaults([{ does: "drop", at: "mail" }]);
    expect(await sendEmail()).toEqual({ "not-yet": 1, skipped: 0 });
    expect(await readTouchpoint(world, welcomes.email)).toMatchObject({ state: "planned" });
  });
});

async function stepBy(ms: number): Promise<void> {
  const { now } = await readClinicTime(db);
  await stepClock(db, instant(now + ms));
}

describe("one refusal among many", () => {
  test("touches nobody else's message", async () => {
    await begin();
    const other = await enqueueAna(world);
    const [good] = await findWelcomes(world, [other], "sms");
    if (!good) expect.unreachable();
    const { to } = await readAddress(ana);
    world.twilio.setFaults([{ does: "refuse", code: 21211, to }]);
    const { sms } = await makeSenders(world);
    expect(await sms({ touchpointIds: [welcomes.sms, good] })).toEqual({ refused: 1, sent: 1, skipped: 0 });
    expect(await readTouchpoint(world, good)).toMatchObject({ state: "sent" });
    expect(await readTouchpoint(world, welcomes.sms)).toMatchObject({ state: "failed" });
  });
});

async function readAddress(patientId: PatientId): Promise<{ to: string }> {
  const { phoneSealed } = await db.selectFrom("patients").select("phoneSealed").where("id", "=", patientId).executeTakeFirstOrThrow();
  if (!phoneSealed) expect.unreachable();
  return { to: world.deps.vault.open(phoneSealed, { table: "patients", column: "phone_sealed", row: patientId }) };
}
