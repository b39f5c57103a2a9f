import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Channel, EmailContent } from "../../src/channels/channel.ts";
import { createEmailChannel, type EmailChannelOptions } from "../../src/channels/email.ts";
import { BEN, REMINDER, toPerson } from "./support/cast.ts";
import { startScriptedRelay } from "./support/scripted-relay.ts";

let relay: Awaited<ReturnType<typeof startScriptedRelay>>;
let channel: Channel<EmailContent>;

const connect = (options: Partial<EmailChannelOptions> = {}) => {
  channel = createEmailChannel({ url: relay.url, connections: 2, messageIdDomain: "harbor.test", ...options });
};
const send = (to = BEN) => channel.send(toPerson(to), REMINDER);
const commands = (word: string) => relay.heard.filter((command) => command.startsWith(word)).length;

beforeEach(async () => {
  relay = await startScriptedRelay();
  connect();
});
afterEach(async () => {
  await channel.close();
  await relay.stop();
});

describe("connections", () => {
  test("are opened when needed and used again", async () => {
    expect(relay.connections()).toBe(0);
    for (let count = 0; count < 5; count++) expect(await send()).toMatchObject({ kind: "sent" });
    expect([relay.connections(), commands("EHLO"), commands("MAIL")]).toEqual([1, 1, 5]);
  });

  test("never are more than allowed, and whoever comes too many waits", async () => {
    const sends = Array.from({ length: 9 }, () => send());
    expect(channel.freeConnections()).toBe(0);
    expect((await Promise.all(sends)).every(({ kind }) => kind === "sent")).toBe(true);
    expect([relay.connections(), channel.freeConnections()]).toEqual([2, 2]);
  });

  test("are replaced after their share of letters", async () => {
    connect({ connections: 1, lettersPerConnection: 2 });
    for (let count = 0; count < 5; count++) await send();
    expect([relay.connections(), commands("MAIL")]).toEqual([3, 5]);
  });

  test("that the relay ended are replaced", async () => {
    await send();
    relay.hangUp();
    await expect.poll(() => send()).toMatchObject({ kind: "sent" });
    expect(relay.connections()).toBe(2);
  });

  test("on which something failed are replaced", async () => {
    await channel.close();
    await relay.stop();
    relay = await startScriptedRelay({ RCPT: "550 5.1.1 unknown" });
    connect({ connections: 1 });
    await send();
    expect(await send()).toMatchObject({ kind: "refused", reason: "bad-address" });
    expect([relay.connections(), channel.freeConnections()]).toEqual([2, 1]);
  });

  test("that nobody uses are closed politely", async () => {
    connect({ timeouts: { idleMs: 20 } });
    await send();
    await expect.poll(() => commands("QUIT")).toBe(1);
  });

  test("waiting for one counts towards the deadline", async () => {
    await channel.close();
    await relay.stop();
    relay = await startScriptedRelay({ dot: "hang" });
    connect({ connections: 1, timeouts: { dialogueMs: 200 } });
    const outcomes = await Promise.all([send(), send()]);
    expect(outcomes).toEqual([
      { kind: "unknown", code: "EDEADLINE" },
      { kind: "not-sent", code: "EDEADLINE" },
    ]);
  });
});

describe("a mail whose HTML is written when it is read", () => {
  const writtenLate = (html: () => string): EmailContent => ({
    ...REMINDER,
    get html() {
      return html();
    },
  });

  test("is put together when it has a connection, and not while it waits for one", async () => {
    connect({ connections: 1 });
    const lettersBefore: number[] = [];
    const html = () => `<p>${lettersBefore.push(commands("MAIL"))}</p>`;
    await Promise.all(Array.from({ length: 3 }, () => channel.send(toPerson(BEN), writtenLate(html))));
    expect(lettersBefore).toEqual([0, 1, 2]);
  });

  test("is provably not sent when that fails, and its connection serves the next", async () => {
    connect({ connections: 1 });
    const broken = writtenLate(() => {
      throw new Error("no session.place");
    });
    expect(await channel.send(toPerson(BEN), broken)).toEqual({ kind: "not-sent", code: "unwritten" });
    expect([relay.connections(), channel.freeConnections()]).toEqual([0, 1]);
    expect(await send()).toMatchObject({ kind: "sent" });
  });
});

describe("closing", () => {
  test("lets what is under way end, says goodbye, and takes nothing more", async () => {
    await send();
    const last = send();
    await channel.close();
    expect(await last).toMatchObject({ kind: "sent" });
    expect([commands("QUIT"), channel.freeConnections()]).toEqual([1, 0]);
    expect(await send()).toEqual({ kind: "not-sent", code: "ECLOSED" });
    await channel.close();
  });

  test("sends away those who wait", async () => {
    connect({ connections: 1 });
    const sends = [send(), send(), send()];
    await channel.close();
    expect((await Promise.all(sends)).map(({ kind }) => kind)).toEqual(["sent", "not-sent", "not-sent"]);
  });

  test("does not wait for a relay that never says goodbye", async () => {
    await channel.close();
    await relay.stop();
    relay = await startScriptedRelay({ QUIT: "hang" });
    connect();
    await send();
    await channel.close();
    expect(commands("QUIT")).toBe(1);
  });
});
