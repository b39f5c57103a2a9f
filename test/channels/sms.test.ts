import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Channel, SmsContent } from "../../src/channels/channel.ts";
import { createSmsChannel, type SmsChannelOptions } from "../../src/channels/sms.ts";
import { type LocalTwilioApi, startTwilioApi } from "../../src/local/twilio-api.ts";
import { ANA, toPerson } from "./support/cast.ts";
import { CREATED, startScriptedApi } from "./support/scripted-api.ts";

const ACCOUNT = { accountSid: `AC${"0".repeat(32)}`, authToken: "token" };
const TEXT = { body: "Harbor Clinic: see you on Monday at 9:00 – más información ✓" };
const PATIENCE = { connectMs: 2_000, answerMs: 300, requestMs: 2_000 };
let twilio: LocalTwilioApi;
let channels: Channel<SmsContent>[] = [];

beforeEach(async () => {
  twilio = await startTwilioApi(ACCOUNT);
});
afterEach(async () => {
  await Promise.all(channels.map((channel) => channel.close()));
  channels = [];
  await twilio.stop();
});

function open(options: Partial<SmsChannelOptions> = {}): Channel<SmsContent> {
  const channel = createSmsChannel({
    ...ACCOUNT,
    apiBaseUrl: twilio.url,
    connections: 2,
    timeouts: PATIENCE,
    statusCallbackUrl: (deliveryId) => `http://127.0.0.1:9/sms-status/${deliveryId}`,
    ...options,
  });
  channels.push(channel);
  return channel;
}

describe("a text that is sent", () => {
  test("arrives once at its one number and is known by Twilio's sid", async () => {
    const outcome = await open().send(toPerson(ANA), TEXT);
    const [message] = twilio.messages();
    expect(outcome).toEqual({ kind: "sent", providerMessageId: message?.sid });
    expect(message).toMatchObject({ to: ANA, from: "+15005550006", body: TEXT.body });
    expect(twilio.messages()).toHaveLength(1);
  });

  test("is a form with the callback of its delivery and the time for which it is of use", async () => {
    const envelope = toPerson(ANA, { validSeconds: 5_400.7 });
    const api = await startScriptedApi(CREATED);
    await open({ apiBaseUrl: api.url }).send(envelope, TEXT);
    const [head = "", form] = api.requests[0]?.split("\r\n\r\n") ?? [];
    expect(head).toMatch(/^POST \/2010-04-01\/Accounts\/AC0{32}\/Messages\.json HTTP\/1\.1\r\n/);
    expect(head).toContain(`authorization: Basic ${Buffer.from(`${ACCOUNT.accountSid}:token`).toString("base64")}`);
    expect(Object.fromEntries(new URLSearchParams(form))).toEqual({
      To: ANA,
      From: "+15005550006",
      Body: TEXT.body,
      StatusCallback: `http://127.0.0.1:9/sms-status/${envelope.deliveryId}`,
      ValidityPeriod: "5400",
    });
    await api.stop();
  });

  test.each([
    [0, "1"],
    [1, "1"],
    [36_000, "36000"],
    [36_001, "36000"],
  ])("valid for %d seconds asks for %s", async (validSeconds, asked) => {
    const api = await startScriptedApi(CREATED);
    await open({ apiBaseUrl: api.url }).send(toPerson(ANA, { validSeconds }), TEXT);
    expect(new URLSearchParams(api.requests[0]?.split("\r\n\r\n")[1]).get("ValidityPeriod")).toBe(asked);
    await api.stop();
  });

  test("goes to its own number when five hundred go through ten connections", async () => {
    const channel = open({ connections: 10, timeouts: {} });
    const numbers = Array.from({ length: 500 }, (_, index) => `+1415555${String(index).padStart(4, "0")}`);
    const outcomes = await Promise.all(numbers.map((number) => channel.send(toPerson(number), TEXT)));
    expect(outcomes.filter(({ kind }) => kind !== "sent")).toEqual([]);
    expect(twilio.messages()).toHaveLength(500);
    expect(new Set(twilio.messages().map(({ to }) => to))).toEqual(new Set(numbers));
  });
});

describe("connections", () => {
  test("are counted while texts are under way", async () => {
    const channel = open();
    expect(channel.freeConnections()).toBe(2);
    const sends = [1, 2, 3].map(() => channel.send(toPerson(ANA), TEXT));
    expect(channel.freeConnections()).toBe(0);
    await Promise.all(sends);
    expect(channel.freeConnections()).toBe(2);
  });

  test("that the server closed are replaced", async () => {
    const api = await startScriptedApi("close-when-idle", CREATED);
    const channel = open({ apiBaseUrl: api.url });
    expect(await channel.send(toPerson(ANA), TEXT)).toMatchObject({ kind: "sent" });
    expect(await channel.send(toPerson(ANA), TEXT)).toMatchObject({ kind: "sent" });
    expect(api.connections()).toBe(2);
    await api.stop();
  });

  test("end when the channel closes, after what was under way", async () => {
    const channel = open();
    const last = channel.send(toPerson(ANA), TEXT);
    await channel.close();
    expect(await last).toMatchObject({ kind: "sent" });
    expect(await channel.send(toPerson(ANA), TEXT)).toMatchObject({ kind: "not-sent" });
    await channel.close();
  });
});

test.each(["5551234567", "+1", `${ANA},+14155550124`, `whatsapp:${ANA}`, `${ANA}\r\n`, "+1415555012x", ""])(
  "%j is not a number and goes nowhere",
  async (to) => {
    expect(await open().send({ ...toPerson(ANA), to }, TEXT)).toEqual({ kind: "refused", reason: "bad-address", code: "malformed-to" });
    expect(twilio.messages()).toEqual([]);
  },
);

test.each(["http://api.twilio.com", "ftp://127.0.0.1", "api.twilio.com", "https://api.twilio.com/v1", "http://localhost.example.org"])(
  "%s is not an address for the API",
  (apiBaseUrl) => {
    expect(() => open({ apiBaseUrl })).toThrow("The Twilio API's address");
  },
);
