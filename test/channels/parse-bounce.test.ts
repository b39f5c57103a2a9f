import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newId } from "../../src/clock.ts";
import { classifyBounce } from "../../src/channels/classify-smtp.ts";
import { parseBounce } from "../../src/channels/parse-bounce.ts";
import { type BounceWish, writeBounce } from "./support/bounces.ts";

const touchpointId = newId<"touchpoint">();
const parse = (wish: Partial<BounceWish> = {}) => parseBounce(writeBounce({ touchpointId, ...wish }));

describe("a report of a mail server", () => {
  test("says which message of ours it speaks of, for whom, and what became of it", async () => {
    expect(await parse()).toEqual({ touchpointId, recipients: [{ addresses: ["ben@mail.test"], action: "failed", status: "5.1.1" }] });
  });

  test.each(["7bit", "base64", "quoted-printable"] as const)("is read in %s", async (encoding) => {
    expect(await parse({ encoding })).toMatchObject({ recipients: [{ action: "failed", status: "5.1.1" }] });
  });

  test("is read when it quotes only the head of the message", async () => {
    expect(await parse({ original: "headers" })).toMatchObject({ touchpointId });
  });

  test("is read by the id that it names itself when it quotes nothing", async () => {
    expect(await parse({ original: "none", message: [`Original-Message-ID: <tp-${touchpointId}@harbor.test>`] })).toMatchObject({
      touchpointId,
    });
    expect(await parse({ original: "none" })).toBeUndefined();
  });

  test.each(["failed", "delayed", "delivered", "relayed", "expanded"])(
    "says '%s', whatever its capitals and whatever stands behind it",
    async (action) => {
      const said = `${action.toUpperCase()} (as Exchange writes)`;
      expect(await parse({ action: said })).toMatchObject({ recipients: [{ action }] });
    },
  );

  test("gives the status that the other server gave where its own says nothing, as Exim does", async () => {
    const told = (status: string, diagnosis: string) =>
      parse({
        recipient: ["Action: failed", "Final-Recipient: rfc822;ben@mail.test", `Status: ${status}`, `Diagnostic-Code: ${diagnosis}`],
      });
    expect(await told("5.0.0", "smtp; 550 5.1.1 User unknown")).toMatchObject({ recipients: [{ status: "5.1.1" }] });
    expect(await told("5.0.0", "smtp; 550-5.1.1 The account\r\n 550 5.1.1 does not exist")).toMatchObject({
      recipients: [{ status: "5.1.1" }],
    });
    expect(await told("5.0.0", "smtp; 550 User unknown")).toMatchObject({ recipients: [{ status: "5.0.0" }] });
    expect(await told("5.0.0", "x-unix; 550 5.1.1")).toMatchObject({ recipients: [{ status: "5.0.0" }] });
    expect(await told("4.0.0", "smtp; 550 5.1.1 User unknown")).toMatchObject({ recipients: [{ status: "4.0.0" }] });
    expect(await told("5.2.2", "smtp; 550 5.1.1 User unknown")).toMatchObject({ recipients: [{ status: "5.2.2" }] });
  });

  test("is read in the form for addresses in UTF-8", async () => {
    const global = writeBounce({
      touchpointId,
      original: "headers",
      recipient: ["Final-Recipient: utf-8; ben@mail.test", "Action: failed", "Status: 5.1.1"],
    })
      .toString("latin1")
      .replace("message/delivery-status", "message/global-delivery-status")
      .replace("text/rfc822-headers", "message/global-headers");
    expect(global).toContain("message/global-headers");
    expect(await parseBounce(Buffer.from(global, "latin1"))).toEqual({
      touchpointId,
      recipients: [{ addresses: ["ben@mail.test"], action: "failed", status: "5.1.1" }],
    });
  });

  test("names both addresses where mail is passed on", async () => {
    const recipient = [
      "Original-Recipient: rfc822; Ben@Mail.test",
      "Final-Recipient: RFC822; ben@elsewhere.test",
      "Action: failed",
      "Status: 5.2.1 (off)",
    ];
    expect(await parse({ recipient })).toMatchObject({
      recipients: [{ addresses: ["ben@mail.test", "ben@elsewhere.test"], status: "5.2.1" }],
    });
  });

  test("of an address that is none of ours has no address", async () => {
    const recipient = ["Final-Recipient: x-local; ben", "Action: failed", "Status: 5.1.1"];
    expect(await parse({ recipient })).toMatchObject({ recipients: [{ addresses: [] }] });
  });
});

describe("no report is", () => {
  test.each([
    ["an action that is none", { action: "vanished" }],
    ["a status that is none", { status: "banana" }],
    ["no recipient", { recipient: [] }],
  ])("one with %s", async (_, wish) => {
    expect(await parse(wish)).toBeUndefined();
  });

  test("one about a message of somebody else", async () => {
    expect(await parse({ touchpointId: "not-ours" })).toBeUndefined();
  });

  test("one whose text, and not its head, names a message of ours", async () => {
    const mail = writeBounce({ touchpointId: "not-ours" })
      .toString("latin1")
      .replace("See you on Monday.", `Message-ID: <tp-${touchpointId}@harbor.test>`);
    expect(await parseBounce(Buffer.from(mail, "latin1"))).toBeUndefined();
  });

  test("an out-of-office notice, an empty mail, or bytes of any kind; and none of them is an error", async () => {
    const notice = `Subject: Away\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: <tp-${touchpointId}@harbor.test>\r\n\r\nI am away.\r\n`;
    expect(await parseBounce(Buffer.from(notice))).toBeUndefined();
    expect(await parseBounce(Buffer.alloc(0))).toBeUndefined();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect(await parseBounce(Buffer.from(bytes))).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test("one that is cut off before it says what became of whom", async () => {
    const mail = writeBounce({ touchpointId });
    expect(await parseBounce(mail.subarray(0, mail.indexOf("Action")))).toBeUndefined();
  });
});

describe("of an address, the status of a bounce says", () => {
  test.each([
    ["5.1.1", "bad-address"],
    ["5.1.2", "bad-address"],
    ["5.1.3", "bad-address"],
    ["5.1.6", "bad-address"],
    ["5.1.10", "bad-address"],
    ["5.2.1", "bad-address"],
    ["5.2.2", "unreachable"],
    ["4.2.2", "unreachable"],
    ["4.4.7", "unreachable"],
    ["5.0.0", "unreachable"],
    ["5.4.4", "unreachable"],
    ["5.1.8", "ours"],
    ["5.2.3", "ours"],
    ["5.3.4", "ours"],
    ["5.6.1", "ours"],
    ["5.7.1", "ours"],
    ["5.7.26", "ours"],
  ])("with %s that it is %s", (status, failure) => {
    expect(classifyBounce(status)).toBe(failure);
  });
});
