/** R2: nodemailer's own pool of 20 connections, mails of 10 kB HTML and its text. */
import { createTransport } from "nodemailer";
import { z } from "zod";
import { moment, serve } from "./serve.ts";

const startInput = z.object({ port: z.number(), connections: z.number() });
const mailsInput = z.object({ mails: z.number() });

const PARAGRAPH =
  '<p style="font-family:sans-serif">Your appointment is on Monday, January 11 at 9:00 AM. Please don\'t eat after 3:00 AM.</p>\n';
const html = PARAGRAPH.repeat(Math.ceil(10_000 / PARAGRAPH.length));
const text = "Your appointment is on Monday, January 11 at 9:00 AM. Please don't eat after 3:00 AM.\n".repeat(12);

const open = ({ port, connections }: z.infer<typeof startInput>) =>
  createTransport({
    pool: true,
    host: "127.0.0.1",
    port,
    ignoreTLS: true,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
  });
let transport: ReturnType<typeof open> | undefined;

serve({
  start: (input) => {
    transport = open(startInput.parse(input));
    return Promise.resolve({});
  },
  send: async (input) => {
    const { mails } = mailsInput.parse(input);
    const via = transport;
    if (!via) throw new Error("Not started");
    const startedAt = moment();
    await Promise.all(
      Array.from({ length: mails }, (_, index) =>
        via.sendMail({
          from: { name: "Aspen Ridge Clinic", address: "care@clinic.example.org" },
          to: `patient-${index}@patients.example.org`,
          subject: "Your appointment on Monday",
          html,
          text,
        }),
      ),
    );
    return { ms: moment() - startedAt };
  },
});
