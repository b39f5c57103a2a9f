import { Pool } from "undici";
import { machineNow } from "../clock.ts";
import type { DeliveryId } from "../domain/ids.ts";
import type { Channel, Envelope, SendOutcome, SmsContent } from "./channel.ts";
import { classifyTwilio } from "./classify-twilio.ts";
import { isLoopback } from "./loopback.ts";
import { listTwilioTexts, type ListTexts } from "./list-twilio-texts.ts";
import { askTwilio } from "./twilio-request.ts";

export type SmsChannelOptions = {
  readonly accountSid: string;
  readonly authToken: string;
  /** `https://api.twilio.com`, or a local stand-in. */
  readonly apiBaseUrl: string;
  /** The public address that hears what became of a delivery; it carries the delivery's id and nothing else. */
  readonly statusCallbackUrl: (deliveryId: DeliveryId) => string;
  readonly connections: number;
  /** `requestMs` bounds one send from first to last, and with it a worker's clean stop; `keptMs` is how long an unused connection is kept. */
  readonly timeouts?: Partial<typeof TIMEOUTS>;
  /** Milliseconds since 1970, for a Retry-After that is a date. */
  readonly now?: () => number;
};

/** A look-up that is not answered is made again later; it must not hold up a stop. */
const TIMEOUTS = { connectMs: 5_000, answerMs: 15_000, requestMs: 20_000, lookUpMs: 5_000, keptMs: 4_000 };
/** https://www.twilio.com/docs/api/errors/90007: 1 to 36,000 seconds. */
const LONGEST_VALIDITY_S = 36_000;
const E164 = /^\+[1-9]\d{6,14}$/;

/** Sends texts, and finds out what became of one whose answer was lost. */
export type SmsChannel = Channel<SmsContent> & { readonly listTexts: ListTexts };

/**
 * SMS over Twilio's REST API, one request a text, one request at a time on a connection. Twilio has no idempotency key, so a repeat is a second text; every
 * outcome says whether one is safe. Plain http only to this machine. Throws only for options that cannot work.
 */
export function createSmsChannel(options: SmsChannelOptions): SmsChannel {
  const { accountSid, authToken, statusCallbackUrl, connections, now = machineNow } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const pool = openPool(parseApiUrl(options.apiBaseUrl), { connections, timeouts });
  const path = `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`;
  const asking = {
    authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`,
    accept: "application/json",
  };
  const headers = { ...asking, "content-type": "application/x-www-form-urlencoded" };
  const get = (page: string) => askTwilio(pool, { path: page, headers: asking, body: null, deadlineMs: timeouts.lookUpMs, now });
  let underWay = 0;
  let closed: Promise<void> | undefined;

  async function send(envelope: Envelope, { body }: SmsContent): Promise<SendOutcome> {
    // Twilio reads "whatsapp:+1..." and the like as another channel.
    if (!E164.test(envelope.to)) return { kind: "refused", reason: "bad-address", code: "malformed-to" };
    const form = toForm(envelope, { body, statusCallback: statusCallbackUrl(envelope.deliveryId) });
    underWay += 1;
    try {
      return classifyTwilio(await askTwilio(pool, { path, headers, body: form, deadlineMs: timeouts.requestMs, now }));
    } finally {
      underWay -= 1;
    }
  }

  return {
    name: "sms",
    freeConnections: () => (closed ? 0 : Math.max(0, connections - underWay)),
    send,
    listTexts: listTwilioTexts({ path, get }),
    close: () => (closed ??= pool.close()),
  };
}

function openPool(url: URL, { connections, timeouts }: { readonly connections: number; readonly timeouts: typeof TIMEOUTS }): Pool {
  return new Pool(url.origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: timeouts.connectMs },
    headersTimeout: timeouts.answerMs,
    bodyTimeout: timeouts.answerMs,
    // Short, and not longer because the server asks for it: a connection that died unnoticed makes the next text "maybe sent".
    keepAliveTimeout: timeouts.keptMs,
    keepAliveMaxTimeout: timeouts.keptMs,
  });
}

function parseApiUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))) {
    throw new Error("The Twilio API's address must be https, or http on this machine.");
  }
  if (url.pathname !== "/" || url.search || url.hash || url.username)
    throw new Error("The Twilio API's address must end after its host and port.");
  return url;
}

function toForm(
  { from, to, validSeconds }: Envelope,
  { body, statusCallback }: { readonly body: string; readonly statusCallback: string },
): string {
  return new URLSearchParams({
    To: to,
    From: from.address,
    Body: body,
    StatusCallback: statusCallback,
    ValidityPeriod: String(Math.min(LONGEST_VALIDITY_S, Math.max(1, Math.floor(validSeconds)))),
  }).toString();
}
