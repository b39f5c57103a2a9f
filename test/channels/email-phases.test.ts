import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Channel, EmailContent } from "../../src/channels/channel.ts";
import { createEmailChannel, type EmailChannelOptions, type EmailFailure } from "../../src/channels/email.ts";
import { type LocalSmtpServer, startSmtpServer } from "../../src/local/smtp-server.ts";
import { BEN, REMINDER, toPerson } from "./support/cast.ts";
import { type Play, startScriptedRelay, type Step } from "./support/scripted-relay.ts";

const PATIENCE = { connectMs: 2_000, greetingMs: 250, replyMs: 400, dialogueMs: 2_000 };
let server: LocalSmtpServer;
let channels: Channel<EmailContent>[] = [];

beforeEach(async () => {
  server = await startSmtpServer();
});
afterEach(async () => {
  await Promise.all(channels.map((channel) => channel.close()));
  channels = [];
  await server.stop();
});

function open(options: Partial<EmailChannelOptions> = {}): Channel<EmailContent> {
  const channel = createEmailChannel({ url: server.url, connections: 2, messageIdDomain: "harbor.test", timeouts: PATIENCE, ...options });
  channels.push(channel);
  return channel;
}

async function sendThrough(script: Partial<Record<Step, Play>>, options: Partial<EmailChannelOptions> = {}) {
  const relay = await startScriptedRelay(script);
  const failures: EmailFailure[] = [];
  const channel = createEmailChannel({
    url: relay.url,
    connections: 1,
    messageIdDomain: "harbor.test",
    timeouts: PATIENCE,
    onFailureLog: (failure) => failures.push(failure),
    ...options,
  });
  const outcome = await channel.send(toPerson(BEN), REMINDER);
  await channel.close();
  await relay.stop();
  return { outcome, phase: failures[0]?.phase, heard: relay.heard };
}

describe("the phase decides what a fault means", () => {
  test("a refused connection is not sent", async () => {
    const relay = await startScriptedRelay();
    await relay.stop();
    expect(await open({ url: relay.url }).send(toPerson(BEN), REMINDER)).toEqual({ kind: "not-sent", code: "ECONNREFUSED" });
  });

  test.each([
    [{ does: "hang", at: "connect" }, "GREETING_TIMEOUT"],
    [{ does: "drop", at: "connect" }, "ECONNRESET"],
    [{ does: "drop", at: "ehlo" }, "ECONNRESET"],
    [{ does: "hang", at: "ehlo" }, "SOCKET_TIMEOUT"],
    [{ does: "drop", at: "mail" }, "ECONNRESET"],
    [{ does: "hang", at: "mail" }, "SOCKET_TIMEOUT"],
    [{ does: "drop", at: "rcpt" }, "ECONNRESET"],
    [{ does: "hang", at: "rcpt" }, "SOCKET_TIMEOUT"],
  ] as const)("%o is not sent", async (fault, code) => {
    server.setFaults([fault]);
    expect(await open().send(toPerson(BEN), REMINDER)).toEqual({ kind: "not-sent", code });
    expect(server.mails()).toEqual([]);
  });

  test.each([
    [{ does: "drop", at: "dot" }, 0],
    [{ does: "hang", at: "dot" }, 0],
    [{ does: "drop-after-accepting" }, 1],
    [{ does: "hang-after-accepting" }, 1],
  ] as const)("%o is unknown, whether the relay took the mail or not", async (fault, accepted) => {
    server.setFaults([fault]);
    expect(await open().send(toPerson(BEN), REMINDER)).toMatchObject({ kind: "unknown" });
    expect(server.mails()).toHaveLength(accepted);
  });

  test.each([
    [
      { does: "refuse", at: "rcpt", code: 550 },
      { kind: "refused", reason: "bad-address" },
    ],
    [{ does: "refuse", at: "rcpt", code: 450 }, { kind: "not-sent" }],
    [{ does: "refuse", at: "rcpt", code: 421 }, { kind: "throttled" }],
    [{ does: "refuse", at: "mail", code: 421 }, { kind: "throttled" }],
    [
      { does: "refuse", at: "mail", code: 550 },
      { kind: "refused", reason: "sender-refused" },
    ],
    [{ does: "refuse", at: "connect", code: 421 }, { kind: "throttled" }],
    [{ does: "refuse", at: "connect", code: 554 }, { kind: "not-sent" }],
    [{ does: "refuse", at: "dot", code: 451 }, { kind: "not-sent" }],
    [{ does: "refuse", at: "dot", code: 421 }, { kind: "throttled" }],
    [
      { does: "refuse", at: "dot", code: 552 },
      { kind: "refused", reason: "content-refused" },
    ],
  ] as const)("%o is definitive", async (fault, outcome) => {
    server.setFaults([fault]);
    expect(await open().send(toPerson(BEN), REMINDER)).toMatchObject(outcome);
    expect(server.mails()).toEqual([]);
  });

  test("a failed login refuses the sender, before any patient is named", async () => {
    const relay = await startScriptedRelay({ AUTH: "535 5.7.8 bad credentials" });
    const channel = open({ url: relay.url.replace("//", "//clinic:secret@") });
    expect(await channel.send(toPerson(BEN), REMINDER)).toEqual({ kind: "refused", reason: "sender-refused", code: "535 5.7.8" });
    expect(relay.heard.some((command) => command.startsWith("MAIL"))).toBe(false);
    await relay.stop();
  });

  test("a login that breaks off is not sent", async () => {
    const relay = await startScriptedRelay({ AUTH: "reset" });
    const channel = open({ url: relay.url.replace("//", "//clinic:secret@") });
    expect(await channel.send(toPerson(BEN), REMINDER)).toEqual({ kind: "not-sent", code: "ECONNRESET" });
    await relay.stop();
  });

  test("enhanced codes are kept, the relay's words are not", async () => {
    const { outcome, phase } = await sendThrough({ RCPT: `550 5.1.1 <${BEN}> is unknown here` });
    expect(outcome).toEqual({ kind: "refused", reason: "bad-address", code: "550 5.1.1" });
    expect(phase).toBe("envelope");
  });

  test("a refusal of DATA itself is definitive", async () => {
    expect((await sendThrough({ DATA: "451 4.3.0 not now" })).outcome).toEqual({ kind: "not-sent", code: "451 4.3.0" });
  });

  test("a reply to the dot that is none is unknown", async () => {
    expect((await sendThrough({ dot: "what" })).outcome.kind).toBe("unknown");
  });
});

describe("a relay that hangs up without a word", () => {
  test.each(["greeting", "EHLO", "MAIL", "RCPT", "DATA"] as const)("at %s has not taken the mail", async (step) => {
    expect((await sendThrough({ [step]: "close" })).outcome).toMatchObject({ kind: "not-sent" });
  });

  test("at the login has not taken it either", async () => {
    const relay = await startScriptedRelay({ AUTH: "close" });
    const channel = open({ url: relay.url.replace("//", "//clinic:secret@") });
    expect(await channel.send(toPerson(BEN), REMINDER)).toMatchObject({ kind: "not-sent" });
    await relay.stop();
  });

  test("after the dot may have taken it", async () => {
    expect((await sendThrough({ dot: "close" })).outcome).toMatchObject({ kind: "unknown" });
  });

  test("after it has accepted the mail has taken it", async () => {
    expect((await sendThrough({ QUIT: "close" })).outcome).toMatchObject({ kind: "sent" });
  });
});

describe("a relay that sends a byte a second", () => {
  // Every byte would begin a reply's deadline anew; the dialogue's own does not move.
  const timeouts = { ...PATIENCE, replyMs: 1_500, greetingMs: 1_500, dialogueMs: 2_500 };

  test("is given up when the time for the whole dialogue is over, and has not taken the mail", async () => {
    expect((await sendThrough({ MAIL: "trickle" }, { timeouts })).outcome).toEqual({ kind: "not-sent", code: "EDEADLINE" });
  });

  test("is given up after the dot, too, and may have taken it", async () => {
    expect((await sendThrough({ dot: "trickle" }, { timeouts })).outcome).toEqual({ kind: "unknown", code: "EDEADLINE" });
  });
});

describe("a relay that drips one byte at a time", () => {
  const timeouts = { ...PATIENCE, replyMs: 10_000, greetingMs: 10_000, dialogueMs: 300 };

  test.each(["greeting", "EHLO", "MAIL", "RCPT", "DATA"] as const)("is given up and not sent at %s", async (step) => {
    const { outcome, heard } = await sendThrough({ [step]: "drip" }, { timeouts });
    expect(outcome).toEqual({ kind: "not-sent", code: "EDEADLINE" });
    expect(heard).not.toContain("QUIT");
  });

  test("is given up and unknown after the dot", async () => {
    const { outcome, phase } = await sendThrough({ dot: "drip" }, { timeouts });
    expect([outcome, phase]).toEqual([{ kind: "unknown", code: "EDEADLINE" }, "data"]);
  });
});
