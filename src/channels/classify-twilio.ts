import { z } from "zod";
import type { SendOutcome } from "./channel.ts";
import { meaningOfTwilioCode } from "./twilio-codes.ts";

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
  const meaning = twilioCode === undefined ? undefined : meaningOfTwilioCode(twilioCode)?.refused;
  if (meaning === "pause") return { kind: "throttled", retryAfterMs: LONG_PAUSE_MS, code };
  // A server that waited in vain for the rest of the request has not acted on it.
  if (end.status === 408) return { kind: "not-sent", code };
  const wrongAccount = end.status === 401 || end.status === 403;
  return { kind: "refused", reason: meaning ?? (wrongAccount ? "sender-refused" : "refused"), code };
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
