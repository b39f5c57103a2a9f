import { createHmac, randomUUID } from "node:crypto";
import { Agent, request } from "undici";

/** A form as Twilio posts it. */
export type TwilioParams = Readonly<Record<string, string>>;

/** Posts signed forms the way Twilio does. */
export type TwilioPoster = {
  /** Posts and returns the answer. Throws when none comes within 15 seconds, and for a host that is not this machine: the stand-in speaks to nobody else. */
  post(url: string, params: TwilioParams): Promise<{ status: number; body: string }>;
  /** Breaks off what is under way. */
  close(): Promise<void>;
};

/** Twilio's own limit for an answer. */
const ANSWER_WITHIN_MS = 15_000;

/** A poster that signs with this account's token and keeps a few connections open. */
export function createTwilioPoster(authToken: string): TwilioPoster {
  const dispatcher = new Agent({ connections: 16, headersTimeout: ANSWER_WITHIN_MS, bodyTimeout: ANSWER_WITHIN_MS });
  return {
    async post(url, params) {
      if (!isLoopback(url)) throw new Error(`${new URL(url).host} is not this machine: the local Twilio API calls nobody else.`);
      const answer = await request(url, {
        dispatcher,
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded; charset=utf-8",
          "x-twilio-signature": signTwilioRequest(authToken, url, params),
          "i-twilio-idempotency-token": randomUUID(),
          "user-agent": "TwilioProxy/1.1",
        },
        body: new URLSearchParams(params).toString(),
      });
      return { status: answer.statusCode, body: await answer.body.text() };
    },
    close: () => dispatcher.destroy(),
  };
}

/** The X-Twilio-Signature of a form: the address exactly as configured, then every name and value, by name. https://www.twilio.com/docs/usage/security */
export function signTwilioRequest(authToken: string, url: string, params: TwilioParams): string {
  const signed = Object.keys(params)
    .sort()
    .reduce((text, name) => `${text}${name}${params[name]}`, url);
  return createHmac("sha1", authToken).update(signed, "utf8").digest("base64");
}

/** Whether an address leads to this machine and no other. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
