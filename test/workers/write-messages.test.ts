import { sql } from "kysely";
import { simpleParser } from "mailparser";
import { beforeEach, describe, expect, test } from "vitest";
import { stepClock } from "../../src/db/clinic-clock.ts";
import { HOUR, type Instant, instant } from "../../src/domain/calendar.ts";
import type { PatientId, SessionId, TouchpointId } from "../../src/domain/ids.ts";
import { planPatientsOf } from "../../src/workers/plan-patients.ts";
import { parseCalendar } from "../support/parse-calendar.ts";
import { at, openWorld } from "../support/world.ts";
import { enqueueAna, findWelcomes, forgetTouchpoints, makeSenders, readTouchpoint } from "./support/clinic-at-work.ts";

const world = await openWorld({ backend: "postgres" });
const { db } = world.deps;
/** Tuesday, ten in the morning in Denver: her first visit is on Monday at nine. */
const NOW = at("2027-01-05T17:00:00Z");
const LATER_ON_MONDAY = at("2027-01-11T21:00:00Z");

let ana: PatientId;
let sessions: SessionId[];

beforeEach(async () => {
  await forgetTouchpoints(world);
  ana = await enqueueAna(world);
  const rows = await db.selectFrom("sessions").select("id").where("patientId", "=", ana).orderBy("startsAt").execute();
  sessions = rows.map(({ id }) => id);
  const [welcome] = await findWelcomes(world, [ana], "email");
  await (await makeSenders(world)).email({ touchpointIds: welcome ? [welcome] : [] });
  world.smtp.clear();
  await stepClock(db, NOW);
});

const nth = (number: number): SessionId => sessions[number - 1] ?? expect.fail(`no session ${number}`);

type Change = { status?: string; startsAt?: Instant; because?: "clinic" | "patient" };

/** What a producer writes of a session that had been announced; see the migration. */
async function change(id: SessionId, { status = "scheduled", startsAt, because = "clinic" }: Change): Promise<void> {
  const moved =
    startsAt === undefined
      ? sql``
      : sql`starts_at = ${time(startsAt)}, ends_at = ${time(instant(startsAt + 1.75 * HOUR))}, arming = arming + 1,`;
  await sql`
    update sessions set told_starts_at = starts_at, ${moved} status = ${status}, sequence = sequence + 1, changed_at = ${time(NOW)},
      changed_because = ${because} where id = ${id}`.execute(db);
}

const time = (when: Instant) => sql`${new Date(when).toISOString()}::timestamptz`;

async function replan(): Promise<void> {
  await sql`update patients set plan_revision = plan_revision + 1 where id = ${ana}`.execute(db);
  await planPatientsOf(world.deps)({ patientIds: [ana] });
}

async function idsOf(rule: string, channel: "email" | "sms" = "email"): Promise<TouchpointId[]> {
  const rows = db
    .selectFrom("touchpoints")
    .select("id")
    .where("patientId", "=", ana)
    .where("rule", "=", rule)
    .where("state", "=", "planned");
  return (await rows.where("channel", "=", channel).orderBy("dueAt").execute()).map(({ id }) => id);
}

/** The mail of a rule's one touchpoint, with its calendars in their order, each once. */
async function receive(rule: string) {
  const [id, ...others] = await idsOf(rule);
  if (!id || others.length > 0) throw new Error(`Not one ${rule}`);
  expect(await (await makeSenders(world)).email({ touchpointIds: [id] })).toEqual({ sent: 1, skipped: 0 });
  const [mail, ...more] = world.smtp.mails();
  if (!mail || more.length > 0) throw new Error("Not one mail");
  const parsed = await simpleParser(mail.raw);
  const calendars = parsed.attachments
    .filter(({ contentType }) => contentType === "text/calendar")
    .map(({ content }) => parseCalendar(content.toString()));
  return { to: mail.envelope.to, subject: parsed.subject, text: parsed.text ?? "", raw: mail.raw.toString(), calendars };
}

const uidOf = (id: SessionId) => expect.stringMatching(new RegExp(`^${id}@`));

describe("a mail that tells a move", () => {
  test("says what was and what is, and moves the entry under the same UID with a raised sequence", async () => {
    await change(nth(1), { startsAt: LATER_ON_MONDAY });
    await replan();
    const { text, subject, raw, calendars } = await receive("session-moved");
    expect(subject).toBe("Your visit has moved to Monday, January 11, 2:00 PM");
    expect(text).toContain("It was Monday, January 11, 9:00 AM. It is now:");
    expect(raw).toContain("Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n");
    expect(calendars).toEqual([
      {
        method: "REQUEST",
        event: expect.objectContaining({
          UID: uidOf(nth(1)),
          SEQUENCE: "1",
          STATUS: "CONFIRMED",
          DTSTART: "20270111T210000Z",
          DTEND: "20270111T224500Z",
        }),
      },
    ]);
  });

  test("tells several moves at once when they were merged, with a calendar for each", async () => {
    await change(nth(1), { startsAt: LATER_ON_MONDAY });
    await change(nth(2), { startsAt: at("2027-01-14T16:00:00Z") });
    await replan();
    const [first, ...merged] = await idsOf("session-moved");
    if (merged.length > 0)
      await sql`update touchpoints set state = 'suppressed', reason = 'merged', merged_into = ${first} where id = any(${merged})`.execute(
        db,
      );
    const { text, calendars } = await receive("session-moved");
    expect(text).toContain("- Monday, January 11, 9:00 AM is now Monday, January 11, 2:00 PM");
    expect(text).toContain("- Wednesday, January 13, 9:00 AM is now Thursday, January 14, 9:00 AM");
    expect(calendars.map(({ method, event }) => [method, event["UID"], event["SEQUENCE"], event["DTSTART"]])).toEqual([
      ["REQUEST", uidOf(nth(1)), "1", "20270111T210000Z"],
      ["REQUEST", uidOf(nth(2)), "1", "20270114T160000Z"],
    ]);
  });

  test("leaves out a merged session that was called off since", async () => {
    await change(nth(1), { startsAt: LATER_ON_MONDAY });
    await change(nth(2), { startsAt: at("2027-01-14T16:00:00Z") });
    await replan();
    const [first, ...merged] = await idsOf("session-moved");
    if (merged.length > 0)
      await sql`update touchpoints set state = 'suppressed', reason = 'merged', merged_into = ${first} where id = any(${merged})`.execute(
        db,
      );
    await sql`update sessions set status = 'cancelled' where id = ${nth(2)}`.execute(db);
    const { text, calendars } = await receive("session-moved");
    expect(text).not.toContain("January 13");
    expect(calendars.map(({ event }) => event["UID"])).toEqual([uidOf(nth(1))]);
  });
});

describe.each(["cancelled", "postponed"])("a mail that tells that a session is %s", (status) => {
  test("takes the entry out under the same UID with a raised sequence, at the time that was told", async () => {
    await change(nth(1), { status });
    await replan();
    const { text, raw, calendars } = await receive(`session-${status}`);
    expect(text).toContain("Monday, January 11 at 9:00 AM");
    expect(text.includes("There is no new date yet")).toBe(status === "postponed");
    expect(raw).toContain("Content-Type: text/calendar; charset=utf-8; method=CANCEL\r\n");
    expect(calendars).toEqual([
      {
        method: "CANCEL",
        event: expect.objectContaining({ UID: uidOf(nth(1)), SEQUENCE: "1", STATUS: "CANCELLED", DTSTART: "20270111T160000Z" }),
      },
    ]);
  });

  test("names the time that was told, though it had moved in silence before", async () => {
    await change(nth(1), { status });
    await sql`update sessions set starts_at = ${time(LATER_ON_MONDAY)}, ends_at = ${time(instant(LATER_ON_MONDAY + 1.75 * HOUR))} where id = ${nth(1)}`.execute(
      db,
    );
    await replan();
    const { text, calendars } = await receive(`session-${status}`);
    expect(text).toContain("at 9:00 AM");
    expect(calendars.map(({ event }) => [event["DTSTART"], event["DTEND"]])).toEqual([["20270111T160000Z", "20270111T174500Z"]]);
  });

  test("speaks of whose wish it was", async () => {
    await change(nth(1), { status, because: "patient" });
    await replan();
    const { text } = await receive(`session-${status}`);
    expect(text).toContain("As you asked");
    expect(text).not.toContain("sorry");
  });
});

test("at short notice every channel says what to do now, and the mail brings the calendar along", async () => {
  await stepClock(db, at("2027-01-11T00:30:00Z"));
  await change(nth(1), { status: "cancelled" });
  await sql`update sessions set changed_at = ${time(at("2027-01-11T00:30:00Z"))} where id = ${nth(1)}`.execute(db);
  await replan();
  const [sms] = await idsOf("session-cancelled-soon", "sms");
  await (await makeSenders(world)).sms({ touchpointIds: sms ? [sms] : [] });
  expect(world.twilio.messages().map(({ body }) => body)).toEqual([
    expect.stringContaining(
      "we are sorry, your visit tomorrow, 9:00 AM cannot take place. There is no need to come. You may eat and drink normally. We will call you",
    ),
  ]);
  const { calendars } = await receive("session-cancelled-soon");
  expect(calendars.map(({ method }) => method)).toEqual(["CANCEL"]);
});

test("the escort is told without a calendar", async () => {
  await sql`update contact_points set granted = true where patient_id = ${ana} and person = 'escort'`.execute(db);
  await change(nth(1), { startsAt: LATER_ON_MONDAY });
  await replan();
  const [sms] = await idsOf("escort-moved", "sms");
  await (await makeSenders(world)).sms({ touchpointIds: sms ? [sms] : [] });
  expect(world.twilio.messages().map(({ body }) => body)).toEqual([
    expect.stringMatching(/: the pick-up on Mon, Jan 11 has moved\. Please come in on Mon, Jan 11 at 3:45 PM/),
  ]);
});

test("a mail that ends a series takes out of the calendar what a mail had put there, once a session", async () => {
  const [series] = await db.selectFrom("series").select("id").where("patientId", "=", ana).execute();
  const invited = await db
    .selectFrom("touchpoints")
    .select("id")
    .where("patientId", "=", ana)
    .where("sessionId", "in", [nth(1), nth(3)])
    .where("channel", "=", "email")
    .where("rule", "=", "day-before")
    .execute();
  expect(invited).toHaveLength(2);
  await sql`update touchpoints set state = 'sending' where id = any(${invited.map(({ id }) => id)})`.execute(db);
  await sql`update touchpoints set state = 'sent' where id = any(${invited.map(({ id }) => id)})`.execute(db);
  for (const id of sessions) await change(id, { status: "cancelled" });
  await sql`update series set status = 'stopped', ended_at = ${time(NOW)} where id = ${series?.id}`.execute(db);
  await replan();
  const { text, calendars } = await receive("series-stopped");
  expect(text).toContain("no longer planned");
  expect(calendars.map(({ method, event }) => [method, event["UID"], event["STATUS"], event["SEQUENCE"]])).toEqual(
    [nth(1), nth(3)].map((id) => ["CANCEL", uidOf(id), "CANCELLED", "1"]),
  );
});

test("nothing at all is said of a patient who has died, not even to a calendar", async () => {
  await change(nth(1), { status: "cancelled" });
  await replan();
  const ids = await idsOf("session-cancelled");
  expect(ids).toHaveLength(1);
  await sql`update patients set hold_code = 'deceased' where id = ${ana}`.execute(db);
  expect(await (await makeSenders(world)).email({ touchpointIds: ids })).toEqual({ skipped: 1 });
  expect(world.smtp.mails()).toEqual([]);
  for (const id of ids) expect(await readTouchpoint(world, id)).toMatchObject({ attempts: 0 });
});

test("a reminder after a move carries the sequence of the move", async () => {
  await change(nth(1), { startsAt: LATER_ON_MONDAY });
  await replan();
  const [id] = await idsOf("day-before");
  await stepClock(db, at("2027-01-10T23:30:00Z"));
  await (await makeSenders(world)).email({ touchpointIds: id ? [id] : [] });
  const [mail] = world.smtp.mails();
  const { attachments } = await simpleParser(mail?.raw ?? expect.fail("no mail"));
  const calendar = parseCalendar(attachments[0]?.content.toString() ?? "");
  expect(calendar).toMatchObject({ method: "REQUEST", event: { SEQUENCE: "1", DTSTART: "20270111T210000Z" } });
});
