import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import type { SMTPTransportOptions } from "nodemailer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLoopbackCertificate } from "../../src/local/loopback-certificate.ts";
import { type LocalSmtpServer, startSmtpServer } from "../../src/local/smtp-server.ts";
import { makeOpenFolder } from "./bare-checkout.ts";
import { recipientsOf, sendMail, toAna } from "./send-mail.ts";

let server: LocalSmtpServer;

beforeEach(async () => {
  server = await startSmtpServer();
});

afterEach(async () => {
  await server.stop();
});

describe("an accepted mail", () => {
  test("is kept with its envelope and its bytes, whatever its headers say", async () => {
    await sendMail(server, {
      ...toAna,
      envelope: { from: "bounce@clinic.test", to: ["ana@mail.test", "ben@mail.test"] },
      text: "First\n.hidden dot\nlast",
    });
    const [mail] = server.mails();
    expect(mail?.envelope).toEqual({ from: "bounce@clinic.test", to: ["ana@mail.test", "ben@mail.test"] });
    const parsed = await simpleParser(mail?.raw ?? "");
    expect([parsed.subject, parsed.text?.trimEnd()]).toEqual(["Tuesday", "First\n.hidden dot\nlast"]);
  });

  test("carries the time of the clock the server was given", async () => {
    const noon = new Date("2027-01-11T12:00:00Z");
    const timed = await startSmtpServer({ now: () => noon });
    await sendMail(timed);
    expect(timed.mails()[0]?.receivedAt).toEqual(noon);
    await timed.stop();
  });

  test("wakes whoever waits for it", async () => {
    const both = server.waitForMails(2, { withinMs: 5_000 });
    await sendMail(server);
    await sendMail(server, { ...toAna, to: "ben@mail.test" });
    expect(await both).toHaveLength(2);
  });

  test("that never comes is said to be missing", async () => {
    await sendMail(server);
    await expect(server.waitForMails(2, { withinMs: 20 })).rejects.toThrow("Only 1 of 2 mails within 20 ms.");
  });

  test("is a file a person can open, named by order and recipient", async () => {
    const room = await makeOpenFolder();
    const filing = await startSmtpServer({ dir: join(room.folder, "mails") });
    await sendMail(filing);
    await sendMail(filing, { ...toAna, to: "/ben/x@mail.test" });
    await filing.stop();
    const files = (await readdir(join(room.folder, "mails"))).sort();
    expect(files).toEqual(["0001-ana@mail.test.eml", "0002-_ben_x@mail.test.eml"]);
    expect(await readFile(join(room.folder, "mails", "0001-ana@mail.test.eml"), "utf8")).toContain("Subject: Tuesday");
    await room.remove();
  });

  test("may come with any user and password", async () => {
    await sendMail(server, toAna, { auth: { user: "clinic", pass: "secret" } });
    expect(recipientsOf(server)).toEqual([["ana@mail.test"]]);
  });

  test("is forgotten on request", async () => {
    await sendMail(server);
    server.clear();
    expect(server.mails()).toEqual([]);
  });

  test("cut off in the middle was never sent", async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const lines = ["EHLO ana", "MAIL FROM:<a@mail.test>", "RCPT TO:<b@mail.test>", "DATA"];
    for (const line of lines) {
      await once(socket, "data");
      socket.write(`${line}\r\n`);
    }
    await once(socket, "data");
    socket.write("Subject: half\r\n\r\nhal");
    socket.resetAndDestroy();
    await sendMail(server);
    expect(recipientsOf(server)).toEqual([["ana@mail.test"]]);
  });
});

describe("STARTTLS", () => {
  async function sendTo(to: LocalSmtpServer, tls: SMTPTransportOptions["tls"]) {
    return sendMail(to, toAna, { ignoreTLS: false, requireTLS: true, tls: { ...tls, servername: "localhost" } });
  }

  test("is taken by a client that trusts the certificate and refused by one that does not", async () => {
    const starttls = createLoopbackCertificate();
    const secure = await startSmtpServer({ starttls });
    await expect(sendTo(secure, {})).rejects.toThrow(/self-signed certificate/);
    expect(secure.mails()).toEqual([]);
    await sendTo(secure, { ca: starttls.cert });
    expect(recipientsOf(secure)).toEqual([["ana@mail.test"]]);
    await secure.stop();
  });

  test("with an expired certificate is refused", async () => {
    const day = 86_400_000;
    const starttls = createLoopbackCertificate({ from: new Date(Date.now() - 2 * day), until: new Date(Date.now() - day) });
    const secure = await startSmtpServer({ starttls });
    await expect(sendTo(secure, { ca: starttls.cert })).rejects.toThrow(/certificate has expired/);
    expect(secure.mails()).toEqual([]);
    await secure.stop();
  });

  test("is not offered without a certificate, so a client that insists on it sends nothing", async () => {
    await expect(sendTo(server, {})).rejects.toMatchObject({ code: "ETLS" });
    expect(server.mails()).toEqual([]);
  });
});
