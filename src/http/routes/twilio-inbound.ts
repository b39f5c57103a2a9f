/**
 * `POST /webhooks/twilio/inbound`: a text that somebody sent to one of our numbers. Checked in this order: size, content type, signature, shape, account, number;
 * then stored sealed and answered with an empty TwiML document at once, so that nothing but what we decide is ever sent back. Making something of it is other work.
 * A repeat, even years later, changes nothing. https://www.twilio.com/docs/messaging/guides/webhook-request
 */
import formbody from "@fastify/formbody";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { CarrierKeyword } from "../../domain/classify-reply.ts";
import { findReceivingSender, insertInbound } from "../../db/inbound-messages.ts";
import { sendProblem } from "../problem.ts";
import type { ReplyHints } from "../reply-hints.ts";
import { readSigned, type TwilioDeps } from "../twilio-request.ts";

export type TwilioInboundDeps = Omit<TwilioDeps, "hints"> & { readonly replies: ReplyHints };

/** Twilio adds fields without notice, so others may stand beside these. Texts of several segments come whole, at most 1,600 characters; short codes and names write too. */
const text = z.looseObject({
  AccountSid: z.string().regex(/^AC[0-9a-f]{32}$/),
  MessageSid: z.string().regex(/^(?:SM|MM)[0-9a-f]{32}$/),
  From: z.string().min(1).max(64),
  To: z.string().regex(/^\+[1-9]\d{6,14}$/),
  Body: z.string().max(10_000).default(""),
  NumMedia: z
    .string()
    .regex(/^\d{1,2}$/)
    .default("0"),
  OptOutType: z.string().max(32).optional(),
});

const TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

export function twilioInbound(deps: TwilioInboundDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers();
    await app.register(formbody);
    app.post("/webhooks/twilio/inbound", async (request, reply) => {
      const params = readSigned(request, deps);
      if (!params) return refuse("signature", 403);
      const read = text.safeParse(params);
      if (!read.success) return refuse("shape", 400);
      const { AccountSid, MessageSid, From, To, Body, NumMedia, OptOutType } = read.data;
      if (AccountSid !== deps.accountSid) return refuse("account", 403);
      const sender = await findReceivingSender(deps.db, To);
      if (!sender) return refuse("number", 403);
      // PostgreSQL's text holds no NUL, and no telephone shows one.
      const body = Body.replaceAll("\0", "");
      const inbound = {
        sender,
        providerMessageId: MessageSid,
        from: From,
        body,
        media: Number(NumMedia),
        carrierKeyword: toKeyword(OptOutType),
      };
      const id = await insertInbound(deps.db, inbound, deps.vault);
      // Not waited for: whatever the queue does, what is stored is handled.
      if (id !== undefined) deps.replies.add(id, body);
      return reply.type("text/xml; charset=utf-8").send(TWIML);

      function refuse(kind: string, status: number) {
        deps.log.warn("webhook.refused", { kind, status });
        return sendProblem(reply, status);
      }
    });
  };
}

/** What Twilio's Advanced Opt-Out says that it did. */
function toKeyword(optOutType: string | undefined): CarrierKeyword | null {
  const word = optOutType?.toLowerCase();
  return word === "stop" || word === "start" || word === "help" ? word : null;
}
