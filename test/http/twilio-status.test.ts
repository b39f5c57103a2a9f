import { connect } from "node:net";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AUTH_TOKENS, startWeb, type Web } from "./support/aspen-ridge-web.ts";
import { DELIVERY, FORM, PATH, post, REPORT, sign } from "./support/twilio-report.ts";

let web: Web;
beforeAll(async () => {
  web = await startWeb();
});
beforeEach(async () => {
  await web.db.deleteFrom("providerEvents").execute();
});

const stored = () => web.db.selectFrom("providerEvents").select(["id", "provider", "deliveryId", "bodySealed", "foldedAt"]).execute();

describe("a report that Twilio signed", () => {
  test("is kept sealed, whole, for its delivery, and answered at once", async () => {
    expect(await post(web)).toBe(204);
    const [row, ...others] = await stored();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ provider: "twilio", deliveryId: DELIVERY, foldedAt: null });
    if (!row) throw new Error("Nothing is stored");
    expect(row.bodySealed.includes("3035550111")).toBe(false);
    const body = web.vault.open(row.bodySealed, { table: "provider_events", column: "body_sealed", row: row.id });
    expect(JSON.parse(body)).toEqual(REPORT);
  });

  test("is kept once, however often it comes and whatever else stands beside it", async () => {
    const again = { ...REPORT, RawDlrDoneDate: "2701111605" };
    expect([await post(web), await post(web), await post(web, { params: again })]).toEqual([204, 204, 204]);
    expect(await Promise.all(Array.from({ length: 8 }, () => post(web)))).toEqual(Array.from({ length: 8 }, () => 204));
    expect(await stored()).toHaveLength(1);
  });

  test("of another status, error or message is another report", async () => {
    for (const changes of [
      {},
      { MessageStatus: "sent" },
      { MessageStatus: "undelivered" },
      { MessageStatus: "undelivered", ErrorCode: "30003" },
      { MessageSid: `SM${"b".repeat(32)}` },
    ])
      expect(await post(web, { params: { ...REPORT, ...changes } })).toBe(204);
    expect(await stored()).toHaveLength(5);
  });

  test("by the token before the newest is kept too, while tokens are rotated", async () => {
    expect(await post(web, { signature: sign(REPORT, { token: AUTH_TOKENS[1] ?? "" }) })).toBe(204);
  });

  test("is believed by our configured address, not by the Host header", async () => {
    expect(await post(web, { host: "evil.example", signature: sign(REPORT, { base: "http://evil.example" }) })).toBe(403);
    expect(await stored()).toEqual([]);
    expect(await post(web, { host: "evil.example" })).toBe(204);
  });

  test.each([
    ["another account", { AccountSid: `AC${"6".repeat(32)}` }, 403],
    ["no account", { AccountSid: "" }, 400],
    ["no message", { MessageSid: "SM1" }, 400],
    ["a status that is none", { MessageStatus: "<script>" }, 400],
    ["an error that is no number", { ErrorCode: "many" }, 400],
  ])("with %s is refused", async (_what, changes, status) => {
    expect(await post(web, { params: { ...REPORT, ...changes } })).toBe(status);
    expect(await stored()).toEqual([]);
  });

  test.each(["1", "..%2f..", "0".repeat(36), `${DELIVERY}0`])("for %s, which is no delivery, is refused", async (id) => {
    const path = `/webhooks/twilio/status/${id}`;
    expect(await post(web, { path, signature: sign(REPORT, { path }) })).toBe(400);
    expect(await stored()).toEqual([]);
  });
});

describe("before anything is verified", () => {
  test.each(["application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencodedx", "x"])(
    "a body of type %s is refused",
    async (type) => {
      expect(await post(web, { type })).toBe(415);
      expect(await stored()).toEqual([]);
    },
  );

  test("64 kB are read and one byte more is not", async () => {
    const padded = (bytes: number) => {
      const params = { ...REPORT, Pad: "" };
      const short = new URLSearchParams(params).toString().length;
      return { ...params, Pad: "x".repeat(bytes - short) };
    };
    expect(await post(web, { params: padded(64 * 1024) })).toBe(204);
    await web.db.deleteFrom("providerEvents").execute();
    expect(await post(web, { params: padded(64 * 1024 + 1) })).toBe(413);
    expect(await stored()).toEqual([]);
  });

  test("a body that grows without saying its length is cut off", async () => {
    const { hostname, port } = new URL(web.url);
    const socket = connect(Number(port), hostname);
    const answer = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    socket.on("error", () => undefined);
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: ${FORM}\r\nx-twilio-signature: ${sign(REPORT)}\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    for (let sent = 0; sent < 10; sent++) socket.write(`2000\r\n${"x".repeat(0x2000)}\r\n`);
    expect(await answer).toContain(" 413 ");
    socket.destroy();
    expect(await stored()).toEqual([]);
  });

  test.each(["GET", "PUT", "DELETE"] as const)("%s is no way to report", async (method) => {
    expect((await fetch(web.url + PATH, { method })).status).toBe(404);
  });
});

test("a refusal says neither what was wrong nor what was asked, and the log holds no field of the form", async () => {
  const answer = await fetch(web.url + PATH, { method: "POST", headers: { "content-type": FORM }, body: new URLSearchParams(REPORT) });
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  expect(await answer.json()).toEqual({
    type: "about:blank",
    title: "Forbidden",
    status: 403,
    correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  await expect.poll(() => web.logged.join("")).toContain('"route":"/webhooks/twilio/status/:deliveryId"');
  expect(web.logged.join("")).not.toMatch(/3035550111|SMa{32}|delivered/);
  expect(web.logged.join("")).not.toContain(DELIVERY);
});
