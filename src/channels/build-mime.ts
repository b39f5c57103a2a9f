/** The bytes of a mail, built in one pass: a fixed shape needs no general composer (nodemailer's costs seven tenths of a mail). */
import { encodeHeader, encodeMailbox, fitsHeader } from "./encode-header.ts";

type Calendar = { readonly method: "REQUEST" | "CANCEL"; readonly ics: string };

export type Mail = {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  /** With its angle brackets. */
  readonly messageId: string;
  /** Milliseconds since 1970, for the Date header. */
  readonly writtenAt: number;
  readonly text: string;
  readonly html: string;
  readonly calendar: Calendar | null;
  readonly furtherCalendars?: readonly Calendar[];
  /** An https address of printable ASCII. */
  readonly unsubscribe?: string;
};

export type BuiltMail = { readonly bytes: Buffer } | { readonly fault: "from" | "to" | "subject" | "message-id" | "unsubscribe" };

// A boundary with "_" cannot occur in a part, because every part is base64.
const MIXED = "=_afterglow_mixed";
const ALTERNATIVE = "=_afterglow_alternative";
// One unquoted, ASCII address: nodemailer takes other forms apart into several recipients.
const BARE_ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/;
const UNSUBSCRIBE = /^https:\/\/[!-;=?-~]{1,900}$/;
const MESSAGE_ID = /^<[A-Za-z0-9.-]+@[A-Za-z0-9.-]+>$/;

/** Whether a text is one bare ASCII address and nothing else: no name, comment, quotes, list or line break. */
export function isBareAddress(text: string): boolean {
  return text.length <= 254 && BARE_ADDRESS.test(text);
}

/**
 * Builds the mail: text, HTML and, with an invitation, the calendar as a third alternative (what Gmail, Outlook and Apple Mail act on) and as an attachment
 * (for readers that show no invitations); further calendars are attachments that say their method, so that they too can be acted on. Bodies are base64 in lines of 76. The same mail gives the same bytes. A value that cannot stand in its header is
 * named and nothing is built.
 */
export function buildMime(mail: Mail): BuiltMail {
  if (!fitsHeader(mail.from.name) || !isBareAddress(mail.from.address)) return { fault: "from" };
  if (!isBareAddress(mail.to)) return { fault: "to" };
  if (!fitsHeader(mail.subject)) return { fault: "subject" };
  if (!MESSAGE_ID.test(mail.messageId)) return { fault: "message-id" };
  if (mail.unsubscribe !== undefined && !UNSUBSCRIBE.test(mail.unsubscribe)) return { fault: "unsubscribe" };
  return { bytes: Buffer.from(writeHeaders(mail) + writeBody(mail), "latin1") };
}

function writeHeaders(mail: Mail): string {
  return [
    encodeMailbox("From", mail.from),
    `To: ${mail.to}`,
    encodeHeader("Subject", mail.subject),
    `Date: ${new Date(mail.writtenAt).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: ${mail.messageId}`,
    "Auto-Submitted: auto-generated",
    ...writeUnsubscribe(mail),
    "MIME-Version: 1.0",
    "",
  ].join("\r\n");
}

/** One click, RFC 8058; whoever signs the mail signs both headers (DKIM). A long address stays on a line of its own, below the 998 octets of RFC 5322. */
function writeUnsubscribe({ unsubscribe }: Mail): string[] {
  return unsubscribe === undefined ? [] : [`List-Unsubscribe:\r\n <${unsubscribe}>`, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"];
}

function writeBody({ text, html, calendar, furtherCalendars = [] }: Mail): string {
  const parts = [writePart("text/plain; charset=utf-8", text), writePart("text/html; charset=utf-8", html)];
  if (!calendar) return writeMultipart("alternative", ALTERNATIVE, parts);
  const { method, ics } = calendar;
  parts.push(writePart(`text/calendar; charset=utf-8; method=${method}`, ics));
  const attachments = [writeAttachment(ics), ...furtherCalendars.map(writeFurther)];
  return writeMultipart("mixed", MIXED, [writeMultipart("alternative", ALTERNATIVE, parts), ...attachments]);
}

function writeMultipart(kind: "alternative" | "mixed", boundary: string, parts: readonly string[]): string {
  const opened = parts.map((part) => `--${boundary}\r\n${part}`).join("");
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n${opened}--${boundary}--\r\n`;
}

function writePart(type: string, content: string): string {
  return `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${toBase64Lines(content)}`;
}

function writeAttachment(ics: string): string {
  const disposition = 'Content-Disposition: attachment; filename="invite.ics"';
  return `Content-Type: application/ics; name="invite.ics"\r\n${disposition}\r\nContent-Transfer-Encoding: base64\r\n\r\n${toBase64Lines(ics)}`;
}

function writeFurther({ method, ics }: Calendar, index: number): string {
  const name = `invite-${index + 2}.ics`;
  const type = `Content-Type: text/calendar; charset=utf-8; method=${method};\r\n name="${name}"`;
  const disposition = `Content-Disposition: attachment; filename="${name}"`;
  return `${type}\r\n${disposition}\r\nContent-Transfer-Encoding: base64\r\n\r\n${toBase64Lines(ics)}`;
}

/** Lines of 76 with CRLF, from a text whose own line ends are made CRLF first, as RFC 2046 section 4.1.1 wants of text. */
function toBase64Lines(text: string): string {
  const encoded = Buffer.from(text.replace(/\r?\n/g, "\r\n")).toString("base64");
  let lines = "";
  for (let at = 0; at < encoded.length; at += 76) lines += `${encoded.slice(at, at + 76)}\r\n`;
  return lines;
}
