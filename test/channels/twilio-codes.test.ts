import { describe, expect, test } from "vitest";
import { classifyTwilio } from "../../src/channels/classify-twilio.ts";
import { classifyTwilioReport } from "../../src/channels/twilio-codes.ts";

const refusedWith = (code: number) =>
  classifyTwilio({ kind: "answered", status: 400, retryAfter: null, body: JSON.stringify({ code }), now: 0 });

/** The table of what Twilio's codes mean: when a request is refused, and when a report comes later. */
const CODES = [
  [14107, "content-refused", "ours", "thirty replies in thirty seconds"],
  [20003, "sender-refused", "ours", "credentials"],
  [20404, "sender-refused", "ours", "no such account"],
  [21211, "bad-address", "bad-address", "not a number"],
  [21212, "sender-refused", "ours", "not a sender"],
  [21408, "sender-refused", "ours", "region not allowed"],
  [21602, "content-refused", "ours", "no body"],
  [21603, "sender-refused", "ours", "no sender"],
  [21606, "sender-refused", "ours", "sender cannot text"],
  [21608, "sender-refused", "ours", "trial account"],
  [21610, "opted-out", "opted-out", "sent STOP"],
  [21611, "pause", "ours", "queue of the sender full"],
  [21612, "bad-address", "bad-address", "not routable"],
  [21614, "bad-address", "bad-address", "not mobile"],
  [21617, "content-refused", "ours", "body too long"],
  [21635, "bad-address", "bad-address", "landline"],
  [21659, "sender-refused", "ours", "not our number"],
  [21660, "sender-refused", "ours", "sender of another account"],
  [30001, "pause", "ours", "queue of the service full"],
  [30002, "sender-refused", "ours", "account suspended"],
  [30003, "refused", "unreachable", "handset off"],
  [30004, "opted-out", "opted-out", "blocked, as after STOP to a toll-free number"],
  [30005, "bad-address", "bad-address", "unknown handset"],
  [30006, "bad-address", "bad-address", "landline or unreachable carrier"],
  [30007, "content-refused", "ours", "filtered"],
  [30008, "refused", "unreachable", "unknown error"],
  [30022, "pause", "ours", "rate"],
  [30023, "pause", "ours", "daily cap of a carrier"],
  [30024, "sender-refused", "ours", "not provisioned"],
  [30034, "sender-refused", "ours", "not registered"],
  [30036, "refused", "unreachable", "validity period over"],
  [35114, "content-refused", "ours", "scheduling"],
  [35115, "content-refused", "ours", "scheduling"],
  [35116, "content-refused", "ours", "scheduling"],
  [35117, "content-refused", "ours", "scheduling"],
  [35118, "content-refused", "ours", "scheduling"],
  [35126, "content-refused", "ours", "scheduling"],
  [63017, "pause", "ours", "rate of the account"],
  [63038, "pause", "ours", "daily cap of the account"],
  [90007, "content-refused", "ours", "validity period"],
] as const;

describe("Twilio's code", () => {
  test.each(CODES)("%d refuses a request as %s, and in a report is %s: %s", (code, refused, reported) => {
    const outcome = refusedWith(code);
    if (refused === "pause") expect(outcome).toMatchObject({ kind: "throttled", code: String(code) });
    else expect(outcome).toEqual({ kind: "refused", reason: refused, code: String(code) });
    expect(classifyTwilioReport(String(code))).toBe(reported);
  });

  test("20429 is too many at once and never processed: later, and no refusal", () => {
    expect(refusedWith(20429)).toMatchObject({ kind: "throttled", code: "20429" });
  });

  test("that nobody knows, or none, says only that it did not work", () => {
    expect(refusedWith(99999)).toEqual({ kind: "refused", reason: "refused", code: "99999" });
    expect(classifyTwilioReport("99999")).toBe("unreachable");
    expect(classifyTwilioReport(null)).toBe("unreachable");
  });
});
