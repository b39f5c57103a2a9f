import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { claimCrisisAnswers, recordCrisisAnswer } from "../../src/db/crisis-answers.ts";
import { insertRelease } from "../../src/db/template-releases.ts";
import { transact } from "../../src/db/transact.ts";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import type { AlertId, DeliveryId } from "../../src/domain/ids.ts";
import { readAlertCard } from "../../src/producers/read-alert-card.ts";
import { tellBlockedAnswers } from "../../src/producers/tell-blocked-answers.ts";
import { foldReports } from "../../src/workers/fold-reports.ts";
import { sendCrisisAnswers } from "../../src/workers/send-crisis-answers.ts";
import { storeClinic } from "../db/support/stored-clinic.ts";
import { write } from "../producers/support/texting.ts";
import { at, openWorld } from "../support/world.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const STRANGER = "+13035550188";
/** Half past two at night. */
const NIGHT = at("2027-01-09T09:30:00Z");

beforeEach(async () => {
  world.twilio.setFaults([]);
  world.twilio.clear();
  for (const table of ["alerts", "crisis_answers", "inbound_messages", "opt_outs", "template_releases"])
    await sql`delete from ${sql.table(table)}`.execute(db);
  await sql`update clinic_clock set safe_mode_since = null`.execute(db);
  await setSteppedClock(db, NIGHT);
});

const send = () => sendCrisisAnswers(world.deps);
const sent = () => world.twilio.messages().map(({ to, from, body }) => ({ to, from, body }));
const bodies = () => sent().map(({ body }) => body);
const again = () => sql`update crisis_answers set try_at = clock_timestamp()`.execute(db);
const stored = async () =>
  (await sql<{ state: string; attempts: number }>`select state, attempts from crisis_answers order by stored_at`.execute(db)).rows;

/** What the carrier reports of the text. */
async function report(state: string, code: string | null): Promise<void> {
  const row = await db.selectFrom("crisisAnswers").select("id").executeTakeFirstOrThrow();
  const deliveryId: DeliveryId = row.id;
  const told = { deliveryId, report: { state, code, at: NIGHT }, sid: null, addressIndexes: [], failure: "unreachable" as const };
  await transact(db, (tx) => foldReports(tx, [told]));
}

async function cardOf() {
  const { id } = await db.selectFrom("alerts").select("id").orderBy("raisedAt").executeTakeFirstOrThrow();
  const card = await readAlertCard(world.deps, id, { actor: "staff:test", where: "test" });
  if (!card) throw new Error("There is no card");
  return card;
}

describe("the crisis text to a number that no chart has", () => {
  test("goes at any hour, from the number that was written to, in words that neither need a patient nor name one", async () => {
    await write(world, STRANGER, "I am going to kill myself");
    expect(await send()).toBe(1);
    expect(sent()).toEqual([{ to: STRANGER, from: world.clinic.sms.address, body: expect.stringMatching(/988.*911/) }]);
    expect(bodies()[0]).toContain(world.clinic.name);
    const card = await cardOf();
    expect(card.raisedBy?.crisisText).toEqual({ fate: "handed-over", why: null });
    expect(card.events.map(({ kind }) => kind)).toContain("alert.answered");
  });

  test("is told in the audit of the clinic that has the alert, which need not be the one that was written to", async () => {
    await write(world, STRANGER, "I want to die");
    const { clinicId } = await storeClinic(db);
    await sql`update alerts set clinic_id = ${clinicId}`.execute(db);
    await send();
    const { rows } = await sql<{
      clinicId: string;
    }>`select clinic_id from events where kind = 'alert.answered' order by id desc limit 1`.execute(db);
    expect(rows).toEqual([{ clinicId }]);
  });

  test("is in the language in which the person wrote", async () => {
    await write(world, STRANGER, "ya no quiero vivir");
    await send();
    expect(bodies()).toEqual([expect.stringContaining("llame al 988 y oprima 2")]);
  });

  test("is in the words that the clinic has published, and as shipped where those ask for what nobody knows", async () => {
    const publish = (words: string) =>
      transact(db, (tx) =>
        insertRelease(tx, {
          clinicId: world.clinicId,
          stem: "answer-crisis",
          sources: { "answer-crisis": undefined, en: { sms: words }, es: { sms: words } },
          hash: words,
          by: "Dr. Ruth",
        }),
      );
    await publish("{{ clinic.name }}: call or text 988, or call 911. Our own words.");
    await write(world, STRANGER, "I want to die");
    await send();
    expect(bodies()).toEqual([expect.stringContaining("Our own words.")]);
    world.twilio.clear();
    await publish("See {{ link }}, or call 988.");
    await write(world, "+13035550189", "I want to die");
    await send();
    expect(bodies()).toEqual([expect.stringContaining("not watched around the clock")]);
  });

  test("goes once in ten minutes to a number, each text alarms all the same, and the story says which one was not answered", async () => {
    await write(world, STRANGER, "I want to die");
    await send();
    await stepClock(db, instant(NIGHT + 9 * MINUTE));
    await write(world, STRANGER, "I want to die now");
    expect(await send()).toBe(0);
    const { rows } = await sql<{
      data: { why: string };
    }>`select data from events where kind = 'alert.not-answered' order by id desc limit 1`.execute(db);
    expect(rows).toEqual([{ data: { why: "answered-just-before" } }]);
    expect(await db.selectFrom("alerts").select("id").execute()).toHaveLength(2);
    await stepClock(db, instant(NIGHT + 20 * MINUTE));
    await write(world, STRANGER, "I still want to die");
    expect(await send()).toBe(1);
  });

  test("is sent once, however many processes look for it", async () => {
    await write(world, STRANGER, "I want to die");
    const claimed = await Promise.all([send(), send(), send()]);
    expect(claimed.reduce((sum, count) => sum + count)).toBe(1);
    expect(bodies()).toHaveLength(1);
  });

  test("waits for safe mode to end", async () => {
    await sql`update clinic_clock set safe_mode_since = clock_timestamp()`.execute(db);
    await write(world, STRANGER, "I want to die");
    expect(await send()).toBe(0);
    await sql`update clinic_clock set safe_mode_since = null`.execute(db);
    expect(await send()).toBe(1);
  });

  test("is refused by the carrier of somebody who has stopped texts: it is not tried again, the alert says so, and the opt-out is kept", async () => {
    await write(world, STRANGER, "I want to die");
    world.twilio.setFaults([{ does: "refuse", code: 21610 }]);
    await send();
    world.twilio.setFaults([]);
    await again();
    expect(await send()).toBe(0);
    expect(await tellBlockedAnswers(world.deps)).toBe(1);
    expect(await tellBlockedAnswers(world.deps)).toBe(0);
    const card = await cardOf();
    expect(card.raisedBy?.crisisText).toEqual({ fate: "not-sent", why: "21610" });
    expect(card.events.filter(({ kind }) => kind === "alert.answer-blocked").map(({ data }) => data["why"])).toEqual(["21610"]);
    expect(await db.selectFrom("optOuts").select("source").execute()).toEqual([{ source: "carrier" }]);
  });

  test("is tried again after an answer that proves that it was not sent", async () => {
    await write(world, STRANGER, "I want to die");
    world.twilio.setFaults([{ does: "throttle", retryAfterSeconds: 1 }]);
    await send();
    expect(await stored()).toEqual([{ state: "planned", attempts: 1 }]);
    world.twilio.setFaults([]);
    await again();
    expect(await send()).toBe(1);
    expect(await stored()).toEqual([{ state: "sent", attempts: 2 }]);
  });

  test("whose answer was lost goes once more, and never a third time", async () => {
    await write(world, STRANGER, "I want to die");
    world.twilio.setFaults([{ does: "drop", when: "after-accepting" }]);
    for (let call = 0; call < 4; call++) {
      await send();
      await again();
    }
    expect(await stored()).toEqual([{ state: "unknown", attempts: 2 }]);
    expect(bodies()).toHaveLength(2);
    expect((await cardOf()).raisedBy?.crisisText).toEqual({ fate: "not-sent", why: "unknown" });
  });

  test("of a process that died in between is taken up by another, once", async () => {
    await write(world, STRANGER, "I want to die");
    await claimCrisisAnswers(db);
    expect(await send()).toBe(0);
    await again();
    expect(await send()).toBe(1);
    expect(bodies()).toHaveLength(1);
  });

  test("of a process that died twice in between is not called for a third time", async () => {
    await write(world, STRANGER, "I want to die");
    for (let call = 0; call < 3; call++) {
      await claimCrisisAnswers(db);
      await again();
    }
    expect(await send()).toBe(0);
    expect(await stored()).toEqual([{ state: "unknown", attempts: 2 }]);
    expect(bodies()).toEqual([]);
  });

  test("that was kept for longer than it is of use is not sent, and the alert says so", async () => {
    await sql`update clinic_clock set safe_mode_since = clock_timestamp()`.execute(db);
    await write(world, STRANGER, "I want to die");
    await sql`update crisis_answers set stored_at = stored_at - interval '61 minutes'`.execute(db);
    await sql`update clinic_clock set safe_mode_since = null`.execute(db);
    await send();
    expect(bodies()).toEqual([]);
    expect(await stored()).toEqual([{ state: "failed", attempts: 1 }]);
    await tellBlockedAnswers(world.deps);
    expect((await cardOf()).raisedBy?.crisisText).toEqual({ fate: "not-sent", why: "too-late" });
  });

  test("whose answer was lost goes to nobody a second time once the carrier reports it", async () => {
    await write(world, STRANGER, "I want to die");
    world.twilio.setFaults([{ does: "drop", when: "after-accepting" }]);
    await send();
    world.twilio.setFaults([]);
    expect(await stored()).toEqual([{ state: "planned", attempts: 1 }]);
    await report("sent", null);
    await again();
    expect(await send()).toBe(0);
    expect(await stored()).toEqual([{ state: "sent", attempts: 1 }]);
    expect(bodies()).toHaveLength(1);
  });

  test("that is reported before its call is recorded is recorded all the same, and goes to nobody a second time when it never is", async () => {
    await write(world, STRANGER, "I want to die");
    const [due] = await claimCrisisAnswers(db);
    if (!due) expect.unreachable();
    await report("delivered", null);
    await again();
    expect(await send()).toBe(0);
    const ended = { state: "sent", unanswered: 0, providerMessageId: "SM7", code: null, againInSeconds: 0 } as const;
    expect(await transact(db, (tx) => recordCrisisAnswer(tx, due, ended))).toBe(true);
    expect(await db.selectFrom("crisisAnswers").select(["state", "rank", "providerMessageId"]).execute()).toEqual([
      { state: "sent", rank: 60, providerMessageId: "SM7" },
    ]);
    expect(bodies()).toEqual([]);
  });

  test("that the carrier could not deliver is said in the alert, and one that arrived is shown as arrived", async () => {
    await write(world, STRANGER, "I want to die");
    await send();
    await report("undelivered", "30003");
    expect(await tellBlockedAnswers(world.deps)).toBe(1);
    expect((await cardOf()).raisedBy?.crisisText).toEqual({ fate: "not-sent", why: "30003" });
    await report("delivered", null);
    await report("sent", null);
    expect((await cardOf()).raisedBy?.crisisText).toEqual({ fate: "arrived", why: null });
  });

  test("that nobody could send for two minutes is said in the alert", async () => {
    await write(world, STRANGER, "I want to die");
    await sql`update crisis_answers set stored_at = stored_at - interval '3 minutes'`.execute(db);
    const { id }: { id: AlertId } = await db.selectFrom("alerts").select("id").executeTakeFirstOrThrow();
    await tellBlockedAnswers(world.deps);
    const { rows } = await sql<{
      why: string;
    }>`select data ->> 'why' as why from events where subject_id = ${id} and kind = 'alert.answer-blocked'`.execute(db);
    expect(rows).toEqual([{ why: "planned" }]);
  });
});
