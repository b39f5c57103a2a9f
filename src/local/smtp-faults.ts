import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { FaultScript, Limited } from "./fault-script.ts";

/** The moments at which the server answers: greeting, EHLO, MAIL FROM, RCPT TO, and the dot that ends a mail. */
export type SmtpPhase = "connect" | "ehlo" | "mail" | "rcpt" | "dot";

/**
 * What goes wrong. `refuse` answers with `code` (421 also hangs up), `drop` resets the connection, `hang` never answers: the mail is not accepted. The two
 * `-after-accepting` faults happen after the dot, when the ledger already has the mail and the sender cannot know. `drip` sends every reply a byte at a time.
 * `to` limits a fault at `rcpt` or `dot` to mails for that address.
 */
export type SmtpFault = Limited &
  (
    | { readonly does: "refuse"; readonly at: "connect" | "mail"; readonly code: number }
    | { readonly does: "refuse"; readonly at: "rcpt" | "dot"; readonly code: number; readonly to?: string }
    | { readonly does: "drop" | "hang"; readonly at: "connect" | "ehlo" | "mail" }
    | { readonly does: "drop" | "hang"; readonly at: "rcpt" | "dot"; readonly to?: string }
    | { readonly does: "drop-after-accepting" | "hang-after-accepting"; readonly to?: string }
    | { readonly does: "drip"; readonly everyMs: number }
  );

/** Whether the fault strikes at this phase, of a mail with these recipients. */
export function strikesAt(fault: SmtpFault, phase: SmtpPhase, recipients: readonly string[] = []): boolean {
  if (fault.does === "drip") return false;
  const at = "at" in fault ? fault.at : "dot";
  const to = "to" in fault ? fault.to : undefined;
  return at === phase && (to === undefined || recipients.some((recipient) => recipient.toLowerCase() === to.toLowerCase()));
}

/** Puts the script between the server and this connection, for what the server has no hook for: its reply to EHLO, and the pace of all replies. */
export function scriptReplies(socket: Socket, script: FaultScript<SmtpFault>): void {
  const send = socket.write.bind(socket);
  const drip = script.take(({ does }) => does === "drip");
  let sent = Promise.resolve();
  socket.write = (reply: string | Uint8Array): boolean => {
    const ehlo = isEhloReply(reply) ? script.take((fault) => strikesAt(fault, "ehlo")) : undefined;
    if (ehlo?.does === "drop") socket.resetAndDestroy();
    if (ehlo) return true;
    if (drip?.does !== "drip") return send(reply);
    sent = sent.then(() => sendSlowly(socket, { reply: Buffer.from(reply), everyMs: drip.everyMs, send }));
    return true;
  };
}

// The only reply of several lines that the server ever gives.
function isEhloReply(reply: string | Uint8Array): boolean {
  return reply.toString().startsWith("250-");
}

async function sendSlowly(
  socket: Socket,
  { reply, everyMs, send }: { reply: Buffer; everyMs: number; send: (byte: Buffer) => boolean },
): Promise<void> {
  for (const byte of reply) {
    if (socket.destroyed) return;
    send(Buffer.from([byte]));
    await delay(everyMs);
  }
}
