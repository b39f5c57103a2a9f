import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Channel, SendOutcome, SmsContent } from "../../src/channels/channel.ts";
import { createSmsChannel, type SmsChannelOptions } from "../../src/channels/sms.ts";
import { createLoopbackCertificate } from "../../src/local/loopback-certificate.ts";
import { listenOnLoopback } from "../../src/local/loopback-port.ts";
import { type LocalTwilioApi, startTwilioApi } from "../../src/local/twilio-api.ts";
import { ANA, toPerson } from "./support/cast.ts";
import { answer, type ApiPlay, CREATED, startScriptedApi } from "./support/scripted-api.ts";

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

async function sendTo(plays: ApiPlay[], options: Partial<SmsChannelOptions> = {}) {
  const api = await startScriptedApi(...plays);
  const channel = open({ apiBaseUrl: api.url, ...options });
  const outcomes: SendOutcome[] = [];
  while (outcomes.length < plays.length) outcomes.push(await channel.send(toPerson(ANA), TEXT));
  const { requests, connections } = api;
  await api.stop();
  return { outcomes, outcome: outcomes.at(-1), requests, connections: connections() };
}

describe("the phase decides what a fault means", () => {
  test("a refused connection is not sent", async () => {
    const api = await startScriptedApi();
    await api.stop();
    expect(await open({ apiBaseUrl: api.url }).send(toPerson(ANA), TEXT)).toEqual({ kind: "not-sent", code: "ECONNREFUSED" });
  });

  test.each([
    ["is reset", (socket: Socket) => socket.resetAndDestroy(), "ECONNRESET"],
    ["is not TLS", (socket: Socket) => socket.write("220 relay\r\n"), "ERR_SSL_WRONG_VERSION_NUMBER"],
    ["never ends", () => undefined, "UND_ERR_CONNECT_TIMEOUT"],
  ])("a TLS handshake that %s is not sent", async (_name, play, code) => {
    const server = createServer((socket) => socket.on("error", () => undefined).once("data", () => play(socket)));
    const outcome = await open({ apiBaseUrl: `https://127.0.0.1:${await listenOnLoopback(server)}`, timeouts: { connectMs: 300 } }).send(
      toPerson(ANA),
      TEXT,
    );
    expect(outcome).toEqual({ kind: "not-sent", code });
    server.close();
  });

  test("a certificate nobody vouches for is not sent", async () => {
    const server = createTlsServer(createLoopbackCertificate());
    const outcome = await open({ apiBaseUrl: `https://127.0.0.1:${await listenOnLoopback(server)}` }).send(toPerson(ANA), TEXT);
    expect(outcome).toEqual({ kind: "not-sent", code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    server.close();
  });

  test.each([
    ["reset", "ECONNRESET"],
    ["hang", "UND_ERR_HEADERS_TIMEOUT"],
  ] as const)("a %s after the request is unknown", async (play, code) => {
    expect((await sendTo([play])).outcome).toEqual({ kind: "unknown", code });
  });

  test("a reset on a connection that was kept is unknown", async () => {
    const { outcomes, connections } = await sendTo([CREATED, "reset"], { connections: 1 });
    expect(outcomes).toMatchObject([{ kind: "sent" }, { kind: "unknown" }]);
    expect(connections).toBe(1);
  });

  test("an answer that drips without end is given up and unknown", async () => {
    const timeouts = { connectMs: 2_000, answerMs: 10_000, requestMs: 300 };
    expect((await sendTo(["drip"], { timeouts })).outcome).toEqual({ kind: "unknown", code: "http-201" });
  });

  test("an answer longer than any that Twilio gives is not read to its end and unknown", async () => {
    const long = answer(201, JSON.stringify({ sid: `SM${"0".repeat(32)}`, more: "x".repeat(70_000) }));
    expect((await sendTo([long])).outcome).toEqual({ kind: "unknown", code: "http-201" });
  });

  test("what is not HTTP is unknown", async () => {
    expect((await sendTo([{ bytes: "220 relay\r\n" }])).outcome).toMatchObject({ kind: "unknown" });
  });

  test("a refusal whose body breaks off stays a refusal", async () => {
    const cut = { bytes: 'HTTP/1.1 400 Bad Request\r\nContent-Length: 500\r\n\r\n{"code":' };
    expect((await sendTo([cut])).outcome).toEqual({ kind: "refused", reason: "refused", code: "http-400" });
  });

  test.each([
    [{ does: "fail", when: "before-accepting" }, { kind: "unknown" }, 0],
    [{ does: "fail", when: "after-accepting" }, { kind: "unknown" }, 1],
    [{ does: "drop", when: "before-accepting" }, { kind: "unknown" }, 0],
    [{ does: "drop", when: "after-accepting" }, { kind: "unknown" }, 1],
    [{ does: "stall", when: "before-accepting" }, { kind: "unknown" }, 0],
    [{ does: "stall", when: "after-accepting" }, { kind: "unknown" }, 1],
    [{ does: "throttle", retryAfterSeconds: 7 }, { kind: "throttled", retryAfterMs: 7_000, code: "20429" }, 0],
    [{ does: "refuse", code: 21610 }, { kind: "refused", reason: "opted-out", code: "21610" }, 0],
    [{ does: "refuse", code: 20003 }, { kind: "refused", reason: "sender-refused", code: "20003" }, 0],
  ] as const)("%o", async (fault, outcome, accepted) => {
    twilio.setFaults([fault]);
    expect(await open().send(toPerson(ANA), TEXT)).toMatchObject(outcome);
    expect(twilio.messages()).toHaveLength(accepted);
  });

  test("a text that waited in vain for a connection was not sent, and is not sent later", async () => {
    const api = await startScriptedApi("hang", CREATED);
    const channel = open({ apiBaseUrl: api.url, connections: 1, timeouts: { answerMs: 10_000, requestMs: 200 } });
    const outcomes = await Promise.all([channel.send(toPerson(ANA), TEXT), channel.send(toPerson(ANA), TEXT)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["unknown", "not-sent"]);
    await channel.send(toPerson("+14155550199"), TEXT);
    expect(api.requests.filter((request) => request.includes(encodeURIComponent(ANA)))).toHaveLength(1);
    await api.stop();
  });
});
