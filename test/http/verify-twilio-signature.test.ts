import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { verifyTwilioSignature } from "../../src/http/verify-twilio-signature.ts";

const url = "https://harbor.test/sms-status/0192aaaa?x=it's";
const params = { MessageSid: `SM${"0".repeat(32)}`, MessageStatus: "delivered", To: "+14155550123" };

/** Twilio's algorithm, written out: the URL and every field with its value, in order of their names. */
function sign(token: string, signed: { url?: string; params?: Record<string, string> } = {}): string {
  const fields = Object.entries(signed.params ?? params).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac("sha1", token)
    .update((signed.url ?? url) + fields.flat().join(""))
    .digest("base64");
}
const verify = (changes: Partial<Parameters<typeof verifyTwilioSignature>[0]> = {}) =>
  verifyTwilioSignature({ url, params, signature: sign("new"), authTokens: ["new"], ...changes });

describe("a signature", () => {
  test("by the token holds", () => {
    expect(verify()).toBe(true);
  });

  test("by any of the tokens holds while they are rotated", () => {
    expect(verify({ authTokens: ["newer", "new"] })).toBe(true);
    expect(verify({ authTokens: ["newer", "newest"] })).toBe(false);
  });

  test("does not hold for another address, field, value, or one field more or less", () => {
    expect(verify({ url: "https://harbor.test/sms-status/0192bbbb?x=it's" })).toBe(false);
    expect(verify({ url: url.replace("https", "http") })).toBe(false);
    expect(verify({ params: { ...params, MessageStatus: "failed" } })).toBe(false);
    expect(verify({ params: { ...params, Extra: "1" } })).toBe(false);
    expect(verify({ params: { MessageSid: params.MessageSid, To: params.To } })).toBe(false);
  });

  test("of a text with other scripts holds", () => {
    const text = { Body: "Sí, mañana 👍\r\n" };
    expect(verify({ params: text, signature: sign("new", { params: text }) })).toBe(true);
  });

  test.each([undefined, "", "x", "a".repeat(28), `${sign("new")} `, sign("new").toLowerCase(), "ü".repeat(28)])(
    "%j is none",
    (signature) => {
      expect(verify({ signature })).toBe(false);
    },
  );

  test("with no token, or an empty one, never holds", () => {
    expect(verify({ authTokens: [] })).toBe(false);
    expect(verify({ signature: sign(""), authTokens: [""] })).toBe(false);
  });

  test.each(["", "not a url", "/sms-status/1", "https://"])("for %j, which is no address, never holds and does not throw", (notUrl) => {
    expect(verify({ url: notUrl, signature: sign("new", { url: notUrl }) })).toBe(false);
  });

  test("knows no borders between fields: the caller checks their names", () => {
    expect(verify({ params: { BodyS: "TOP" }, signature: sign("new", { params: { Body: "STOP" } }) })).toBe(true);
  });
});
