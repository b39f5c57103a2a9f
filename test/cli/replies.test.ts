import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { readDatabaseConfig } from "../../src/config.ts";
import { setSteppedClock } from "../../src/db/clinic-clock.ts";
import { findReceivingSender, insertInbound } from "../../src/db/inbound-messages.ts";
import { makeLinkTokens } from "../../src/db/link-tokens.ts";
import { makeVault } from "../../src/db/vault.ts";
import { toPublicId } from "../../src/domain/ids.ts";
import { makeLog } from "../../src/log.ts";
import { handleReply } from "../../src/producers/handle-reply.ts";
import { at } from "../domain/aspen-ridge.ts";
import { ANA, linesOf } from "./run-cli.ts";
import { type SeededClinic, seedClinic } from "./seed-clinic.ts";

const PHONE = "+13035550111";
let clinic: SeededClinic;
let ref: string;
let sid = 0;

beforeAll(async () => {
  clinic = await seedClinic();
  expect((await clinic.run(["series", "enqueue", ANA])).code).toBe(0);
  await clinic.plan();
  await setSteppedClock(clinic.db, at("2027-01-08T17:00:00Z"));
  const { id } = await clinic.db.selectFrom("patients").select("id").executeTakeFirstOrThrow();
  ref = toPublicId("patient", id);
});

async function write(body: string, from = PHONE): Promise<string> {
  const config = readDatabaseConfig(clinic.env);
  const vault = makeVault({ ring: config.AFTERGLOW_KEYS, indexKey: config.AFTERGLOW_INDEX_KEY });
  const sender = await findReceivingSender(clinic.db, "+13035550101");
  if (!sender) throw new Error("No sender");
  const text = { sender, providerMessageId: `SM${String(++sid).padStart(32, "0")}`, from, body, media: 0, carrierKeyword: null };
  const id = await insertInbound(clinic.db, text, vault);
  if (!id) throw new Error("Not stored");
  const away = () => Promise.resolve();
  const deps = {
    db: clinic.db,
    vault,
    tokens: makeLinkTokens(config.AFTERGLOW_LINK_KEYS),
    log: makeLog({ level: "silent" }),
    queues: { queue: ({ name }: { name: string }) => ({ name, add: away, counts: async () => ({}) }) },
    pageStaff: async () => undefined,
  };
  await handleReply(deps, id);
  return toPublicId("inbound", id);
}

test("words of danger from a number that no chart has stand among the alerts, with the number to call and what was said", async () => {
  await write("I am going to kill myself", "+13035550188");
  const listed = await clinic.run(["alert", "list", "--clinic", "aspen-ridge"]);
  expect(listed.stdout).toMatch(/^critical +self-harm-words +no chart has the number .*NOBODY HAS IT +alr_/m);
  const [fields] = linesOf((await clinic.run(["alert", "list", "--json"])).stdout);
  expect(fields).toMatchObject({ patient: null, chart: null, kind: "self-harm-words" });
  const id = String(fields?.["alert"]);
  const { stdout, code } = await clinic.run(["alert", "show", id, "--actor", "Maria Lopez"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/patient +A number that no chart has/);
  expect(stdout).toContain("(303) 555-0188");
  expect(stdout).toContain("The text: I am going to kill myself");
  expect(stdout).toContain("The crisis text has NOT been taken by the provider yet.");
  expect((await clinic.run(["alert", "ack", id, "--actor", "Maria"])).code).toBe(0);
  expect((await clinic.run(["alert", "close", id, "--outcome", "reached", "--actor", "Maria"])).code).toBe(0);
  const inbox = linesOf((await clinic.run(["reply", "list", "--json"])).stdout);
  expect(await clinic.run(["reply", "close", String(inbox[0]?.["reply"])])).toMatchObject({ code: 0 });
});

describe("the inbox", () => {
  test("lists what waits without a word of it, shows it with what was said around it, and is closed by whoever has read it", async () => {
    const id = await write("my canary sister drives me");
    const listed = await clinic.run(["reply", "list"]);
    expect(listed.stdout).toContain(id);
    expect(listed.stdout).not.toContain("canary");
    const shown = await clinic.run(["reply", "show", id, "--actor", "Maria Lopez"]);
    expect(shown.stdout).toMatch(/they\s+my canary sister drives me/);
    expect(shown.code).toBe(0);
    const { rows } = await sql`select from events where kind = 'patient.revealed' and data ->> 'where' = 'reply show'`.execute(clinic.db);
    expect(rows).toHaveLength(1);
    const closed = await clinic.run(["reply", "close", id, "--actor", "Maria Lopez"]);
    expect(closed.stdout).toBe("Closed, with 1 task.\n");
    expect((await clinic.run(["reply", "close", id])).stdout).toContain("nothing was stored");
    expect((await clinic.run(["reply", "list"])).stdout).toBe("Nothing waits to be read.\n");
    expect(linesOf((await clinic.run(["reply", "list", "--inbox", "all", "--json"])).stdout)[0]).toMatchObject({
      reply: id,
      kind: "free-text",
      inbox: "closed",
      closedBy: "staff:Maria Lopez",
      answer: "answer-received",
    });
  });

  test("an id that is none is a mistake of the command line, one that is not stored is refused", async () => {
    expect((await clinic.run(["reply", "show", "in_1"])).code).toBe(2);
    expect((await clinic.run(["reply", "show", "in_0197c3a4-5a1e-7c00-8f00-0123456789ab"])).code).toBe(1);
    expect((await clinic.run(["reply", "close", "in_0197c3a4-5a1e-7c00-8f00-0123456789ab"])).code).toBe(1);
  });
});

describe("a message by staff", () => {
  test("is shown first, with what it costs, and stores nothing", async () => {
    const shown = await clinic.run(["message", "send", ref, "--phrase", "call-us", "--dry-run"]);
    expect(shown.stdout).toMatch(/^Aspen Ridge Clinic: please call us at \(303\) 555-0100.*\n\nWould be sent by text, 1 segment; goes Fri/);
    expect(await clinic.db.selectFrom("staffMessages").select("actor").execute()).toEqual([]);
  });

  test("goes as a touchpoint of its own, sealed, by whoever wrote it", async () => {
    const sent = await clinic.run(["message", "send", ref, "--text", "We found your canary scarf.", "--actor", "Maria Lopez", "--json"]);
    expect(linesOf(sent.stdout)).toMatchObject([
      { channel: "sms", text: "Aspen Ridge Clinic: We found your canary scarf.", segments: 1, dryRun: false },
    ]);
    const rows = await clinic.db
      .selectFrom("touchpoints")
      .select(["state", "purpose", "template"])
      .where("purpose", "=", "answer")
      .where("rule", "=", "staff-message")
      .execute();
    expect(rows).toEqual([{ state: "planned", purpose: "answer", template: "staff-message" }]);
    expect(await clinic.db.selectFrom("staffMessages").select("actor").execute()).toEqual([{ actor: "staff:Maria Lopez" }]);
    const { rows: dumped } = await sql<{
      line: string;
    }>`select row_to_json(t)::text || (select string_agg(row_to_json(m)::text, '') from staff_messages m) as line from touchpoints t where rule = 'staff-message'`.execute(
      clinic.db,
    );
    expect(dumped.map(({ line }) => line).join("")).not.toContain("canary");
  });

  test("may go as a mail, too, in the patient's language", async () => {
    const shown = await clinic.run([
      "message",
      "send",
      ref,
      "--channel",
      "email",
      "--text",
      "Here is the form that you asked about.",
      "--dry-run",
    ]);
    expect(shown.stdout).toContain("Subject: A message from Aspen Ridge Clinic");
    expect(shown.stdout).toContain("Here is the form that you asked about.");
  });

  test("waits for the patient's hours", async () => {
    await setSteppedClock(clinic.db, at("2027-01-09T05:00:00Z"));
    expect((await clinic.run(["message", "send", ref, "--phrase", "thank-you", "--dry-run"])).stdout).toContain(
      "goes Sat 2027-01-09 09:00",
    );
    await setSteppedClock(clinic.db, at("2027-01-08T17:00:00Z"));
  });

  test.each([
    [["--text", "Your ketamine infusion is on Monday"], "ketamine"],
    [["--text", "Reply YES to confirm"], "YES"],
    [["--text", "x".repeat(301)], "300 characters"],
    [["--phrase", "no-such"], "call-us"],
  ])("of %s is refused with what is wrong", async (words, said) => {
    const { code, stderr } = await clinic.run(["message", "send", ref, ...words]);
    expect([code, stderr.includes(said)]).toEqual([1, true]);
  });

  test("needs either a phrase or words", async () => {
    expect((await clinic.run(["message", "send", ref])).code).toBe(2);
    expect((await clinic.run(["message", "send", ref, "--phrase", "call-us", "--text", "x"])).code).toBe(2);
  });
});

describe("a message sent once more", () => {
  const dayBefore = async () =>
    clinic.db
      .selectFrom("touchpoints as t")
      .innerJoin("sessions as v", "v.id", "t.sessionId")
      .select(["t.id", "t.linkId"])
      .where("t.rule", "=", "day-before")
      .where("t.channel", "=", "sms")
      .where("v.number", "=", 1)
      .where("t.recipient", "=", "patient")
      .executeTakeFirstOrThrow();

  test("is refused as long as the plan will send it", async () => {
    const { id } = await dayBefore();
    const { code, stderr } = await clinic.run(["touchpoint", "resend", toPublicId("touchpoint", id)]);
    expect([code, stderr.includes("goes by itself")]).toEqual([1, true]);
  });

  test("goes again with a new link where the old one was revoked, and the audit says who asked", async () => {
    const { id, linkId } = await dayBefore();
    await sql`update touchpoints set state = 'sending', attempts = 1, claimed_at = clock_timestamp() where id = ${id}`.execute(clinic.db);
    await sql`update touchpoints set state = 'sent' where id = ${id}`.execute(clinic.db);
    await sql`update links set revoked_at = now() where id = ${linkId}`.execute(clinic.db);
    expect((await clinic.run(["touchpoint", "resend", toPublicId("touchpoint", id), "--dry-run"])).stdout).toContain(
      "Would be: day-before goes once more by text",
    );
    const sent = await clinic.run(["touchpoint", "resend", toPublicId("touchpoint", id), "--actor", "Maria Lopez"]);
    expect(sent.stdout).toMatch(/^tp_.*: day-before goes once more by text, Fri/);
    const copy = await clinic.db
      .selectFrom("touchpoints")
      .select(["linkId", "state", "template", "rule"])
      .where("key", "like", `resend/${id}/%`)
      .executeTakeFirstOrThrow();
    expect(copy).toMatchObject({ state: "planned", template: "day-before", rule: "day-before" });
    expect(copy.linkId).not.toBe(linkId);
    const events = await clinic.db.selectFrom("events").select("actor").where("kind", "=", "touchpoint.asked-again").execute();
    expect(events).toEqual([{ actor: "staff:Maria Lopez" }]);
    const { stdout } = await clinic.run(["touchpoint", "explain", toPublicId("touchpoint", id)]);
    expect(stdout).toMatch(/it was asked for once more .*, by staff:Maria Lopez/);
    const again = await clinic.db.selectFrom("touchpoints").select("id").where("key", "like", `resend/${id}/%`).executeTakeFirstOrThrow();
    expect((await clinic.run(["touchpoint", "explain", toPublicId("touchpoint", again.id)])).stdout).toMatch(
      /it goes because somebody asked for it once more .*, by staff:Maria Lopez/,
    );
  });

  test("is refused once its session has moved, and after its last moment", async () => {
    const { id } = await dayBefore();
    await sql`update sessions set arming = arming + 1 where number = 1`.execute(clinic.db);
    expect((await clinic.run(["touchpoint", "resend", toPublicId("touchpoint", id)])).stderr).toContain("still true");
    await sql`update sessions set arming = arming - 1 where number = 1`.execute(clinic.db);
    await setSteppedClock(clinic.db, at("2027-01-12T17:00:00Z"));
    expect((await clinic.run(["touchpoint", "resend", toPublicId("touchpoint", id)])).stderr).toContain("still of use");
  });
});
