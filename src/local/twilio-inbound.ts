import { countSegments, makeSid } from "./twilio-messages.ts";
import type { TwilioParams, TwilioPoster } from "./twilio-poster.ts";

/** A text from a phone to a number of the account. */
export type InboundText = { readonly from: string; readonly to: string; readonly body: string };

/** The sid of the text and what the webhook answered. */
export type InboundAnswer = { readonly sid: string; readonly status: number; readonly body: string };

/** Who told which number to be silent. */
export type TwilioOptOuts = {
  /** Takes note of a text that is nothing but a keyword. */
  hear(text: InboundText): void;
  /** Whether a message from this number to this person is refused with 21610. */
  cover(to: string, from: string): boolean;
};

// The keywords Twilio acts on by itself. https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
const STOP = new Set(["STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"]);
const START = new Set(["START", "YES", "UNSTOP"]);

/** Nobody has opted out yet. */
export function createTwilioOptOuts(): TwilioOptOuts {
  const silenced = new Set<string>();
  return {
    hear({ from, to, body }) {
      const word = body.trim().toUpperCase();
      if (STOP.has(word)) silenced.add(`${from} ${to}`);
      if (START.has(word)) silenced.delete(`${from} ${to}`);
    },
    cover: (to, from) => silenced.size > 0 && silenced.has(`${to} ${from}`),
  };
}

/** Posts a text to a webhook as Twilio does, signed. Throws when the webhook does not answer or is not on this machine. */
export async function postInbound(
  poster: TwilioPoster,
  accountSid: string,
  { text, url }: { text: InboundText; url: string },
): Promise<InboundAnswer> {
  const sid = makeSid("SM");
  // https://www.twilio.com/docs/messaging/guides/webhook-request
  const params: TwilioParams = {
    AccountSid: accountSid,
    ApiVersion: "2010-04-01",
    Body: text.body,
    From: text.from,
    MessageSid: sid,
    NumMedia: "0",
    NumSegments: String(countSegments(text.body)),
    SmsMessageSid: sid,
    SmsSid: sid,
    SmsStatus: "received",
    To: text.to,
  };
  return { sid, ...(await poster.post(url, params)) };
}
