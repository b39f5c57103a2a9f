import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { setSteppedClock, stepClock } from "../../src/db/clinic-clock.ts";
import type { AlertId, InboundId } from "../../src/domain/ids.ts";
import { acknowledgeAlert } from "../../src/producers/acknowledge-alert.ts";
import { closeAlert } from "../../src/producers/close-alert.ts";
import { readAlertCard } from "../../src/producers/read-alert-card.ts";
import type { Queues } from "../../src/queues/backend.ts";
import { handleReply } from "../../src/producers/handle-reply.ts";
import { writeScript } from "../../src/producers/write-script.ts";
import { makeSenders } from "../workers/support/clinic-at-work.ts";
import { at, openWorld } from "../support/world.ts";
import { enrol, type Enrolled, rowsOf } from "./support/enrolled.ts";
import { answersAbout, answersTo, readInbound, receive, sayText, workAbout, write } from "./support/texting.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
const PHONE = "+13035550171";
const SHARED = "+13035550172";
const STRANGER = "+13035550179";
let ana: Enrolled;

const withPhone = (phone: string) => (request: Enrolled["request"]) => ({ ...request, patient: { ...request.patient, phone } });

beforeEach(async () => {
  await sql`delete from opt_outs`.execute(db);
  await sql`delete from tasks`.execute(db);
  await sql`delete from privacy_incidents`.execute(db);
  await sql`delete from alerts`.execute(db);
  await sql`delete from inbound_messages`.execute(db);
  await sql`update contact_points set address_index = null`.execute(db);
  ana = await enrol(world, "ana-iv", withPhone(PHONE));
  await setSteppedClock(db, at("2027-01-08T17:00:00Z"));
});

const textsTo = async (of: Enrolled) =>
  (await rowsOf(db, of)).filter(
    ({ channel, recipient, rule }) => channel === "sms" && recipient === "patient" && !rule.startsWith("answer-"),
  );
const planned = async (of: Enrolled) => (await textsTo(of)).filter(({ state }) => state === "planned").length;
/** Ana with no mail, so that the plan of her week comes as a text; it is Saturday, five past five in the evening. */
async function textOnly(): Promise<void> {
  await sql`update contact_points set address_index = null`.execute(db);
  ana = await enrol(world, "ana-iv", (request) => ({ ...request, patient: { ...request.patient, phone: PHONE, email: null } }));
  await setSteppedClock(db, at("2027-01-10T00:05:00Z"));
}

/** Sends our answers to a text and gives their words. */
async function sendAnswers(id: InboundId): Promise<string[]> {
  world.twilio.clear();
  const rows = await db.selectFrom("touchpoints").select("id").where("key", "like", `answer/${id}/%`).execute();
  await (await makeSenders(world)).sms({ touchpointIds: rows.map((row) => row.id) });
  return world.twilio.messages().map(({ body }) => body);
}
/** Queues that take nothing. */
function nobodyTakes(): Pick<Queues, "queue"> {
  const away = () => Promise.reject(new Error("away"));
  return { queue: (contract) => ({ ...world.deps.queues.queue(contract), add: away }) };
}
const alerts = async () => db.selectFrom("alerts").select(["kind", "level", "patientId", "source"]).execute();

const crisisTexts = async () => (await db.selectFrom("crisisAnswers").select("id").execute()).length;

/** Whatever is to be said of a text that was handled cannot be written meanwhile. */
async function whileNothingIsHandled(work: () => Promise<unknown>): Promise<void> {
  await sql`create function refuse_handled() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$`.execute(db);
  await sql`create trigger refuse_handled before insert on events for each row when (new.kind = 'reply.received') execute function refuse_handled()`.execute(
    db,
  );
  try {
    await work();
  } finally {
    await sql`drop trigger refuse_handled on events`.execute(db);
    await sql`drop function refuse_handled`.execute(db);
  }
}

describe("STOP", () => {
  test("holds every text to the number, leaves the mail and the visits, and asks staff to call", async () => {
    expect(await planned(ana)).toBeGreaterThan(0);
    const id = await write(world, PHONE, "STOP");
    expect(await planned(ana)).toBe(0);
    const states = new Set((await textsTo(ana)).map(({ state, reason }) => `${state} ${reason ?? ""}`));
    expect(states).toContain("held opted-out");
    const rows = await rowsOf(db, ana);
    expect(rows.some(({ channel, recipient, state }) => channel === "email" && recipient === "patient" && state === "planned")).toBe(true);
    const sessions = await db.selectFrom("sessions").select("status").where("seriesId", "=", ana.seriesId).execute();
    expect(new Set(sessions.map(({ status }) => status))).toEqual(new Set(["scheduled"]));
    expect(await workAbout(world, ana)).toEqual(["call opted-out normal"]);
    expect(await readInbound(world, id)).toMatchObject({ kind: "stop", inbox: null });
  });

  test("is confirmed by the carrier where it is a carrier's word, and by us once where only we understood it", async () => {
    expect(await answersTo(world, await write(world, PHONE, "STOP"))).toEqual([]);
    await sql`delete from opt_outs`.execute(db);
    expect(await answersTo(world, await write(world, PHONE, "arrete", { carrierKeyword: "stop" }))).toEqual([]);
    await sql`delete from opt_outs`.execute(db);
    expect(await answersTo(world, await write(world, PHONE, "please stop texting me"))).toEqual(["answer-stopped planned"]);
    expect(await answersTo(world, await write(world, PHONE, "STOP TEXTING ME!!"))).toEqual([]);
    expect(await sql`select from tasks where template = 'opted-out'`.execute(db).then(({ rows }) => rows.length)).toBe(3);
  });

  test("takes effect for everybody on the number, in all their courses, with a call for each", async () => {
    const finn = await enrol(world, "mid-course", withPhone(SHARED));
    const dee = await enrol(world, "ana-iv", withPhone(SHARED));
    await setSteppedClock(db, at("2027-01-08T17:00:00Z"));
    await write(world, SHARED, "unsubscribe");
    expect([await planned(finn), await planned(dee)]).toEqual([0, 0]);
    expect(await planned(ana)).toBeGreaterThan(0);
    expect([await workAbout(world, finn), await workAbout(world, dee)]).toEqual([["call opted-out normal"], ["call opted-out normal"]]);
  });

  test("of the escort's own number ends texts to the escort and no others", async () => {
    const escort = ana.request.patient.escort?.phone ?? expect.unreachable();
    const before = await planned(ana);
    await sql`update contact_points set address_index = ${world.deps.vault.blindIndex("phone", escort)} where patient_id = ${ana.patientId} and person = 'escort' and channel = 'sms'`.execute(
      db,
    );
    await write(world, escort, "STOP");
    expect(await planned(ana)).toBe(before);
    expect(await workAbout(world, ana)).toEqual([]);
  });

  test("from a number that nobody has is kept all the same", async () => {
    await write(world, "+13035550199", "STOP");
    expect(await db.selectFrom("optOuts").select("source").execute()).toEqual([{ source: "STOP" }]);
  });

  test("in the quiet hours is obeyed at once, and not answered the next morning", async () => {
    await setSteppedClock(db, at("2027-01-09T05:00:00Z"));
    expect(await answersTo(world, await write(world, PHONE, "no more texts"))).toEqual(["answer-stopped suppressed"]);
    expect(await planned(ana)).toBe(0);
  });

  test("calls off an answer that had not left yet", async () => {
    const id = await write(world, PHONE, "where do I park?");
    expect(await answersTo(world, id)).toEqual(["answer-received planned"]);
    await write(world, PHONE, "STOP");
    expect(await answersTo(world, id)).toEqual(["answer-received cancelled"]);
  });
});

describe("CANCEL", () => {
  test("ends the texts as the carrier does, and somebody asks whether the visit was meant", async () => {
    await write(world, PHONE, "CANCEL");
    expect(await planned(ana)).toBe(0);
    expect(await workAbout(world, ana)).toEqual(["call meant-visit high"]);
    const { rows } = await sql<{ due: string }>`select due_by::text as due from tasks where template = 'meant-visit'`.execute(db);
    expect(rows[0]?.due).toMatch(/^2027-01-08 17:30/);
  });

  test("with a day behind it ends no texts and cancels nothing: we say that we will call", async () => {
    const before = await planned(ana);
    const id = await write(world, PHONE, "Cancel Monday");
    expect(await planned(ana)).toBe(before);
    expect(await workAbout(world, ana)).toEqual(["call meant-visit high"]);
    expect(await answersTo(world, id)).toEqual(["answer-will-call planned"]);
    expect(await readInbound(world, id)).toMatchObject({ inbox: "open" });
  });
});

describe("START", () => {
  test("after a STOP opens the number again", async () => {
    await write(world, PHONE, "STOP");
    await stepClock(db, at("2027-01-08T17:05:00Z"));
    const id = await write(world, PHONE, "start texts again");
    expect(await planned(ana)).toBeGreaterThan(0);
    expect((await textsTo(ana)).filter(({ reason }) => reason === "opted-out")).toEqual([]);
    expect(await answersTo(world, id)).toEqual(["answer-started planned"]);
  });

  test("that was said before a STOP, or at the same moment, and is handled after it changes nothing", async () => {
    const start = await receive(world, PHONE, "START");
    const stop = await receive(world, PHONE, "STOP");
    await sql`update inbound_messages set handled_at = now() where id = ${start}`.execute(db);
    await handleReply(world.deps, stop);
    await sql`update inbound_messages set handled_at = null where id = ${start}`.execute(db);
    await handleReply(world.deps, start);
    expect(await planned(ana)).toBe(0);
    expect(await readInbound(world, start)).toMatchObject({ inbox: "open" });
  });

  test("never opens a number that turned out to be somebody else's", async () => {
    await write(world, PHONE, "wrong number");
    await stepClock(db, at("2027-01-08T17:05:00Z"));
    await write(world, PHONE, "START");
    expect(await planned(ana)).toBe(0);
  });
});

test("STOP and START that wait together are handled in the order in which they were said, whichever is asked for", async () => {
  const stop = await receive(world, PHONE, "STOP");
  await stepClock(db, at("2027-01-08T17:00:05Z"));
  const start = await receive(world, PHONE, "START");
  await Promise.all([handleReply(world.deps, start), handleReply(world.deps, stop), handleReply(world.deps, start)]);
  expect(await db.selectFrom("optOuts").select("at").execute()).toEqual([]);
  expect(await planned(ana)).toBeGreaterThan(0);
});

describe("an answer about a visit", () => {
  test("1 confirms the visit that was asked about last, and says so once", async () => {
    await sayText(world, ana, "day-before");
    const first = await write(world, PHONE, "1");
    expect(await answersAbout(world, ana)).toEqual(["1 confirmed sms"]);
    expect(await answersTo(world, first)).toEqual(["answer-confirmed planned"]);
    expect(await readInbound(world, first)).toMatchObject({ kind: "confirm", inbox: null });
    expect(await answersTo(world, await write(world, PHONE, "yes!"))).toEqual([]);
  });

  test("is about the last question, not about the next visit", async () => {
    await sayText(world, ana, "day-before", 1);
    await sayText(world, ana, "day-before", 2);
    await write(world, PHONE, "1");
    expect(await answersAbout(world, ana)).toEqual(["2 confirmed sms"]);
  });

  test("1 to the plan of a week confirms every visit that it listed, and thanks for all of them", async () => {
    await textOnly();
    await sayText(world, ana, "week-plan");
    const id = await write(world, PHONE, "1");
    expect(await answersAbout(world, ana)).toEqual(["1 confirmed sms", "2 confirmed sms", "3 confirmed sms"]);
    expect(await sendAnswers(id)).toEqual([
      expect.stringMatching(/^Aspen Ridge Clinic: thank you, your 3 visits are confirmed: Mon, Jan 11, 9:00 AM; .*; .*\. http/),
    ]);
    expect(await answersTo(world, await write(world, PHONE, "yes"))).toEqual([]);
  });

  test("1 to the plan of a week leaves out a visit that has moved since", async () => {
    await textOnly();
    await sayText(world, ana, "week-plan");
    await sql`update sessions set arming = arming + 1, changed_at = '2027-01-10T00:30:00Z' where series_id = ${ana.seriesId} and number = 2`.execute(
      db,
    );
    await setSteppedClock(db, at("2027-01-10T01:00:00Z"));
    await write(world, PHONE, "1");
    expect(await answersAbout(world, ana)).toEqual(["1 confirmed sms", "3 confirmed sms"]);
  });

  test("2 to the plan of a week has somebody call about the first visit, who is told of them all, and moves none", async () => {
    await textOnly();
    await sayText(world, ana, "week-plan");
    const id = await write(world, PHONE, "2");
    expect(await answersAbout(world, ana)).toEqual(["1 asks-to-move sms"]);
    expect((await readInbound(world, id)).offered).toHaveLength(3);
    expect(await sendAnswers(id)).toEqual([
      expect.stringContaining("we will call you about your visits. Until then they stay as planned."),
    ]);
    const task = await db.selectFrom("tasks").select("id").where("inboundId", "=", id).executeTakeFirstOrThrow();
    const script = await writeScript(world.deps, task.id);
    if (script.kind !== "written") expect.unreachable();
    expect(script.script).toContain("may mean another than the first");
    for (const day of ["Monday, January 11", "Wednesday, January 13", "Friday, January 15"]) expect(script.script).toContain(day);
  });

  test("2 to a text about one visit names no others to whoever calls", async () => {
    await sayText(world, ana, "day-before");
    const id = await write(world, PHONE, "2");
    const task = await db.selectFrom("tasks").select("id").where("inboundId", "=", id).executeTakeFirstOrThrow();
    const script = await writeScript(world.deps, task.id);
    if (script.kind !== "written") expect.unreachable();
    expect(script.script).not.toContain("another than the first");
    expect(await sendAnswers(id)).toEqual([
      expect.stringContaining("we will call you about your visit on Monday. Until then it stays as planned."),
    ]);
  });

  test("2 cancels nothing: half an hour of staffed time to call, and we say that it stays as planned", async () => {
    await sayText(world, ana, "day-before");
    const id = await write(world, PHONE, "2");
    expect(await answersAbout(world, ana)).toEqual(["1 asks-to-move sms"]);
    expect(await answersTo(world, id)).toEqual(["answer-will-call planned"]);
    expect(await workAbout(world, ana)).toEqual(["reply wants-to-move high"]);
    const { status } = await db
      .selectFrom("sessions")
      .select("status")
      .where("seriesId", "=", ana.seriesId)
      .where("number", "=", 1)
      .executeTakeFirstOrThrow();
    expect(status).toBe("scheduled");
  });

  test("2 said again after the desk has closed the task opens it again, and is answered again; while it is open it does not", async () => {
    await sayText(world, ana, "day-before");
    await write(world, PHONE, "2");
    expect(await answersTo(world, await write(world, PHONE, "2."))).toEqual([]);
    await sql`update tasks set state = 'done', outcome = 'reached', closed_by = 'staff:Maria', closed_at = opened_at`.execute(db);
    expect(await workAbout(world, ana)).toEqual([]);
    const id = await write(world, PHONE, "2");
    expect(await workAbout(world, ana)).toEqual(["reply wants-to-move high"]);
    expect(await answersTo(world, id)).toEqual(["answer-will-call planned"]);
    expect(await answersAbout(world, ana)).toEqual(["1 asks-to-move sms", "1 asks-to-move sms"]);
  });

  test("within a day of the visit is critical", async () => {
    await setSteppedClock(db, at("2027-01-10T17:00:00Z"));
    await sayText(world, ana, "day-before");
    await write(world, PHONE, "sorry, can't make it tomorrow");
    expect(await workAbout(world, ana)).toEqual(["reply wants-to-move critical"]);
  });

  test("to a text that asked nothing about a visit to come is read by a person", async () => {
    const id = await write(world, PHONE, "1");
    expect(await readInbound(world, id)).toMatchObject({ kind: "free-text", inbox: "open" });
    expect(await workAbout(world, ana)).toEqual(["reply read-reply normal"]);
  });

  test("by whoever drives says nothing for the patient", async () => {
    const escort = ana.request.patient.escort?.phone ?? expect.unreachable();
    await sql`update contact_points set address_index = ${world.deps.vault.blindIndex("phone", escort)} where patient_id = ${ana.patientId} and person = 'escort' and channel = 'sms'`.execute(
      db,
    );
    await sayText(world, ana, "day-before");
    expect(await readInbound(world, await write(world, escort, "1"))).toMatchObject({ kind: "free-text", inbox: "open" });
    expect(await answersAbout(world, ana)).toEqual([]);
  });
});

describe("two patients on one number", () => {
  let finn: Enrolled;
  let dee: Enrolled;
  beforeEach(async () => {
    finn = await enrol(world, "ana-iv", withPhone(SHARED));
    dee = await enrol(world, "ana-iv", withPhone(SHARED));
    await setSteppedClock(db, at("2027-01-08T17:00:00Z"));
  });

  test("are asked which visit is meant, by its time, and the letter decides", async () => {
    await sayText(world, finn, "day-before", 1);
    await sayText(world, dee, "day-before", 2);
    const asked = await write(world, SHARED, "1");
    expect(await answersTo(world, asked)).toEqual(["answer-which planned"]);
    expect((await readInbound(world, asked)).offered).toHaveLength(2);
    expect([await answersAbout(world, finn), await answersAbout(world, dee)]).toEqual([[], []]);
    const chosen = await write(world, SHARED, "B");
    expect(await answersTo(world, chosen)).toEqual(["answer-confirmed planned"]);
    expect([await answersAbout(world, finn), await answersAbout(world, dee)]).toEqual([["1 confirmed sms"], []]);
  });

  test("who cannot come and never say which are called all the same, within half an hour", async () => {
    await sayText(world, finn, "day-before", 1);
    await sayText(world, dee, "day-before", 2);
    const asked = await write(world, SHARED, "2");
    expect(await answersTo(world, asked)).toEqual(["answer-which planned"]);
    expect(await readInbound(world, asked)).toMatchObject({ kind: "asks-to-move", inbox: "open" });
    expect([...(await workAbout(world, finn)), ...(await workAbout(world, dee))]).toEqual(["reply read-reply high"]);
    const chosen = await write(world, SHARED, "A");
    expect(await answersTo(world, chosen)).toEqual(["answer-will-call planned"]);
  });

  test("of whom only one was asked are not asked back", async () => {
    await sayText(world, finn, "day-before", 1);
    await write(world, SHARED, "2");
    expect([await answersAbout(world, finn), await answersAbout(world, dee)]).toEqual([["1 asks-to-move sms"], []]);
  });

  test("a letter that was not offered goes to a person", async () => {
    await sayText(world, finn, "day-before", 1);
    await sayText(world, dee, "day-before", 2);
    await write(world, SHARED, "1");
    expect(await readInbound(world, await write(world, SHARED, "D"))).toMatchObject({ kind: "free-text", inbox: "open" });
  });
});

describe("a wrong number", () => {
  test("that had stopped texts before is an incident all the same, kept once, and the right number is looked for", async () => {
    await write(world, PHONE, "STOP");
    const id = await write(world, PHONE, "you have the wrong number");
    await write(world, PHONE, "I said wrong number");
    expect(await db.selectFrom("privacyIncidents").select(["patientId", "inboundId"]).execute()).toEqual([
      { patientId: ana.patientId, inboundId: id },
    ]);
    expect(await workAbout(world, ana)).toContain("verify wrong-number high");
    expect(await db.selectFrom("optOuts").select("source").execute()).toEqual([{ source: "wrong-number" }]);
  });

  test("gets nothing more: texts held, links revoked, an incident kept, the right number looked for", async () => {
    await sayText(world, ana, "day-before");
    const id = await write(world, PHONE, "You have the wrong number");
    expect(await planned(ana)).toBe(0);
    expect(await answersTo(world, id)).toEqual(["answer-stopped planned"]);
    expect(await db.selectFrom("privacyIncidents").select(["kind", "patientId", "inboundId"]).execute()).toEqual([
      { kind: "wrong-number", patientId: ana.patientId, inboundId: id },
    ]);
    expect(await workAbout(world, ana)).toEqual(["verify wrong-number high"]);
    const { rows } = await sql<{ open: number }>`
      select count(*) as open from links l join touchpoints t on t.link_id = l.id where t.series_id = ${ana.seriesId} and t.state = 'sent' and l.revoked_at is null`.execute(
      db,
    );
    expect(rows[0]?.open).toBe(0);
    const { deadAt } = await db
      .selectFrom("contactPoints")
      .select("deadAt")
      .where("patientId", "=", ana.patientId)
      .where("person", "=", "patient")
      .where("channel", "=", "sms")
      .executeTakeFirstOrThrow();
    expect(deadAt).not.toBeNull();
  });
});

describe("words of danger", () => {
  test("raise the alarm in the same transaction, and are answered at once at any hour", async () => {
    await setSteppedClock(db, at("2027-01-09T09:30:00Z"));
    const id = await write(world, PHONE, "I want to die");
    expect(await alerts()).toEqual([{ kind: "self-harm-words", level: "critical", patientId: ana.patientId, source: "inbound-message" }]);
    expect(await answersTo(world, id)).toEqual(["answer-crisis planned"]);
    expect(await readInbound(world, id)).toMatchObject({ inbox: "open", answer: "answer-crisis" });
  });

  test("of the body call for help in the same way", async () => {
    await write(world, PHONE, "can't breathe");
    expect(await alerts()).toMatchObject([{ kind: "severe-side-effect", level: "critical" }]);
  });

  test("beside STOP do both, and the crisis text goes though the number has opted out", async () => {
    const id = await write(world, PHONE, "STOP texting me I want to die");
    expect(await planned(ana)).toBe(0);
    expect(await alerts()).toHaveLength(1);
    expect(await answersTo(world, id)).toEqual(["answer-crisis planned"]);
    const { rows } =
      await sql`select from claimable_touchpoints where template = 'answer-crisis' and patient_id = ${ana.patientId}`.execute(db);
    expect(rows).toHaveLength(1);
  });

  test("answer no question about the visit, whatever they look like", async () => {
    await sayText(world, ana, "day-before");
    const id = await write(world, PHONE, "I cant make it, I want to die");
    expect(await answersAbout(world, ana)).toEqual([]);
    expect(await readInbound(world, id)).toMatchObject({ kind: "free-text", inbox: "open", answer: "answer-crisis" });
    expect(await alerts()).toHaveLength(1);
  });

  test("that came in two pieces are found when both are there, in whatever order", async () => {
    await write(world, PHONE, "myself tonight.");
    expect(await alerts()).toEqual([]);
    await write(world, PHONE, "I think I am going to kill");
    expect(await alerts()).toHaveLength(1);
  });

  test("alarm each time, and are answered once in ten minutes", async () => {
    await write(world, PHONE, "I want to die");
    expect(await answersTo(world, await write(world, PHONE, "I mean it, suicide"))).toEqual([]);
    expect(await alerts()).toHaveLength(2);
  });

  test("page staff after the commit, by the process itself where the queue takes nothing", async () => {
    const paged: AlertId[] = [];
    const deps = { ...world.deps, queues: nobodyTakes(), pageStaff: async (alert: AlertId) => void paged.push(alert) };
    await handleReply(deps, await receive(world, PHONE, "quiero morir"));
    const stored = await db.selectFrom("alerts").select("id").execute();
    expect(paged).toEqual(stored.map(({ id }) => id));
  });

  test("from a number that no chart has page all the same, with the number to call, and the crisis text waits for a worker to send it", async () => {
    const paged: AlertId[] = [];
    const deps = { ...world.deps, queues: nobodyTakes(), pageStaff: async (alert: AlertId) => void paged.push(alert) };
    const before = await receive(world, STRANGER, "hello, is this the clinic");
    await handleReply(deps, before);
    const id = await receive(world, STRANGER, "I am going to kill myself");
    await handleReply(deps, id);
    expect(await alerts()).toEqual([{ kind: "self-harm-words", level: "critical", patientId: null, source: "inbound-message" }]);
    const [alert] = paged;
    if (alert === undefined) expect.unreachable();
    const card = await readAlertCard(world.deps, alert, { actor: "staff:test", where: "test" });
    expect(card?.patient).toMatchObject({ chart: "none", phone: STRANGER, emergencyContact: null });
    expect(card?.raisedBy).toMatchObject({ phone: STRANGER, crisisText: { fate: "on-its-way", why: null } });
    expect(card?.raisedBy?.conversation.map(({ words }) => words)).toEqual(["hello, is this the clinic", "I am going to kill myself"]);
    expect(card?.events.map(({ kind }) => kind)).toEqual(["alert.raised", "alert.read"]);
    expect(await readInbound(world, id)).toMatchObject({ inbox: "open", patientId: null, answer: "answer-crisis" });
  });

  test("of nobody's chart hold nobody's messages, and the alert is taken and closed as any other", async () => {
    const before = await planned(ana);
    await write(world, STRANGER, "I want to die");
    expect(await planned(ana)).toBe(before);
    const { id } = await db.selectFrom("alerts").select("id").executeTakeFirstOrThrow();
    expect(await acknowledgeAlert({ db }, id, { actor: "staff:Ruth", wish: "acknowledge" })).toMatchObject({ kind: "changed" });
    const closed = await closeAlert(world.deps, id, {
      outcome: "reached",
      note: "a wrong number",
      actor: "staff:Ruth",
      dryRun: false,
      ifRevision: null,
    });
    expect(closed).toMatchObject({ kind: "changed", value: { outcome: "reached" } });
    expect(await planned(ana)).toBe(before);
  });

  test("that nothing can make anything of page within seconds, although nobody knows whose they are", async () => {
    const paged: AlertId[] = [];
    const id = await receive(world, PHONE, "I want to die");
    await sql`update inbound_messages set stored_at = stored_at - interval '20 seconds' where id = ${id}`.execute(db);
    const tokenOf = () => {
      throw new Error("no key");
    };
    const tokens = { ...world.deps.tokens, tokenOf };
    const deps = { ...world.deps, tokens, queues: nobodyTakes(), pageStaff: async (alert: AlertId) => void paged.push(alert) };
    await expect(handleReply(deps, id)).rejects.toThrow("could not be handled");
    expect(await alerts()).toEqual([{ kind: "self-harm-words", level: "critical", patientId: null, source: "inbound-message" }]);
    expect(paged).toHaveLength(1);
    expect(await readInbound(world, id)).toMatchObject({ inbox: "open", answer: "answer-crisis" });
    expect(await crisisTexts()).toBe(1);
  });

  test("that nothing can make anything of are not answered where the number has just been, by whichever way, and the story says so", async () => {
    const answered = await write(world, PHONE, "I want to die");
    expect(await answersTo(world, answered)).toEqual(["answer-crisis planned"]);
    const broken = await receive(world, PHONE, "I want to die now");
    await sql`update inbound_messages set stored_at = stored_at - interval '20 seconds' where id = ${broken}`.execute(db);
    await whileNothingIsHandled(() => expect(handleReply(world.deps, broken)).rejects.toThrow("could not be handled"));
    expect(await readInbound(world, broken)).toMatchObject({ inbox: "open", answer: null });
    expect(await crisisTexts()).toBe(0);
    const { rows } = await sql<{ why: string }>`
      select data ->> 'why' as why from events e join alerts a on a.id = e.subject_id and a.source_id = ${broken} where e.kind = 'alert.not-answered'`.execute(
      db,
    );
    expect(rows).toEqual([{ why: "answered-just-before" }]);
  });

  test("that nothing can make anything of, twice from one number, are answered once and page twice", async () => {
    const first = await receive(world, STRANGER, "I want to die");
    const second = await receive(world, STRANGER, "I want to die now");
    await sql`update inbound_messages set stored_at = stored_at - interval '20 seconds'`.execute(db);
    await whileNothingIsHandled(() =>
      Promise.all([first, second].map((id) => expect(handleReply(world.deps, id)).rejects.toThrow("could not be handled"))),
    );
    expect(await crisisTexts()).toBe(1);
    expect((await alerts()).map(({ kind }) => kind)).toEqual(["self-harm-words", "self-harm-words"]);
  });

  test("on a number that two patients share concern both: one alarm, and a call to the other", async () => {
    const finn = await enrol(world, "ana-iv", withPhone(SHARED));
    const dee = await enrol(world, "ana-iv", withPhone(SHARED));
    await write(world, SHARED, "I might hurt myself");
    const [alert, ...more] = await alerts();
    expect(more).toEqual([]);
    const other = alert?.patientId === finn.patientId ? dee : finn;
    expect(await workAbout(world, other)).toEqual(["reply read-reply critical"]);
  });
});

describe("free text", () => {
  test("waits in the inbox, is read the same staffed day, and answered once a day", async () => {
    const first = await write(world, PHONE, "where do I park?");
    expect(await readInbound(world, first)).toMatchObject({ kind: "free-text", inbox: "open" });
    expect(await answersTo(world, first)).toEqual(["answer-received planned"]);
    const { rows } = await sql<{ due: string }>`select due_by::text as due from tasks where template = 'read-reply'`.execute(db);
    // Friday, four in the afternoon in Denver.
    expect(rows.map(({ due }) => due)).toEqual([expect.stringMatching(/^2027-01-08 23:00/)]);
    const second = await write(world, PHONE, "and is there a bus?");
    expect(await answersTo(world, second)).toEqual([]);
    expect(await workAbout(world, ana)).toEqual(["reply read-reply normal"]);
  });

  test("of nothing, of pictures, of sixteen hundred letters and in ten pieces is kept, and asks once", async () => {
    expect(await readInbound(world, await write(world, PHONE, ""))).toMatchObject({ kind: "empty", inbox: "open" });
    expect(await readInbound(world, await write(world, PHONE, "", { media: 3 }))).toMatchObject({ kind: "media", inbox: "open" });
    expect(await readInbound(world, await write(world, PHONE, "ñ".repeat(1_600)))).toMatchObject({ inbox: "open" });
    for (const piece of [7, 2, 9, 1, 5, 10, 3, 4, 8, 6]) await write(world, PHONE, `piece ${piece} of a long story`);
    expect(await workAbout(world, ana)).toEqual(["reply read-reply normal"]);
    expect(await db.selectFrom("inboundMessages").select("id").where("inbox", "=", "open").execute()).toHaveLength(13);
  });

  test("of a number that nobody has waits in the inbox without a patient", async () => {
    const id = await write(world, "+13035550198", "hello?");
    expect(await readInbound(world, id)).toMatchObject({ patientId: null, inbox: "open", answer: null });
  });

  test("HELP from a number that no chart has is read by a person, unless the carrier has answered it", async () => {
    expect(await readInbound(world, await write(world, STRANGER, "HELP"))).toMatchObject({ inbox: "open", answer: null });
    expect(await readInbound(world, await write(world, STRANGER, "INFO", { carrierKeyword: "help" }))).toMatchObject({ inbox: null });
  });

  test("HELP names the clinic, and what the carrier answered itself is not answered twice", async () => {
    expect(await answersTo(world, await write(world, PHONE, "HELP"))).toEqual(["answer-help planned"]);
    expect(await answersTo(world, await write(world, PHONE, "HELP", { carrierKeyword: "help" }))).toEqual([]);
  });
});

describe("another robot", () => {
  test("gets five answers in ten minutes and then none, and a person looks at it once", async () => {
    const ids = [];
    for (let n = 0; n < 8; n++)
      ids.push(await write(world, PHONE, ["help", "Help", "HELP", "help?", "info", "Info", "INFO", "info?"][n] ?? ""));
    const answers = await Promise.all(ids.map((id) => answersTo(world, id)));
    expect(answers.map(({ length }) => length)).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
    expect(await workAbout(world, ana)).toEqual(["review review-replies normal"]);
  });

  test("that says the same again and again gets none after the second time", async () => {
    for (const expected of [1, 0, 0, 0]) {
      const id = await write(world, PHONE, "Thank you for contacting Acme. Your message is important to us.");
      expect(await answersTo(world, id)).toHaveLength(expected);
    }
    expect(await workAbout(world, ana)).toContain("review review-replies normal");
  });

  test("does not keep a STOP from being obeyed", async () => {
    for (let n = 0; n < 6; n++) await write(world, PHONE, "info");
    await write(world, PHONE, "stop sending me these");
    expect(await planned(ana)).toBe(0);
  });
});

test("a text is handled once, however often and from wherever it is asked for", async () => {
  await sayText(world, ana, "day-before");
  const id = await receive(world, PHONE, "1");
  await Promise.all(Array.from({ length: 5 }, () => handleReply(world.deps, id)));
  expect(await handleReply(world.deps, id)).toBe(0);
  expect(await answersAbout(world, ana)).toEqual(["1 confirmed sms"]);
  expect(
    await db.selectFrom("events").select("id").where("kind", "=", "reply.received").where("subjectId", "=", ana.patientId).execute(),
  ).toHaveLength(1);
});

test("what cannot be handled goes to the inbox after some minutes, and nothing behind it waits", async () => {
  const broken = await receive(world, PHONE, "cannot be opened");
  await sql`update inbound_messages set body_sealed = '\\x00', stored_at = now() - interval '10 minutes' where id = ${broken}`.execute(db);
  const next = await receive(world, PHONE, "STOP");
  await expect(handleReply(world.deps, next)).rejects.toThrow("could not be handled");
  expect(await readInbound(world, broken)).toMatchObject({ inbox: "open" });
  expect(await readInbound(world, next)).toMatchObject({ kind: "stop" });
});
