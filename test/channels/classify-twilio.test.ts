import { describe, expect, test } from "vitest";
import { classifyTwilio } from "../../src/channels/classify-twilio.ts";

const NOW = Date.UTC(2027, 0, 11, 14);
const SID = `SM${"0123456789abcdef".repeat(2)}`;
const answered = (status: number, body: unknown, retryAfter: string | null = null) =>
  classifyTwilio({
    kind: "answered",
    status,
    retryAfter,
    body: typeof body === "string" || body === null ? body : JSON.stringify(body),
    now: NOW,
  });
const refusedWith = (code: number, status = 400) => answered(status, { code, message: "no", status });

describe("success", () => {
  test("is an answer that names its sid", () => {
    expect(answered(201, { sid: SID, status: "queued", more: [] })).toEqual({ kind: "sent", providerMessageId: SID });
    expect(answered(200, { sid: SID.replace("SM", "MM") })).toMatchObject({ kind: "sent" });
  });

  test.each([null, "", "<html>", "{}", '{"sid":null}', '{"sid":"AC0123"}', `{"sid":"${SID}`, "[]", "null"])(
    "that cannot be read is unknown: %j",
    (body) => {
      expect(answered(201, body)).toEqual({ kind: "unknown", code: "http-201" });
    },
  );
});

describe("an answer without an end", () => {
  test.each([500, 502, 503, 504, 302, 304, 100])("of status %d is unknown, since the text may have been taken", (status) => {
    expect(answered(status, { code: 20500 })).toEqual({ kind: "unknown", code: `http-${status}` });
  });
});

describe("a request that broke off", () => {
  test("before it was written is not sent", () => {
    expect(classifyTwilio({ kind: "broken", written: false, error: "ECONNREFUSED" })).toEqual({ kind: "not-sent", code: "ECONNREFUSED" });
  });
  test("after it was written is unknown", () => {
    expect(classifyTwilio({ kind: "broken", written: true, error: "UND_ERR_SOCKET" })).toEqual({ kind: "unknown", code: "UND_ERR_SOCKET" });
  });
});

describe("too many requests", () => {
  test.each([
    ["2", 2_000],
    ["0", 1_000],
    [null, 1_000],
    ["soon", 1_000],
    ["-5", 1_000],
    ["7200", 3_600_000],
    ["Mon, 11 Jan 2027 14:00:30 GMT", 30_000],
    ["Mon, 11 Jan 2027 13:00:00 GMT", 1_000],
  ])("wait as long as Retry-After says, from a second to an hour: %j", (retryAfter, retryAfterMs) => {
    expect(answered(429, { code: 20429 }, retryAfter)).toEqual({ kind: "throttled", retryAfterMs, code: "20429" });
  });

  test("are known by the status alone", () => {
    expect(answered(429, "slow down")).toEqual({ kind: "throttled", retryAfterMs: 1_000, code: "http-429" });
  });

  test.each([21611, 30001, 30022, 30023, 63017, 63038])("include full queues and daily caps: %d", (code) => {
    expect(refusedWith(code)).toEqual({ kind: "throttled", retryAfterMs: 60_000, code: String(code) });
  });
});

describe("a refusal", () => {
  test.each([
    [21610, "opted-out"],
    [21211, "bad-address"],
    [21614, "bad-address"],
    [21612, "bad-address"],
    [21635, "bad-address"],
    [30005, "bad-address"],
    [30006, "bad-address"],
    [21606, "sender-refused"],
    [21608, "sender-refused"],
    [21212, "sender-refused"],
    [21408, "sender-refused"],
    [30002, "sender-refused"],
    [30024, "sender-refused"],
    [30034, "sender-refused"],
    [30007, "content-refused"],
    [21602, "content-refused"],
    [21617, "content-refused"],
    [90007, "content-refused"],
    [14107, "content-refused"],
    [12345, "refused"],
  ])("of code %d is %s", (code, reason) => {
    expect(refusedWith(code)).toEqual({ kind: "refused", reason, code: String(code) });
  });

  test("of the account is the sender's, with a code or without", () => {
    expect(refusedWith(20003, 401)).toEqual({ kind: "refused", reason: "sender-refused", code: "20003" });
    expect(answered(403, "no")).toEqual({ kind: "refused", reason: "sender-refused", code: "http-403" });
    expect(refusedWith(20404, 404)).toEqual({ kind: "refused", reason: "sender-refused", code: "20404" });
  });

  test("without a code is a refusal all the same, also when its body never came", () => {
    expect(answered(400, null)).toEqual({ kind: "refused", reason: "refused", code: "http-400" });
    expect(answered(400, { code: "21610" })).toEqual({ kind: "refused", reason: "refused", code: "http-400" });
  });

  test("for a request that came too slowly is not sent", () => {
    expect(answered(408, null)).toEqual({ kind: "not-sent", code: "http-408" });
  });
});
