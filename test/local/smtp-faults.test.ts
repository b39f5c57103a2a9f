import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SmtpFault } from "../../src/local/smtp-faults.ts";
import { type LocalSmtpServer, startSmtpServer } from "../../src/local/smtp-server.ts";
import { recipientsOf, sendMail, toAna } from "./send-mail.ts";

let server: LocalSmtpServer;

beforeEach(async () => {
  server = await startSmtpServer();
});

afterEach(async () => {
  await server.stop();
});

describe("a refusal", () => {
  test.each<[SmtpFault, number]>([
    [{ does: "refuse", at: "connect", code: 421 }, 421],
    [{ does: "refuse", at: "mail", code: 421 }, 421],
    [{ does: "refuse", at: "rcpt", code: 550 }, 550],
    [{ does: "refuse", at: "rcpt", code: 450 }, 450],
    [{ does: "refuse", at: "dot", code: 451 }, 451],
    [{ does: "refuse", at: "dot", code: 552 }, 552],
  ])("%o is answered with its code and the mail is not kept", async (fault, responseCode) => {
    server.setFaults([fault]);
    await expect(sendMail(server)).rejects.toMatchObject({ responseCode });
    expect(server.mails()).toEqual([]);
  });

  test("of one address leaves the others of the same mail", async () => {
    server.setFaults([{ does: "refuse", at: "rcpt", code: 550, to: "Ana@mail.test" }]);
    const { rejected } = await sendMail(server, { ...toAna, to: ["ana@mail.test", "ben@mail.test"] });
    expect(rejected).toEqual(["ana@mail.test"]);
    expect(recipientsOf(server)).toEqual([["ben@mail.test"]]);
  });

  test("that is limited ends by itself, and any fault ends on request", async () => {
    server.setFaults([{ does: "refuse", at: "rcpt", code: 450, times: 1 }]);
    await expect(sendMail(server)).rejects.toMatchObject({ responseCode: 450 });
    await sendMail(server);
    server.setFaults([{ does: "refuse", at: "rcpt", code: 450 }]);
    await expect(sendMail(server)).rejects.toMatchObject({ responseCode: 450 });
    server.setFaults([]);
    await sendMail(server);
    expect(server.mails()).toHaveLength(2);
  });
});

describe("a broken connection", () => {
  const impatient = { greetingTimeout: 600, socketTimeout: 600 };
  const phases = ["connect", "ehlo", "mail", "rcpt", "dot"] as const;

  test.each(phases)("dropped at %s has delivered nothing", async (at) => {
    server.setFaults([{ does: "drop", at }]);
    await expect(sendMail(server)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNECTION|ESOCKET/) });
    expect(server.mails()).toEqual([]);
  });

  test.each(phases)("silent at %s has delivered nothing", async (at) => {
    server.setFaults([{ does: "hang", at }]);
    await expect(sendMail(server, toAna, impatient)).rejects.toMatchObject({ code: "ETIMEDOUT" });
    expect(server.mails()).toEqual([]);
  });

  test.each([
    ["drop-after-accepting", /ECONNECTION|ESOCKET/],
    ["hang-after-accepting", /ETIMEDOUT/],
  ] as const)("by %s has delivered the mail although the sender sees an error", async (does, code) => {
    server.setFaults([{ does }]);
    await expect(sendMail(server, toAna, impatient)).rejects.toMatchObject({ code: expect.stringMatching(code) });
    expect(recipientsOf(server)).toEqual([["ana@mail.test"]]);
  });

  test("that drips delivers each reply byte by byte, and the mail in the end", async () => {
    server.setFaults([{ does: "drip", everyMs: 5, times: 1 }]);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const pieces: string[] = [];
    for await (const piece of socket) {
      pieces.push(String(piece));
      if (String(piece).endsWith("\n")) break;
    }
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toMatch(/^220 .*\r\n$/);
    server.setFaults([{ does: "drip", everyMs: 0 }]);
    await sendMail(server);
    expect(recipientsOf(server)).toEqual([["ana@mail.test"]]);
  });
});
