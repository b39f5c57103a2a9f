/**
 * `POST /webhooks/twilio/status/:deliveryId`: what became of a text. Checked in this order: size, content type, signature, shape, account; then stored sealed and
 * answered 204 at once, whatever the queue does. Folding it into the delivery is other work. A repeat, even years later, changes nothing.
 * https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
 */
import { createHash } from "node:crypto";
import formbody from "@fastify/formbody";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { insertProviderEvent } from "../../db/provider-events.ts";
import { parsePublicId } from "../../domain/ids.ts";
import { sendProblem } from "../problem.ts";
import { readSigned, type TwilioDeps } from "../twilio-request.ts";

/** Twilio adds fields without notice, so others may stand beside these; a status it adds is kept too, and understood when it is folded. */
const report = z.looseObject({
  AccountSid: z.string().regex(/^AC[0-9a-f]{32}$/),
  MessageSid: z.string().regex(/^(?:SM|MM)[0-9a-f]{32}$/),
  MessageStatus: z.string().regex(/^[a-z_]{3,32}$/),
  ErrorCode: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional(),
});
type Report = z.output<typeof report>;

export function twilioStatus(deps: TwilioDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers();
    await app.register(formbody);
    app.post<{ Params: { deliveryId: string } }>("/webhooks/twilio/status/:deliveryId", async (request, reply) => {
      const params = readSigned(request, deps);
      if (!params) return refuse("signature", 403);
      const read = report.safeParse(params);
      const deliveryId = parsePublicId("delivery", request.params.deliveryId);
      if (!read.success || deliveryId === undefined) return refuse("shape", 400);
      if (read.data.AccountSid !== deps.accountSid) return refuse("account", 403);
      const event = { provider: "twilio", deliveryId, fingerprint: fingerprintOf(read.data), body: JSON.stringify(params) } as const;
      const eventId = await insertProviderEvent(deps.db, event, deps.vault);
      // Not waited for: whatever the queue does, what is stored is folded, within seconds.
      if (eventId !== undefined) deps.hints.add(eventId);
      return reply.code(204).send();

      function refuse(kind: string, status: number) {
        deps.log.warn("webhook.refused", { kind, status });
        return sendProblem(reply, status);
      }
    });
  };
}

/** Twilio numbers no report: the same status of the same message is the same report. */
function fingerprintOf({ MessageSid, MessageStatus, ErrorCode }: Report): Buffer {
  return createHash("sha256")
    .update(["twilio", MessageSid, MessageStatus, ErrorCode ?? ""].join("\n"))
    .digest();
}
