import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { readClinicTime, setSteppedClock } from "../../src/db/clinic-clock.ts";
import { claimTouchpoints } from "../../src/db/sends.ts";
import { transact } from "../../src/db/transact.ts";
import { newId } from "../../src/clock.ts";
import { HOUR, instant } from "../../src/domain/calendar.ts";
import { endAsSent } from "../../src/db/settlements.ts";
import { openWorld } from "../support/world.ts";
import { forgetTouchpoints, readTouchpoint, WELCOME_AT } from "./support/clinic-at-work.ts";
import {
  age,
  ageLooks,
  eventsOf,
  newestAttempt,
  readAttempts,
  resendsOf,
  sendAgain,
  sendWelcome,
  settle,
  settleAfterTwoLooks,
  tasksOf,
} from "./support/lost-answers.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;

const LOST_TEXT = { does: "drop", when: "after-accepting", on: "create", times: 1 } as const;
const NEVER_TEXT = { does: "drop", when: "before-accepting", on: "create", times: 1 } as const;
const LOST_MAIL = { does: "drop-after-accepting", times: 1 } as const;

beforeEach(async () => {
  await sql`delete from tasks`.execute(db);
  await forgetTouchpoints(world);
});

describe("a text whose answer was lost", () => {
  test("is left alone for a minute, and then found at the provider and sent, with its id and what the provider says of it", async () => {
    world.twilio.setFaults([LOST_TEXT]);
    const { id } = await sendWelcome(world, "sms");
    await age(world, 59);
    expect(await settle(world)).toMatchObject({ sent: 0 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "unknown" });
    await age(world, 2);
    expect(await settle(world)).toMatchObject({ sent: 1, resent: 0, held: 0 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "sent", reason: null, attempts: 1 });
    const [text] = world.twilio.messages();
    expect(await readAttempts(world, id)).toMatchObject([{ state: "sent", providerMessageId: text?.sid, providerState: "delivered" }]);
    expect(await eventsOf(world, id)).toEqual(["touchpoint.settled"]);
    expect(world.twilio.messages()).toHaveLength(1);
  });

  test("that the provider does not have is looked for a second time two minutes later, and only then sent once more, recorded and counted", async () => {
    world.twilio.setFaults([NEVER_TEXT]);
    const lost = await sendWelcome(world, "sms");
    await age(world, 61);
    expect(await settle(world)).toMatchObject({ resent: 0, held: 0 });
    await ageLooks(world, 119);
    expect(await settle(world)).toMatchObject({ resent: 0, held: 0 });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "unknown" });
    await ageLooks(world, 2);
    expect(await settle(world)).toMatchObject({ resent: 1, held: 0 });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "planned", reason: null, tryAt: WELCOME_AT, hintedAt: null });
    expect(await resendsOf(world, lost.id)).toBe(1);
    expect(await readAttempts(world, lost.id)).toMatchObject([{ state: "not-sent", code: "not-found" }]);
    expect(await eventsOf(world, lost.id)).toEqual(["touchpoint.resent"]);
    expect(await sendAgain(world, lost, "sms")).toEqual({ sent: 1, skipped: 0 });
    expect(world.twilio.messages()).toHaveLength(1);
  });

  test("is found when the provider can be asked again", async () => {
    world.twilio.setFaults([LOST_TEXT, { does: "refuse", code: 20500, on: "lookup", times: 1 }]);
    const { id } = await sendWelcome(world, "sms");
    await age(world, 61);
    expect(await settle(world)).toMatchObject({ sent: 0 });
    await ageLooks(world, 31);
    expect(await settle(world)).toMatchObject({ sent: 1 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "sent" });
  });

  test("is held for staff where the rule says so, with a task that is due in staffed hours", async () => {
    world.twilio.setFaults([NEVER_TEXT]);
    const { id } = await sendWelcome(world, "sms", "hold");
    expect(await settleAfterTwoLooks(world)).toMatchObject({ held: 1 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "held", reason: "unknown" });
    // Half past nine on a Monday, staffed from nine to five.
    expect(await tasksOf(world, id)).toMatchObject([
      { kind: "settle-unknown", template: "welcome", state: "open", dueBy: WELCOME_AT + 2 * HOUR },
    ]);
    expect(await settle(world)).toMatchObject({ held: 0 });
    expect(await tasksOf(world, id)).toHaveLength(1);
  });

  test("of which the provider no longer keeps the words is for staff, whatever the rule says", async () => {
    world.twilio.setFaults([LOST_TEXT]);
    const { id } = await sendWelcome(world, "sms");
    for (const text of world.twilio.messages()) Object.assign(text, { body: "" });
    await age(world, 61);
    expect(await settle(world)).toMatchObject({ held: 1 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "held", reason: "unknown" });
  });

  test("stays unknown while the provider cannot be asked, and is for staff after a quarter of an hour", async () => {
    world.twilio.setFaults([NEVER_TEXT, { does: "fail", when: "before-accepting", on: "lookup" }]);
    const { id } = await sendWelcome(world, "sms");
    for (const passed of [61, 300, 500]) {
      await age(world, passed);
      expect(await settle(world)).toMatchObject({ held: 0, resent: 0, sent: 0 });
    }
    await age(world, 60);
    expect(await settle(world)).toMatchObject({ held: 1 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "held", reason: "unknown" });
    expect(await readAttempts(world, id)).toMatchObject([{ state: "unknown", looks: 0 }]);
  });

  test("to a number that staff have changed since is for staff: asking about the new one would tell nothing", async () => {
    world.twilio.setFaults([LOST_TEXT]);
    const { id, patientId } = await sendWelcome(world, "sms");
    await age(world, 61);
    await sql`insert into events (clinic_at, actor, kind, subject_id) values (now(), 'staff:test', 'patient.contact-changed', ${patientId})`.execute(
      db,
    );
    await settleAfterTwoLooks(world);
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "held", reason: "unknown" });
  });

  test("is not taken for another patient's text of the same words", async () => {
    world.twilio.setFaults([{ ...LOST_TEXT, times: 1 }]);
    const one = await sendWelcome(world, "sms");
    world.twilio.setFaults([NEVER_TEXT]);
    const other = await sendWelcome(world, "sms", "hold");
    await settleAfterTwoLooks(world);
    expect(await readTouchpoint(world, one.id)).toMatchObject({ state: "sent" });
    expect(await readTouchpoint(world, other.id)).toMatchObject({ state: "held" });
  });
});

describe("a mail whose answer was lost", () => {
  test("is sent once more where the rule says so, with the same Message-ID, and never a third time", async () => {
    world.smtp.setFaults([{ ...LOST_MAIL, times: 2 }]);
    const lost = await sendWelcome(world, "email");
    await age(world, 59);
    expect(await settle(world)).toMatchObject({ resent: 0 });
    await age(world, 2);
    expect(await settle(world)).toMatchObject({ resent: 1 });
    expect(await readAttempts(world, lost.id)).toMatchObject([{ state: "unknown" }]);
    expect(await sendAgain(world, lost, "email")).toEqual({ unknown: 1, skipped: 0 });
    await age(world, 61);
    expect(await settle(world)).toMatchObject({ resent: 0, held: 1 });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "held", reason: "unknown", attempts: 2 });
    const ids = world.smtp.mails().map(({ raw }) => /^Message-ID: (.*)$/m.exec(raw.toString())?.[1]);
    expect(ids).toHaveLength(2);
    expect(new Set(ids)).toEqual(new Set([`<tp-${lost.id}@127.0.0.1>`]));
    expect(await eventsOf(world, lost.id)).toEqual(["touchpoint.resent", "touchpoint.held"]);
    expect(await tasksOf(world, lost.id)).toMatchObject([{ kind: "settle-unknown", state: "open" }]);
  });

  test("is held for staff where the rule says so", async () => {
    world.smtp.setFaults([LOST_MAIL]);
    const { id } = await sendWelcome(world, "email", "hold");
    await age(world, 61);
    expect(await settle(world)).toMatchObject({ held: 1, resent: 0 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "held", reason: "unknown" });
  });

  test("is for staff and not sent again once its last moment is over", async () => {
    world.smtp.setFaults([LOST_MAIL]);
    const { id } = await sendWelcome(world, "email");
    const { sendBy } = await db.selectFrom("touchpoints").select("sendBy").where("id", "=", id).executeTakeFirstOrThrow();
    await setSteppedClock(db, sendBy);
    await age(world, 61);
    expect(await settle(world)).toMatchObject({ held: 1, resent: 0 });
    await setSteppedClock(db, WELCOME_AT);
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "held", reason: "unknown" });
  });

  test("that a fact has made unwanted ends superseded, and nobody has to look into it", async () => {
    world.smtp.setFaults([LOST_MAIL]);
    const { id } = await sendWelcome(world, "email");
    await sql`update touchpoints set unwanted_at = clock_timestamp() where id = ${id}`.execute(db);
    await age(world, 61);
    expect(await settle(world)).toMatchObject({ superseded: 1, resent: 0, held: 0 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "superseded" });
    expect(await tasksOf(world, id)).toEqual([]);
  });
});

describe("evidence that comes after all", () => {
  const prove = async (id: Parameters<typeof newestAttempt>[1]) =>
    sql`update deliveries set state = 'sent', provider_state = 'sent', rank = 40 where id = ${await newestAttempt(world, id)}`.execute(db);

  test("of the first attempt ends a re-send that nobody has claimed yet, so that it never goes out", async () => {
    world.smtp.setFaults([LOST_MAIL]);
    const lost = await sendWelcome(world, "email");
    await age(world, 61);
    await settle(world);
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "planned" });
    await prove(lost.id);
    expect(await settle(world)).toMatchObject({ sent: 1 });
    expect(await readTouchpoint(world, lost.id)).toMatchObject({ state: "sent", attempts: 1 });
    expect(await sendAgain(world, lost, "email")).toEqual({ skipped: 1 });
    expect(world.smtp.mails()).toHaveLength(1);
  });

  test("without being looked for would let the same mail go out twice", async () => {
    world.smtp.setFaults([LOST_MAIL]);
    const lost = await sendWelcome(world, "email");
    await age(world, 61);
    await settle(world);
    await prove(lost.id);
    expect(await sendAgain(world, lost, "email")).toEqual({ sent: 1, skipped: 0 });
    expect(world.smtp.mails()).toHaveLength(2);
  });

  test("settles what is held for staff, and takes back the task", async () => {
    world.smtp.setFaults([LOST_MAIL]);
    const { id } = await sendWelcome(world, "email", "hold");
    await age(world, 61);
    await settle(world);
    await prove(id);
    expect(await settle(world)).toMatchObject({ sent: 1 });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "sent", reason: null });
    expect(await tasksOf(world, id)).toMatchObject([{ state: "cancelled", closedBy: "afterglow" }]);
  });

  test("that meets the claim of the re-send finds one of the two decided: a claim does not take what is being ended", async () => {
    world.smtp.setFaults([LOST_MAIL]);
    const { id, patientId } = await sendWelcome(world, "email");
    await age(world, 61);
    await settle(world);
    const { addressIndex } = await db
      .selectFrom("contactPoints")
      .select("addressIndex")
      .where("patientId", "=", patientId)
      .where("person", "=", "patient")
      .where("channel", "=", "email")
      .executeTakeFirstOrThrow();
    if (!addressIndex) expect.unreachable();
    const claim = (on: typeof db) => {
      const wish = { id, deliveryId: newId<"delivery">(), contentHash: Buffer.alloc(32), addressIndex, version: null };
      return claimTouchpoints(on, [wish], { workerId: newId<"worker">(), channel: "email" });
    };
    const takenBack = transact(db, async (tx) => {
      expect(await claim(tx)).toHaveLength(1);
      throw new Error("taken back");
    });
    await expect(takenBack).rejects.toThrow("taken back");
    await transact(db, async (tx) => {
      expect(await endAsSent(tx, [id])).toHaveLength(1);
      expect(await claim(db)).toEqual([]);
    });
    expect(await readTouchpoint(world, id)).toMatchObject({ state: "sent" });
  });
});

test("only one process settles at a time, and what it finds is not settled twice", async () => {
  world.smtp.setFaults([LOST_MAIL]);
  const { id } = await sendWelcome(world, "email", "hold");
  await age(world, 61);
  const { now } = await readClinicTime(db);
  expect(now).toBe(instant(WELCOME_AT));
  const { settleUnknown } = await import("../../src/workers/settle-unknown.ts");
  const results = await Promise.all(Array.from({ length: 4 }, () => settleUnknown(world.deps)));
  expect(results.reduce((sum, each) => sum + (each?.held ?? 0), 0)).toBe(1);
  expect(await eventsOf(world, id)).toEqual(["touchpoint.held"]);
});
