import { randomBytes } from "node:crypto";

/** What Twilio says of a message, in the order in which it can become true. */
export type TwilioStatus = "accepted" | "queued" | "sending" | "sent" | "delivered" | "undelivered" | "failed";

/** A message that the API took: an SMS that would have been sent. Its status and dates change, the rest does not. */
export type TwilioMessage = {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly messagingServiceSid: string | undefined;
  readonly body: string;
  readonly statusCallback: string | undefined;
  /** Seconds. */
  readonly validityPeriod: number | undefined;
  readonly createdAt: Date;
  status: TwilioStatus;
  sentAt: Date | undefined;
  errorCode: number | undefined;
};

const SID_PREFIX = randomBytes(8).toString("hex");
let made = 0;

/** A new identifier: the two letters and 32 hexadecimal digits, unique to this process. */
export function makeSid(letters: "SM"): string {
  made++;
  return `${letters}${SID_PREFIX}${made.toString(16).padStart(16, "0")}`;
}

/** The message as the API shows it. https://www.twilio.com/docs/messaging/api/message-resource#message-properties */
export function toResource(message: TwilioMessage, accountSid: string) {
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}`;
  return {
    account_sid: accountSid,
    api_version: "2010-04-01",
    body: message.body,
    date_created: toRfc2822(message.createdAt),
    date_sent: message.sentAt ? toRfc2822(message.sentAt) : null,
    date_updated: toRfc2822(message.sentAt ?? message.createdAt),
    direction: "outbound-api",
    error_code: message.errorCode ?? null,
    error_message: null,
    // Twilio chooses a service's sender after it has answered.
    from: message.status === "accepted" ? null : message.from,
    messaging_service_sid: message.messagingServiceSid ?? null,
    num_media: "0",
    num_segments: String(countSegments(message.body)),
    price: null,
    price_unit: "USD",
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    tags: null,
    to: message.to,
    uri: `${uri}.json`,
  };
}

function toRfc2822(at: Date): string {
  return at.toUTCString().replace("GMT", "+0000");
}

const GSM_7 = /^[\n\r\f !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ^{}\\[~\]|€]*$/;
const TWO_SEPTETS = /[\f^{}\\[~\]|€]/g;

/** How many SMS a text takes: 160 septets of the GSM alphabet (153 each when split), else 70 UTF-16 units (67). 3GPP TS 23.038. */
export function countSegments(text: string): number {
  if (!GSM_7.test(text)) return text.length <= 70 ? 1 : Math.ceil(text.length / 67);
  const septets = text.length + (text.match(TWO_SEPTETS)?.length ?? 0);
  return septets <= 160 ? 1 : Math.ceil(septets / 153);
}
