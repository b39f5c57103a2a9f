import type { DeliveryFailure } from "../domain/fold-provider-report.ts";
import type { RefusalReason, SendOutcome } from "./channel.ts";
import type { SmtpFailure } from "./smtp-line.ts";

/** How long a relay that says "too much, not now" is left alone. */
const THROTTLE_MS = 60_000;
/** About the recipient: unknown or malformed mailbox, unknown domain, moved away, ambiguous, no mail taken there, mailbox switched off. RFC 3463, RFC 7505. */
const BAD_ADDRESS = new Set(["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1"]);
/** Too big for the system or the mailbox. */
const TOO_BIG = new Set(["5.2.3", "5.3.4"]);
/** Replies about who sends: authentication wanted, too weak, failed, or not encrypted enough. RFC 4954. */
const SENDER_REPLIES = new Set([530, 534, 535, 538]);
/** 550 no such mailbox, 551 not local, 553 name not allowed, 521 and 556 domain takes no mail (RFC 7504). */
const RECIPIENT_REPLIES = new Set([521, 550, 551, 553, 556]);

type Reply = { readonly status: number; readonly enhanced: string | null; readonly code: string };

/**
 * What a broken dialogue means. A reply to what was asked is definitive: 4xx was not taken and may be tried again, 421 (and 454, by which Amazon SES throttles)
 * not before a pause, 5xx never again as it is. Without a reply the phase decides: before the mail's first byte it cannot have been taken, from then on nobody
 * knows. Codes by RFC 5321, RFC 3463 and the IANA registry of enhanced status codes.
 */
export function classifySmtp(failure: SmtpFailure): Exclude<SendOutcome, { kind: "sent" }> {
  const reply = readReply(failure);
  if (reply) return classifyReply(reply, failure);
  if (failure.phase === "data") return { kind: "unknown", code: failure.error };
  if (failure.phase === "envelope" && failure.error === "EMESSAGE") return { kind: "refused", reason: "content-refused", code: "too-big" };
  return { kind: "not-sent", code: failure.error };
}

/** The refusal in the reply; undefined when there is none, or when it does not answer the final dot although the mail was on its way. */
function readReply({ phase, error, reply }: SmtpFailure): Reply | undefined {
  const match = /^([45]\d\d)(?:[ -](\d\.\d{1,3}\.\d{1,3})\b)?/.exec(reply ?? "");
  if (!match || (phase === "data" && error !== "EMESSAGE")) return undefined;
  const [, status = "", enhanced = null] = match;
  return { status: Number(status), enhanced, code: enhanced ? `${status} ${enhanced}` : status };
}

function classifyReply(reply: Reply, failure: SmtpFailure): Exclude<SendOutcome, { kind: "sent" | "unknown" }> {
  const { status, enhanced, code } = reply;
  const underWay = failure.phase === "envelope" || failure.phase === "data";
  if (status === 421 || (status === 454 && underWay)) return { kind: "throttled", retryAfterMs: THROTTLE_MS, code };
  // A relay that turns every connection away says nothing about this message: that is for whoever runs the relay.
  if (failure.phase === "connect") return { kind: "not-sent", code };
  // A full mailbox may be emptied before the message is of no more use, whatever the relay calls it.
  if (status < 500 || enhanced === "5.2.2") return { kind: "not-sent", code };
  return { kind: "refused", reason: findReason(reply, failure), code };
}

function findReason({ status, enhanced }: Reply, { phase, answered }: SmtpFailure): RefusalReason {
  if (phase === "auth" || SENDER_REPLIES.has(status) || enhanced?.startsWith("5.7.")) return "sender-refused";
  if (status === 552 || enhanced?.startsWith("5.6.") || TOO_BIG.has(enhanced ?? "")) return "content-refused";
  if (answered === "MAIL FROM" || enhanced === "5.1.7" || enhanced === "5.1.8") return "sender-refused";
  if (BAD_ADDRESS.has(enhanced ?? "")) return "bad-address";
  // Exchange Online says 550 5.4.1 to a recipient that does not exist.
  const aboutRecipient = answered === "RCPT TO" && (enhanced === null || enhanced === "5.4.1");
  return aboutRecipient && RECIPIENT_REPLIES.has(status) ? "bad-address" : "refused";
}

/** What a bounce says of the address, by its enhanced status code: policy, content and authentication are for whoever runs the mail, not for the patient. */
export function classifyBounce(status: string): DeliveryFailure {
  if (BAD_ADDRESS.has(status)) return "bad-address";
  return status.startsWith("5.7.") || status.startsWith("5.6.") || TOO_BIG.has(status) || status === "5.1.7" || status === "5.1.8"
    ? "ours"
    : "unreachable";
}
