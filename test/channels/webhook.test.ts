import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { createServer } from "node:https";
import { afterAll, describe, expect, test } from "vitest";
import { isPrivateAddress } from "../../src/channels/private-address.ts";
import { createWebhookChannel } from "../../src/channels/webhook.ts";
import { createLoopbackCertificate } from "../../src/local/loopback-certificate.ts";

const certificate = createLoopbackCertificate();
let asked = 0;
const server = createServer(certificate, (_request, response) => {
  asked += 1;
  response.writeHead(204).end();
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const address = server.address();
const port = address !== null && typeof address === "object" ? address.port : 0;
const post = { url: `https://localhost:${port}/in`, headers: {}, body: "{}" };
const rules = { hosts: [`localhost:${port}`], ca: certificate.cert, deadlineMs: 5_000 };

async function send(options: Parameters<typeof createWebhookChannel>[0], url = post.url) {
  const channel = createWebhookChannel(options);
  const outcome = await channel.send({ ...post, url });
  await channel.close();
  return outcome;
}

describe("a name that leads to this machine", () => {
  test("is not called in production, though its host is allowed", async () => {
    const before = asked;
    expect(await send({ ...rules, isProduction: true })).toEqual({ kind: "failed", code: "address-refused", status: null });
    expect(asked).toBe(before);
  });

  test("is called outside production: the very same address answers", async () => {
    expect(await send({ ...rules, isProduction: false })).toEqual({ kind: "taken", status: 204 });
  });

  test("is not called either where one of several addresses is private", async () => {
    const resolve = ((_name: string, _options: object, callback: (error: null, addresses: LookupAddress[]) => void) =>
      callback(null, [
        { address: "203.0.113.9", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ])) as never;
    expect(await send({ ...rules, isProduction: true, resolve })).toMatchObject({ code: "address-refused" });
  });
});

test("a host that is not allowed any more is not called", async () => {
  const before = asked;
  expect(await send({ ...rules, hosts: [], isProduction: false })).toMatchObject({ code: "address-refused" });
  expect(asked).toBe(before);
});

test("a certificate of nobody we trust is refused", async () => {
  const { ca: _ca, ...untrusting } = rules;
  expect(await send({ ...untrusting, isProduction: false })).toMatchObject({ kind: "failed", code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
});

test("nobody there is a failure with the code of the connection", async () => {
  const closed = { hosts: ["localhost:1"], isProduction: false };
  expect(await send(closed, "https://localhost:1/")).toMatchObject({ kind: "failed", code: "ECONNREFUSED", status: null });
});

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.31.255.255",
  "192.168.0.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "::1",
  "::",
  "fd00::1",
  "fe80::1",
  "::ffff:10.0.0.1",
  "::ffff:8.8.8.8",
  "64:ff9b::a00:1",
])("%s is private", (text) => {
  expect(isPrivateAddress(text)).toBe(true);
});

test.each(["8.8.8.8", "172.32.0.1", "203.0.113.9", "2606:4700::1111"])("%s is not", (text) => {
  expect(isPrivateAddress(text)).toBe(false);
});
