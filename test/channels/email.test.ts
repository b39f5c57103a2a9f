import { simpleParser } from "mailparser";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Channel, EmailContent } from "../../src/channels/channel.ts";
import { createEmailChannel, type EmailChannelOptions } from "../../src/channels/email.ts";
import { type LocalSmtpServer, startSmtpServer } from "../../src/local/smtp-server.ts";
import { BEN, REMINDER, toPerson } from "./support/cast.ts";
import { startScriptedRelay } from "./support/scripted-relay.ts";

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

describe("a mail that is sent", () => {
  test("arrives with one recipient and the Message-ID of its touchpoint", async () => {
    const envelope = toPerson(BEN);
    const outcome = await open({ now: () => Date.UTC(2027, 0, 11) }).send(envelope, REMINDER);
    const messageId = `<tp-${envelope.touchpointId}@harbor.test>`;
    expect(outcome).toEqual({ kind: "sent", providerMessageId: messageId });
    const [mail] = server.mails();
    expect(mail?.envelope).toEqual({ from: "hello@harbor.test", to: [BEN] });
    const parsed = await simpleParser(mail?.raw ?? "");
    expect([parsed.messageId, parsed.subject, parsed.text]).toEqual([messageId, REMINDER.subject, REMINDER.text]);
    expect(parsed.date).toEqual(new Date("2027-01-11T00:00:00Z"));
  });

  test("keeps its Message-ID on a second attempt", async () => {
    server.setFaults([{ does: "drop-after-accepting", times: 1 }]);
    const channel = open();
    const envelope = toPerson(BEN);
    expect(await channel.send(envelope, REMINDER)).toMatchObject({ kind: "unknown" });
    expect(await channel.send(envelope, REMINDER)).toMatchObject({ kind: "sent" });
    const ids = await Promise.all(server.mails().map(async ({ raw }) => (await simpleParser(raw)).messageId));
    expect(ids).toEqual([`<tp-${envelope.touchpointId}@harbor.test>`, `<tp-${envelope.touchpointId}@harbor.test>`]);
  });

  test("goes to its own recipient when a thousand go through twenty connections", async () => {
    const channel = open({ connections: 20, timeouts: {} });
    const people = Array.from({ length: 1_000 }, (_, number) => `patient-${number}@mail.test`);
    const outcomes = await Promise.all(people.map((person) => channel.send(toPerson(person), REMINDER)));
    expect(outcomes.filter(({ kind }) => kind !== "sent")).toEqual([]);
    const arrived = server.mails().map(({ envelope }) => envelope.to);
    expect(arrived).toHaveLength(1_000);
    expect(new Set(arrived.map(([to]) => to))).toEqual(new Set(people));
    expect(arrived.every((to) => to.length === 1)).toBe(true);
  });

  test("may hold lines of dots", async () => {
    await open().send(toPerson(BEN), { ...REMINDER, text: ".\n..\n.\r\n.\r\n" });
    expect((await simpleParser(server.mails()[0]?.raw ?? "")).text).toBe(".\n..\n.\n.\n");
  });
});

describe("nothing is sent that could reach somebody else", () => {
  test.each([
    [{ to: "ben@mail.test\r\nBcc: evil@x.test" }, {}, "bad-address", "malformed-to"],
    [{ to: "ben@mail.test, evil@x.test" }, {}, "bad-address", "malformed-to"],
    [{ to: '"Doe, Jane" <ben@mail.test>, evil@x.test' }, {}, "bad-address", "malformed-to"],
    [{ to: "jörg@mail.test" }, {}, "bad-address", "malformed-to"],
    [{ from: { name: "Clinic\r\nBcc: evil@x.test", address: "hello@harbor.test" } }, {}, "sender-refused", "malformed-from"],
    [{ from: { name: "Clinic", address: "hello@harbor.test>\r\nRCPT TO:<evil@x.test" } }, {}, "sender-refused", "malformed-from"],
    [{}, { subject: "Monday\r\nBcc: evil@x.test" }, "content-refused", "malformed-subject"],
    [{}, { subject: "Monday\0" }, "content-refused", "malformed-subject"],
  ] as const)("%o %o", async (envelope, content, reason, code) => {
    const relay = await startScriptedRelay();
    const channel = open({ url: relay.url });
    expect(await channel.send(toPerson(BEN, envelope), { ...REMINDER, ...content })).toEqual({ kind: "refused", reason, code });
    expect(relay.connections()).toBe(0);
    await relay.stop();
  });
});

test.each([{ url: "mail.example.org" }, { messageIdDomain: "harbor.test>\r\n" }, { messageIdDomain: "" }])(
  "options that cannot work are refused: %o",
  (options) => {
    expect(() => createEmailChannel({ url: "smtp://localhost", connections: 1, messageIdDomain: "harbor.test", ...options })).toThrow();
  },
);
