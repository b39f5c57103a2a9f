import { z } from "zod";
import type { RefusalReason, SendOutcome } from "./channel.ts";

/**
 * How a request to create a message ended: answered, or broken off. `written` is whether its first byte may have left; `body` is null when it did not arrive
 * whole; `now` is milliseconds since 1970, for a Retry-After that is a date.
 */
export type TwilioEnd =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfter: string | null;
      readonly body: string | null;
      readonly now: number;
    }
  | { readonly kind: "broken"; readonly written: boolean; readonly error: string };

/** When Twilio says "too many" without saying until when. */
const PAUSE_MS = 1_000;
/** A sender's queue is full (ten hours of texts), or the account reached its cap: a second later it still is. */
const LONG_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

const created = z.object({ sid: z.string().regex(/^(SM|MM)[0-9a-f]{32}$/i) });
const problem = z.object({ code: z.int() });

/** Codes of https://www.twilio.com/docs/api/errors that say more than "refused". */
const REASONS = new Map<number, RefusalReason>([
  [21610, "opted-out"],
  // Not a number, not on a mobile network, not routable, a landline, unknown handset, unreachable carrier.
  ...[21211, 21614, 21612, 21635, 30005, 30006].map((code) => [code, "bad-address"] as const),
  // Credentials, account, or a number that may not send: nothing the patient can mend.
  ...[20003, 20404, 21212, 21408, 21603, 21606, 21608, 21659, 21660, 30002, 30024, 30034].map((code) => [code, "sender-refused"] as const),
  // Filtered by a carrier, no body, body too long, bad validity period.
  ...[30007, 21602, 21617, 90007].map((code) => [code, "content-refused"] as const),
]);
/** 21611 and 30001 queue overflow, 30022 and 63017 rate, 30023 and 63038 daily caps. */
const PAUSES = new Set([21611, 30001, 30022, 30023, 63017, 63038]);

/**
 * What the end of a request means. A text was sent only if a readable answer names its sid. 4xx was not accepted, and 429 never is. A request that was not
 * written yet was not sent; after that anything but an answer may hide an accepted text, a 5xx and an unreadable success among it.
 */
export function classifyTwilio(end: TwilioEnd): SendOutcome {
  if (end.kind === "broken") return { kind: end.written ? "unknown" : "not-sent", code: end.error };
  const { status, body } = end;
  if (status >= 200 && status < 300) {
    const message = created.safeParse(parseJson(body));
    return message.success ? { kind: "sent", providerMessageId: message.data.sid } : { kind: "unknown", code: `http-${status}` };
  }
  if (status < 400 || status >= 500) return { kind: "unknown", code: `http-${status}` };
  const { data } = problem.safeParse(parseJson(body));
  return classifyRefusal(end, data?.code);
}

function classifyRefusal(end: Extract<TwilioEnd, { kind: "answered" }>, twilioCode: number | undefined): SendOutcome {
  const code = twilioCode === undefined ? `http-${end.status}` : String(twilioCode);
  if (end.status === 429 || twilioCode === 20429) return { kind: "throttled", retryAfterMs: readPause(end), code };
  if (twilioCode !== undefined && PAUSES.has(twilioCode)) return { kind: "throttled", retryAfterMs: LONG_PAUSE_MS, code };
  // A server that waited in vain for the rest of the request has not acted on it.
  if (end.status === 408) return { kind: "not-sent", code };
  const wrongAccount = end.status === 401 || end.status === 403;
  const reason = (twilioCode === undefined ? undefined : REASONS.get(twilioCode)) ?? (wrongAccount ? "sender-refused" : "refused");
  return { kind: "refused", reason, code };
}

/** Retry-After in milliseconds: seconds or a date (RFC 9110 section 10.2.3), no longer than an hour. */
function readPause({ retryAfter, now }: { readonly retryAfter: string | null; readonly now: number }): number {
  const seconds = /^\d{1,9}$/.test(retryAfter ?? "") ? Number(retryAfter) * 1_000 : Date.parse(retryAfter ?? "") - now;
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, LONGEST_PAUSE_MS) : PAUSE_MS;
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    // What is not JSON is classified by its status alone.
    return undefined;
  }
}
