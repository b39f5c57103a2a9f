import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sql } from "kysely";
import { ACCOUNT_SID, AUTH_TOKENS, openClinic, PUBLIC_BASE_URL, startWeb, type Web } from "./support/aspen-ridge-web.ts";
import { FORM, type Params, post, sign } from "./support/twilio-report.ts";

const PATH = "/webhooks/twilio/inbound";
const TEXT: Params = {
  AccountSid: ACCOUNT_SID,
  ApiVersion: "2010-04-01",
  Body: "where do I park?",
  From: "+13035550111",
  MessageSid: `SM${"a".repeat(32)}`,
  NumMedia: "0",
  NumSegments: "1",
  SmsStatus: "received",
  To: "+13035550101",
};

let web: Web;
beforeAll(async () => {
  web = await startWeb();
  await openClinic(web, ["iv-ketamine"]);
});
beforeEach(async () => {
  await sql`delete from inbound_messages`.execute(web.db);
});

const send = (params: Params = TEXT, posting: Parameters<typeof post>[1] = {}) =>
  post(web, { path: PATH, params, signature: sign(params, { path: PATH }), ...posting });
const stored = () => web.db.selectFrom("inboundMessages").selectAll().execute();

describe("a text that Twilio signed", () => {
  test("is kept sealed for the clinic whose number it was sent to, and answered with an empty document", async () => {
    const answer = await fetch(web.url + PATH, {
      method: "POST",
      headers: { "content-type": FORM, "x-twilio-signature": sign(TEXT, { path: PATH }) },
      body: new URLSearchParams(TEXT),
    });
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
      200,
      "text/xml; charset=utf-8",
      '<?xml version="1.0" encoding="UTF-8"?><Response/>',
    ]);
    const [row, ...others] = await stored();
    expect(others).toEqual([]);
    if (!row) throw new Error("Nothing is stored");
    expect(JSON.stringify(row)).not.toMatch(/3035550111|park/);
    expect(web.vault.open(row.bodySealed, { table: "inbound_messages", column: "body_sealed", row: row.id })).toBe(TEXT["Body"]);
    expect(web.vault.open(row.fromSealed, { table: "inbound_messages", column: "from_sealed", row: row.id })).toBe(TEXT["From"]);
    expect(row.fromIndex).toEqual(web.vault.blindIndex("phone", TEXT["From"] ?? ""));
  });

  test("is kept once, however often it comes and whatever stands beside it", async () => {
    expect([await send(), await send(), await send({ ...TEXT, Extra: "new" })]).toEqual([200, 200, 200]);
    expect(await Promise.all(Array.from({ length: 8 }, () => send()))).toEqual(Array.from({ length: 8 }, () => 200));
    expect(await stored()).toHaveLength(1);
  });

  test("says what the carrier made of it", async () => {
    await send({ ...TEXT, Body: "STOP", OptOutType: "STOP" });
    expect(await stored()).toMatchObject([{ carrierKeyword: "stop" }]);
  });

  test("may be empty, have pictures, come from a short code, or be as long as a text can be", async () => {
    const { Body: _, ...silent } = TEXT;
    const sid = (n: number) => ({ MessageSid: `MM${String(n).repeat(32)}` });
    expect(await send({ ...silent, NumMedia: "3", ...sid(1) })).toBe(200);
    expect(await send({ ...TEXT, From: "72345", ...sid(2) })).toBe(200);
    expect(await send({ ...TEXT, Body: "ñ🛑".repeat(800), ...sid(3) })).toBe(200);
    expect(await send({ ...TEXT, Body: "a\0b", ...sid(4) })).toBe(200);
    expect(await stored()).toHaveLength(4);
  });

  test.each([
    ["another account", { AccountSid: `AC${"6".repeat(32)}` }, 403],
    ["a number that no clinic has", { To: "+13035550102" }, 403],
    ["no message", { MessageSid: "SM1" }, 400],
    ["no sender", { From: "" }, 400],
    ["a number that is none", { To: "'; drop table" }, 400],
    ["pictures that are no number", { NumMedia: "many" }, 400],
    ["more words than a text has", { Body: "a".repeat(10_001) }, 400],
  ])("with %s writes nothing", async (_what, changes, status) => {
    expect(await send({ ...TEXT, ...changes })).toBe(status);
    expect(await stored()).toEqual([]);
  });
});

describe("before anything is verified", () => {
  test.each([
    ["unsigned", { signature: null }, 403],
    ["signed by somebody else", { signature: sign(TEXT, { path: PATH, token: "z".repeat(32) }) }, 403],
    ["signed for another address", { signature: sign(TEXT, { path: PATH, base: "https://evil.example" }) }, 403],
    ["of another type", { type: "application/json" }, 415],
    ["larger than 64 kB", { body: new URLSearchParams({ ...TEXT, Pad: "x".repeat(64 * 1024) }).toString() }, 413],
  ])("what is %s writes nothing", async (_what, posting, status) => {
    expect(await send(TEXT, posting)).toBe(status);
    expect(await stored()).toEqual([]);
  });

  test("the token before the newest still counts, and our configured address, not the Host header's", async () => {
    expect(await send(TEXT, { signature: sign(TEXT, { path: PATH, token: AUTH_TOKENS[1] ?? "" }) })).toBe(200);
    expect(await send(TEXT, { host: "evil.example", signature: sign(TEXT, { path: PATH, base: PUBLIC_BASE_URL }) })).toBe(200);
  });
});

test("no log line holds what was written or who wrote it", async () => {
  await send({ ...TEXT, Body: "canary-words", MessageSid: `SM${"c".repeat(32)}` });
  await send({ ...TEXT, Body: "I want to die canary-words", MessageSid: `SM${"d".repeat(32)}` });
  await expect
    .poll(async () => (await stored()).filter(({ handledAt }) => handledAt !== null).length, { timeout: 20_000 })
    .toBeGreaterThan(0);
  expect(web.logged.join("")).toContain('"route":"/webhooks/twilio/inbound"');
  expect(web.logged.join("")).not.toMatch(/canary-words|3035550111/);
});
