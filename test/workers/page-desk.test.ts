import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import { claimDeskPage } from "../../src/db/desk-pages.ts";
import { saveSafety } from "../../src/db/safety-settings.ts";
import { transact } from "../../src/db/transact.ts";
import type { SessionId, TaskId } from "../../src/domain/ids.ts";
import type { RosterEntry } from "../../src/domain/safety-settings.ts";
import { answerSession } from "../../src/producers/answer-session.ts";
import { sweepDeskPages } from "../../src/workers/page-desk.ts";
import { enrol } from "../producers/support/enrolled.ts";
import { sayText, write } from "../producers/support/texting.ts";
import { at, describeOnBackends, openWorld, type World } from "../support/world.ts";
import { RUTH } from "./support/alarm.ts";

/** Ana's first visit is on Monday 2027-01-11; this is Sunday, ten in the morning in Denver, and nobody is at the desk. */
const SUNDAY = at("2027-01-10T17:00:00Z");
/** The clinic opens. */
const MONDAY_8 = at("2027-01-11T15:00:00Z");
const FRIDAY = at("2027-01-08T17:00:00Z");
const PHONE = "+13035550175";
const LEA: RosterEntry = { name: "Lea Stone", role: "desk", phone: "+13035550164", email: null, when: "staffed", from: null, until: null };

async function useRoster({ deps, clinicId, clinic }: World, extra: readonly RosterEntry[]): Promise<void> {
  const safety = { ...clinic.safety, roster: [...clinic.safety.roster, ...extra] };
  await transact(deps.db, (tx) => saveSafety(tx, clinicId, { vault: deps.vault, safety }));
}

describeOnBackends("the desk", async (backend) => {
  const world = await openWorld({ backend, now: SUNDAY });
  const { deps, twilio } = world;
  const { db } = deps;
  let sessionId: SessionId;

  beforeEach(async () => {
    await sql`delete from tasks`.execute(db);
    await sql`delete from opt_outs`.execute(db);
    await sql`delete from inbound_messages`.execute(db);
    await sql`update contact_points set address_index = null`.execute(db);
    twilio.clear();
    twilio.setFaults([]);
    world.smtp.setFaults([]);
    await useRoster(world, [LEA]);
    const ana = await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, phone: PHONE } }));
    await setSteppedClock(db, SUNDAY);
    const first = await db
      .selectFrom("sessions")
      .select("id")
      .where("seriesId", "=", ana.seriesId)
      .orderBy("startsAt")
      .executeTakeFirstOrThrow();
    sessionId = first.id;
    await sayText(world, ana, "day-before");
  });

  const paged = () => twilio.messages().map(({ to }) => to);
  /** The sweep puts a page on the queue; nobody works on it here, so the pages are handed over by the call that a worker would make. */
  const page = async () => {
    for (const { id } of await db.selectFrom("tasks").select("id").where("pageAt", "is not", null).execute()) await deps.pageDesk(id);
  };
  const theTask = async (): Promise<TaskId> => (await db.selectFrom("tasks").select("id").executeTakeFirstOrThrow()).id;

  test("is paged once, with neutral words, about a visit within a day that somebody cannot come to", async () => {
    await setSteppedClock(db, MONDAY_8);
    await write(world, PHONE, "2");
    const workers = await world.startWorkers();
    const texts = await twilio.waitForMessages(1, { withinMs: 15_000 });
    expect(texts.find(({ to }) => to === LEA.phone)?.body).toBe(
      "Aspen Ridge Clinic: A visit needs a call, open the console: http://127.0.0.1:9/console",
    );
    await expect.poll(async () => (await db.selectFrom("tasks").select("pageAt").executeTakeFirst())?.pageAt).toBeNull();
    await workers.stop();
    await page();
    expect(paged().filter((to) => to === LEA.phone)).toHaveLength(1);
  });

  test("is left in peace on Sunday about a visit on Monday afternoon, and paged when the clinic opens", async () => {
    await write(world, PHONE, "2");
    await page();
    expect(paged()).toEqual([]);
    await stepClock(db, at("2027-01-11T14:00:00Z"));
    await page();
    expect(paged()).toEqual([]);
    await stepClock(db, at("2027-01-11T15:00:01Z"));
    await page();
    expect(paged()).toEqual([LEA.phone]);
  });

  test("without anybody of it on the roster is the primary on duty", async () => {
    await useRoster(world, []);
    await setSteppedClock(db, MONDAY_8);
    await write(world, PHONE, "2");
    await page();
    expect(paged()).toEqual([RUTH.phone]);
  });

  test("is not paged once somebody has taken the task, nor about a visit that has begun", async () => {
    await setSteppedClock(db, MONDAY_8);
    await write(world, PHONE, "2");
    await sql`update tasks set state = 'taken', assignee = 'staff:Lea'`.execute(db);
    await page();
    await sql`update tasks set state = 'open', assignee = null`.execute(db);
    const { startsAt } = await db.selectFrom("sessions").select("startsAt").where("id", "=", sessionId).executeTakeFirstOrThrow();
    await stepClock(db, startsAt);
    await page();
    expect(paged()).toEqual([]);
  });

  test("is paged a day before a visit of which somebody has asked earlier and nobody has called", async () => {
    await setSteppedClock(db, FRIDAY);
    await answerSession(deps, { sessionId, answers: ["asks-to-move"], via: "page", actor: "patient" });
    await page();
    expect(paged()).toEqual([]);
    await stepClock(db, MONDAY_8);
    await page();
    expect(paged()).toEqual([LEA.phone]);
  });

  test("is paged anew when the same is said again after the task was closed", async () => {
    await setSteppedClock(db, MONDAY_8);
    await answerSession(deps, { sessionId, answers: ["asks-to-move"], via: "page", actor: "patient" });
    await page();
    await sql`update tasks set state = 'done', outcome = 'reached', closed_by = 'staff:Lea', closed_at = opened_at`.execute(db);
    const again = await answerSession(deps, { sessionId, answers: ["asks-to-move"], via: "page", actor: "patient" });
    expect(again).toMatchObject({ kind: "changed", value: { tasks: [await theTask()] } });
    await page();
    expect(paged()).toEqual([LEA.phone, LEA.phone]);
  });

  test("is paged about a CANCEL that may have meant the visit", async () => {
    await setSteppedClock(db, MONDAY_8);
    await write(world, PHONE, "CANCEL");
    await page();
    expect(paged()).toEqual([LEA.phone]);
  });

  test("is tried again when nobody could be reached", async () => {
    await setSteppedClock(db, MONDAY_8);
    await write(world, PHONE, "2");
    twilio.setFaults([{ does: "refuse", code: 21211 }]);
    world.smtp.setFaults([{ does: "refuse", at: "connect", code: 421 }]);
    await page();
    expect(world.logged.join("\n")).toContain("page.nobody-reached");
    twilio.setFaults([]);
    world.smtp.setFaults([]);
    await stepClock(db, at("2027-01-11T15:06:00Z"));
    await page();
    expect(paged()).toContain(LEA.phone);
  });

  test("is paged once by two who come at the same moment", async () => {
    await setSteppedClock(db, MONDAY_8);
    await write(world, PHONE, "2");
    const id = await theTask();
    const won = await Promise.all([claimDeskPage(db, id), claimDeskPage(db, id), claimDeskPage(db, id)]);
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  test("would be paged twice without the guard on the page's time", async () => {
    await setSteppedClock(db, MONDAY_8);
    await write(world, PHONE, "2");
    const id = await theTask();
    const unguarded = () => db.updateTable("tasks").set({ pageAt: null }).where("id", "=", id).executeTakeFirst();
    const won = await Promise.all([unguarded(), unguarded()]);
    expect(won.filter(({ numUpdatedRows }) => numUpdatedRows > 0n)).toHaveLength(2);
  });

  test("is paged by the sweep itself when the queue takes nothing", async () => {
    await setSteppedClock(db, MONDAY_8);
    await write(world, PHONE, "2");
    const away = () => Promise.reject(new Error("away"));
    const queue: typeof deps.queues.queue = (contract) => ({ ...deps.queues.queue(contract), add: away });
    expect(await sweepDeskPages({ ...deps, queues: { queue } })).toBe(1);
    expect(paged()).toEqual([LEA.phone]);
  });
});
