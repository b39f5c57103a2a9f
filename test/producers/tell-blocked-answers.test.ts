import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { transact } from "../../src/db/transact.ts";
import { instant, MINUTE } from "../../src/domain/calendar.ts";
import type { AlertId, DeliveryId, TouchpointId } from "../../src/domain/ids.ts";
import { readAlertCard } from "../../src/producers/read-alert-card.ts";
import { sweepDue } from "../../src/producers/sweep-due.ts";
import { tellBlockedAnswers } from "../../src/producers/tell-blocked-answers.ts";
import { foldReports } from "../../src/workers/fold-reports.ts";
import { at, openWorld } from "../support/world.ts";
import { makeSenders } from "../workers/support/clinic-at-work.ts";
import { newestAttempt } from "../workers/support/lost-answers.ts";
import { enrol } from "./support/enrolled.ts";
import { write } from "./support/texting.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const PHONE = "+13035550174";
const NIGHT = at("2027-01-09T09:30:00Z");

let alertId: AlertId;
let answerId: TouchpointId;

/** Ana has just texted that she is in danger, in the night; nobody has the alert yet and its next page is ten minutes away. */
beforeEach(async () => {
  world.twilio.setFaults([]);
  await sql`delete from alerts`.execute(db);
  await sql`delete from tasks`.execute(db);
  await sql`delete from inbound_messages`.execute(db);
  await sql`delete from opt_outs`.execute(db);
  await sql`update contact_points set address_index = null`.execute(db);
  const ana = await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, phone: PHONE } }));
  await setSteppedClock(db, NIGHT);
  const inboundId = await write(world, PHONE, "I want to die");
  ({ id: alertId } = await db.selectFrom("alerts").select("id").where("patientId", "=", ana.patientId).executeTakeFirstOrThrow());
  ({ id: answerId } = await db
    .selectFrom("touchpoints")
    .select("id")
    .where("key", "=", `answer/${inboundId}/answer-crisis`)
    .executeTakeFirstOrThrow());
  await sql`update alerts set page_at = clock_timestamp() + interval '10 minutes' where id = ${alertId}`.execute(db);
});

const isPageDue = async () =>
  (await sql<{ due: boolean }>`select page_at <= clock_timestamp() as due from alerts where id = ${alertId}`.execute(db)).rows[0]?.due;

async function storyOf(): Promise<string[]> {
  const card = await readAlertCard(world.deps, alertId, { actor: "staff:test", where: "test" });
  return (card?.events ?? []).filter(({ kind }) => kind === "alert.answer-blocked").map(({ data }) => String(data["why"]));
}

const fateOf = async () => (await readAlertCard(world.deps, alertId, { actor: "staff:test", where: "test" }))?.raisedBy?.crisisText;

const sendAnswer = async () => (await makeSenders(world)).sms({ touchpointIds: [answerId] });

async function report(state: string, code: string | null): Promise<void> {
  const deliveryId: DeliveryId | null = await newestAttempt(world, answerId);
  if (deliveryId === null) throw new Error("The answer was never tried");
  const told = { deliveryId, report: { state, code, at: NIGHT }, sid: null, addressIndexes: [], failure: "unreachable" as const };
  await transact(db, (tx) => foldReports(tx, [told]));
}

test("a crisis text that the provider refuses is told in the story, on the card, and by the next page at once", async () => {
  world.twilio.setFaults([{ does: "refuse", code: 21610, to: PHONE }]);
  await sendAnswer();
  expect(await tellBlockedAnswers(world.deps)).toBe(1);
  expect(await storyOf()).toEqual(["21610"]);
  expect(await fateOf()).toEqual({ fate: "not-sent", why: "21610" });
  expect(await isPageDue()).toBe(true);
});

test("it is told once, however often it is looked for", async () => {
  world.twilio.setFaults([{ does: "refuse", code: 21610, to: PHONE }]);
  await sendAnswer();
  await tellBlockedAnswers(world.deps);
  expect(await tellBlockedAnswers(world.deps)).toBe(0);
  expect(await storyOf()).toEqual(["21610"]);
});

test("a crisis text that the carrier gives up after it was taken is told in the same way", async () => {
  await sendAnswer();
  expect(await fateOf()).toEqual({ fate: "handed-over", why: null });
  expect(await tellBlockedAnswers(world.deps)).toBe(0);
  await report("undelivered", "30007");
  expect(await tellBlockedAnswers(world.deps)).toBe(1);
  expect(await storyOf()).toEqual(["30007"]);
  expect(await fateOf()).toEqual({ fate: "not-sent", why: "30007" });
});

test("one that nobody could send within its hour is told with the reason it ended for", async () => {
  await stepClock(db, instant(NIGHT + 61 * MINUTE));
  await sweepDue(world.deps);
  expect(await tellBlockedAnswers(world.deps)).toBe(1);
  expect(await storyOf()).toEqual([expect.stringMatching(/.+/)]);
  expect(await fateOf()).toMatchObject({ fate: "not-sent" });
});

test("one that has not left after two minutes is told as still waiting, and not before", async () => {
  expect(await tellBlockedAnswers(world.deps)).toBe(0);
  await sql`update alerts set stored_at = stored_at - interval '121 seconds' where id = ${alertId}`.execute(db);
  expect(await tellBlockedAnswers(world.deps)).toBe(1);
  expect(await storyOf()).toEqual(["planned"]);
  expect(await fateOf()).toEqual({ fate: "on-its-way", why: null });
});

test("one that has arrived is told on the card, and nobody is paged for it", async () => {
  await sendAnswer();
  await report("delivered", null);
  expect(await tellBlockedAnswers(world.deps)).toBe(0);
  expect(await fateOf()).toEqual({ fate: "arrived", why: null });
  expect(await isPageDue()).toBe(false);
});
