import { createTransport, type SendMailOptions, type SMTPTransportOptions } from "nodemailer";
import type { LocalSmtpServer } from "../../src/local/smtp-server.ts";

/** A mail that nothing is wrong with. */
export const toAna = { from: "clinic@clinic.test", to: "ana@mail.test", subject: "Tuesday", text: "See you at nine." };

/** Sends a mail over a connection of its own, in plain text unless the options say otherwise. */
export async function sendMail(server: LocalSmtpServer, mail: SendMailOptions = toAna, options: Partial<SMTPTransportOptions> = {}) {
  const transport = createTransport({ host: "127.0.0.1", port: Number(new URL(server.url).port), ignoreTLS: true, ...options });
  try {
    return await transport.sendMail(mail);
  } finally {
    transport.close();
  }
}

/** Whom the accepted mails went to. */
export function recipientsOf(server: LocalSmtpServer): readonly (readonly string[])[] {
  return server.mails().map(({ envelope }) => envelope.to);
}
