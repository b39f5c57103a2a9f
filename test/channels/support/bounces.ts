/** Delivery reports as mail servers write them: RFC 3464 by Postfix, and what its relatives do otherwise. */
export type BounceWish = {
  readonly touchpointId: string;
  readonly to?: string;
  readonly action?: string;
  readonly status?: string;
  /** Lines of the part about the message. */
  readonly message?: readonly string[];
  /** Lines of the part about the recipient; as Postfix writes them when left out. */
  readonly recipient?: readonly string[];
  /** How the original is quoted. */
  readonly original?: "whole" | "headers" | "none";
  readonly encoding?: "7bit" | "base64" | "quoted-printable";
};

/** One report, with lines that end as on the wire. */
export function writeBounce(wish: BounceWish): Buffer {
  const { touchpointId, to = "ben@mail.test", action = "failed", status = "5.1.1", original = "whole", encoding = "7bit" } = wish;
  const report = [
    "Reporting-MTA: dns; mx.harbor.test",
    "Arrival-Date: Mon, 11 Jan 2027 09:00:00 -0700 (MST)",
    ...(wish.message ?? []),
    "",
    ...(wish.recipient ?? [
      `Final-Recipient: rfc822; ${to}`,
      `Original-Recipient: rfc822;${to}`,
      `Action: ${action}`,
      `Status: ${status}`,
      "Remote-MTA: dns; mx.mail.test",
      `Diagnostic-Code: smtp; 550 ${status} <${to}>: Recipient address rejected:`,
      "    no such user here",
    ]),
    "",
  ].join("\r\n");
  const quoted = [
    "From: Harbor Clinic <hello@harbor.test>",
    `To: ${to}`,
    "Subject: Your visit",
    `Message-ID: <tp-${touchpointId}@harbor.test>`,
    "",
  ];
  return Buffer.from(
    [
      "Return-Path: <>",
      "Date: Mon, 11 Jan 2027 09:00:05 -0700 (MST)",
      "From: MAILER-DAEMON@mx.harbor.test (Mail Delivery System)",
      "Subject: Undelivered Mail Returned to Sender",
      "To: hello@harbor.test",
      "Auto-Submitted: auto-replied",
      "MIME-Version: 1.0",
      'Content-Type: multipart/report; report-type=delivery-status; boundary="B/1.mx"',
      "",
      "This is a MIME-encapsulated message.",
      "",
      "--B/1.mx",
      "Content-Type: text/plain; charset=us-ascii",
      "",
      "I'm sorry to have to inform you that your message could not be delivered.",
      "",
      "--B/1.mx",
      "Content-Description: Delivery report",
      "Content-Type: message/delivery-status",
      `Content-Transfer-Encoding: ${encoding}`,
      "",
      encode(report, encoding),
      ...quote(original, quoted),
      "--B/1.mx--",
      "",
    ].join("\r\n"),
    "latin1",
  );
}

function encode(text: string, encoding: BounceWish["encoding"]): string {
  if (encoding === "base64")
    return Buffer.from(text)
      .toString("base64")
      .replace(/.{1,76}/g, "$&\r\n");
  return encoding === "quoted-printable" ? text.replace(/=/g, "=3D").replace("Action", "Act=\r\nion") : text;
}

function quote(original: NonNullable<BounceWish["original"]>, lines: readonly string[]): string[] {
  if (original === "none") return [];
  if (original === "headers") return ["--B/1.mx", "Content-Type: text/rfc822-headers", "", ...lines];
  return ["--B/1.mx", "Content-Type: message/rfc822", "", ...lines, "See you on Monday.", ""];
}
