import { afterEach, describe, expect, test } from "vitest";
import { createSmtpLine, type SmtpLineSettings } from "../../src/channels/smtp-line.ts";
import type { SmtpRelay } from "../../src/channels/smtp-relay.ts";
import { createLoopbackCertificate } from "../../src/local/loopback-certificate.ts";
import { type LocalSmtpServer, startSmtpServer } from "../../src/local/smtp-server.ts";
import { BEN } from "./support/cast.ts";
import { startScriptedRelay } from "./support/scripted-relay.ts";

const certificate = createLoopbackCertificate();
const letter = { from: "hello@harbor.test", to: BEN, bytes: Buffer.from("Subject: Monday\r\n\r\nSee you.\r\n") };
let server: LocalSmtpServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

function callTo(port: number, privacy: SmtpRelay["privacy"], changes: Partial<SmtpLineSettings> = {}) {
  return createSmtpLine({
    relay: { host: "127.0.0.1", port, privacy, credentials: { user: "clinic", pass: "secret" } },
    timeouts: { connectMs: 2_000, greetingMs: 500, replyMs: 500 },
    heloName: "harbor.test",
    ...changes,
  });
}

async function startTlsServer(starttls = certificate): Promise<number> {
  server = await startSmtpServer({ starttls });
  return Number(new URL(server.url).port);
}

describe("where plain text is not allowed", () => {
  test("a relay with STARTTLS and a certificate that can be verified gets the letter", async () => {
    const line = callTo(await startTlsServer(), "starttls", { ca: certificate.cert });
    expect(await line.open()).toBeUndefined();
    expect(await line.deliver(letter)).toEqual({ relayId: null });
    expect(server?.mails()).toHaveLength(1);
    await line.hangUp();
  });

  test("a certificate nobody vouches for is not sent", async () => {
    const line = callTo(await startTlsServer(), "starttls");
    expect(await line.open()).toMatchObject({ phase: "connect", error: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });

  test("an expired certificate is not sent", async () => {
    const expired = createLoopbackCertificate({ until: new Date(Date.now() - 3_600_000) });
    const line = callTo(await startTlsServer(expired), "starttls", { ca: expired.cert });
    expect(await line.open()).toMatchObject({ phase: "connect", error: "CERT_HAS_EXPIRED" });
  });

  test.each([
    ["without STARTTLS", {}],
    ["that refuses STARTTLS", { EHLO: "250-relay\r\n250-STARTTLS\r\n250 AUTH PLAIN", STARTTLS: "454 4.7.0 not available" }],
    ["that accepts STARTTLS and then goes on in plain text", { STARTTLS: "220 ready\r\n250 relay" }],
    ["that knows only HELO", { EHLO: "502 what" }],
  ])("a relay %s hears no password and no patient", async (_name, script) => {
    const relay = await startScriptedRelay(script);
    const line = callTo(relay.port, "starttls");
    expect(await line.open()).toMatchObject({ phase: "connect" });
    expect(line.isOpen()).toBe(false);
    expect(relay.heard.filter((command) => /^(AUTH|MAIL|RCPT)/.test(command))).toEqual([]);
    await relay.stop();
  });

  test("a relay that speaks plain text where TLS was expected hears nothing", async () => {
    const relay = await startScriptedRelay();
    expect(await callTo(relay.port, "tls").open()).toMatchObject({ phase: "connect" });
    await relay.stop();
  });
});

test("inside this machine plain text is used even when STARTTLS is offered", async () => {
  const line = callTo(await startTlsServer(), "none");
  expect(await line.open()).toBeUndefined();
  expect(await line.deliver(letter)).toEqual({ relayId: null });
  await line.hangUp();
});

test("a line that was broken off says at which phase, and is closed", async () => {
  const relay = await startScriptedRelay({ MAIL: "hang" });
  const line = callTo(relay.port, "none", { relay: { host: "127.0.0.1", port: relay.port, privacy: "none", credentials: null } });
  await line.open();
  const delivery = line.deliver(letter);
  line.abort("EDEADLINE");
  expect(await delivery).toEqual({ phase: "envelope", error: "EDEADLINE", answered: "", reply: null });
  expect([line.isOpen(), line.delivered()]).toEqual([false, 0]);
  await relay.stop();
});
